"""Dates with the month in words: ``May 22, 2006``, ``22-May-2006``, ``22. Mai 2006``, ``22 mai 2006``, ``22 de mayo de 2006``."""

from __future__ import annotations

import unicodedata

import pandas as pd

__all__ = ["WORDED", "days_in_words"]

_WORD = r"[^\W\d_]{3,10}\.?"
_DAY_OF_WEEK = r"(?:[^\W\d_]{2,10}\.?,? )?"
WORDED = rf"(?P<day>{_DAY_OF_WEEK}(?:{_WORD}[ -]\d{{1,2}},?[ -]\d{{4}}|\d{{1,2}}\.?[- ](?:de )?{_WORD}[- ](?:de )?\d{{4}}))"
"""The pattern of such a date."""

_PARTS = (
    rf"^{_DAY_OF_WEEK}(?P<month>{_WORD})[ -](?P<number>\d{{1,2}}),?[ -](?P<year>\d{{4}})$",
    rf"^{_DAY_OF_WEEK}(?P<number>\d{{1,2}})\.?[- ](?:de )?(?P<month>{_WORD})[- ](?:de )?(?P<year>\d{{4}})$",
)
_MONTHS = (
    "january januar jan janvier janv enero ene gennaio gen janeiro",
    "february februar feb fevrier fevr fev febrero febbraio fevereiro",
    "march marz maerz mar mars marzo marco mrz",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag maio",
    "june juni jun juin junio giugno giu junho",
    "july juli jul juillet juil julio luglio lug julho",
    "august aug aout aou agosto ago",
    "september sept sep septembre septiembre settembre set setembro",
    "october oktober okt oct octobre octubre ottobre ott outubro out",
    "november nov novembre noviembre novembro",
    "december dezember dez dec decembre diciembre dic dicembre dezembro",
)
_NUMBER = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}


def days_in_words(texts: pd.Series) -> pd.Series:
    """Return the days of such texts; NaT where a word is no month of English, German, French, Spanish, Italian or Portuguese."""
    parts = texts.str.extract(_PARTS[0])
    other = texts.str.extract(_PARTS[1])
    parts = parts.where(parts["month"].notna(), other[parts.columns])
    month = parts["month"].map(_month).astype("str")
    plain = parts["year"] + "-" + month + "-" + parts["number"]
    return pd.to_datetime(plain, format="%Y-%m-%d", errors="coerce")


def _month(word: object) -> str | None:
    if not isinstance(word, str):
        return None
    letters = "".join(letter for letter in unicodedata.normalize("NFKD", word.lower()) if letter.isalpha())
    return str(_NUMBER[letters]) if letters in _NUMBER else None
