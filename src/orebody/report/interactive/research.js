"use strict";
// A page of research: its pictures, and nothing to press.
orebody.embed();
