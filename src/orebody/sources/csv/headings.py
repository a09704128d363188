"""What a heading means: the words of providers, of programs and of several languages for the day and its prices."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["DATES", "PRICES", "TIMES", "letters", "plain"]

DATES = (
    "date",
    "datetime",
    "observationdate",
    "tradedate",
    "tradingdate",
    "tradingday",
    "businessdate",
    "pricedate",
    "datum",
    "fecha",
    "data",
    "datumuhrzeit",
    "datumzeit",
    "dateheure",
    "fechahora",
    "timestamp",
    "timestamputc",
    "gmttime",
    "utctime",
    "localtime",
    "datetimeutc",
    "dateutc",
    "dategmt",
    "timeutc",
    "time",
    "t",
    "unix",
    "unixtime",
    "unixtimestamp",
    "epoch",
)
"""Headings of the column of dates, the plainest first: of two of them in one file the earlier counts."""

TIMES = ("time", "uhrzeit", "zeit", "hora", "heure", "ora")
"""Headings of a column of times of day, beside one of dates."""

PRICES = {
    "open": (
        "open",
        "o",
        "openprice",
        "opening",
        "openingprice",
        "eroffnung",
        "eroffnungskurs",
        "eroffn",
        "eroffnungspreis",
        "eroeffnung",
        "eroeffnungskurs",
        "erster",
        "ersterkurs",
        "apertura",
        "aper",
        "ouverture",
        "ouv",
        "coursdouverture",
        "abertura",
        "aperturaprecio",
    ),
    "high": (
        "high",
        "h",
        "highprice",
        "dayhigh",
        "hoch",
        "hochst",
        "hochstkurs",
        "hoechst",
        "hoechstkurs",
        "tageshoch",
        "maximo",
        "max",
        "maximum",
        "maxima",
        "massimo",
        "alto",
        "plushaut",
        "haut",
    ),
    "low": (
        "low",
        "l",
        "lowprice",
        "daylow",
        "tief",
        "tiefst",
        "tiefstkurs",
        "tagestief",
        "minimo",
        "min",
        "minimum",
        "minima",
        "bajo",
        "plusbas",
        "bas",
    ),
    "close": (
        "close",
        "c",
        "closeprice",
        "closing",
        "closingprice",
        "schlusskurs",
        "schluss",
        "schlusspreis",
        "cierre",
        "cloture",
        "coursdecloture",
        "chiusura",
        "fechamento",
        "price",
        "closelast",
        "last",
        "latest",
        "lastprice",
        "settle",
        "settlement",
        "settlementprice",
        "zuletzt",
        "letzter",
        "letzterkurs",
        "ultimo",
        "ultimoprecio",
        "dernier",
        "derniercours",
        "precio",
        "preis",
        "kurs",
        "cours",
    ),
    "adjclose": (
        "adjclose",
        "bereinigterschlusskurs",
        "bereinigterschluss",
        "adjschlusskurs",
        "adjschluss",
        "cierreajustado",
        "cierreajust",
        "clotureajustee",
        "coursdeclotureajuste",
        "chiusuraaggiustata",
        "fechamentoajustado",
    ),
}
"""Headings of each price, by the letters of their names; of several for one price the earlier counts."""

_EXPLAINED = re.compile(r"^(adj(?:usted|\.)? close|close)\**\s+(?:adjusted\s+)?close price adjusted\b.*$", re.IGNORECASE)  # Yahoo's site
_NUMBERED = re.compile(r"^\d+[a-z]?\.\s*")  # Alpha Vantage: 1. open, 4a. close (USD)
_IN_MONEY = re.compile(r"\s*[(\[](?:in )?(?:usd|us\$|\$|eur|€|gbp|£|cad|aud|zar|chf)[)\]]\s*$", re.IGNORECASE)


def letters(name: object) -> str:
    """Return the letters of a heading in small ones: ``Adj Close**`` and ``<ADJ_CLOSE>`` are the same."""
    return "".join(letter for letter in str(name).lower() if letter.isalpha())


def plain(name: object) -> str:
    """Return the letters of a heading without accents, numbering, currency and explanation: ``4a. close (USD)`` is ``close``."""
    text = _EXPLAINED.sub(r"\1", str(name).strip())
    text = _IN_MONEY.sub("", _NUMBERED.sub("", text))
    return letters(unicodedata.normalize("NFKD", text.replace("ß", "ss")))
