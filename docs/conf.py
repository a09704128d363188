"""Sphinx's settings for the site; `make docs` builds it. What it generates stands in docs/_site/."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_site"))

project = "orebody"
author = "The orebody developers"
copyright = "the orebody developers"

extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "generated"]
exclude_patterns = ["_build", "_site"]

myst_heading_anchors = 3
default_role = "py:obj"  # `backtest` in a docstring leads to its entry; what is no public name stays code
add_module_names = False
autodoc_typehints = "signature"
python_maximum_signature_line_length = 88
autodoc_member_order = "bysource"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # members have entries of their own
numpydoc_class_members_toctree = False

smartquotes = False  # text says what its source says

html_theme = "furo"
html_title = "orebody"
html_static_path = ["_site/static"]
html_css_files = ["site.css"]
html_show_search_summary = False  # a page opened from a file may not read others
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
