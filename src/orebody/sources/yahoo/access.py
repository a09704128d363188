"""What is asked of Yahoo and what of the cache: one place that knows how old is too old, and what is wanted as of when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from orebody.errors import OrebodyError, ParameterError
from orebody.sources.cache.entries import CachedQuotes, CachedTable
from orebody.sources.cache.store import MAX_AGE, Cache
from orebody.sources.cache.vintages import moment

if TYPE_CHECKING:
    import pandas as pd

    from orebody.sources.quotes import Quotes

__all__ = ["Progress", "QuoteProvider"]

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class QuoteProvider:
    """How quotes and tables are come by.

    Parameters
    ----------
    cache
        Where they are kept.
    offline
        Never ask Yahoo.
    max_age
        How old what is kept may be before Yahoo is asked again.
    as_of
        The state of that day or moment; Yahoo is not asked then.

    Raises
    ------
    ParameterError
        For a `max_age` that is no span of time.
    """

    cache: Cache = field(default_factory=Cache)
    offline: bool = False
    max_age: dt.timedelta = MAX_AGE
    as_of: str | dt.date | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.max_age, dt.timedelta) or self.max_age < dt.timedelta(0):
            raise ParameterError(f"max_age is {self.max_age!r}: give a datetime.timedelta that is not negative")

        if self.as_of is not None:
            moment(self.as_of)  # refuses what is none before anything is looked for

    @property
    def asks(self) -> bool:
        """Whether Yahoo may be asked at all."""
        return not self.offline and self.as_of is None

    def quotes(self, tickers: Iterable[str], progress: Progress | None = None) -> dict[str, CachedQuotes | OrebodyError]:
        """Return the quotes of each ticker, or why there are none, in the order given."""
        names = list(dict.fromkeys(tickers))
        if not self.asks:
            return {name: self._kept(name) for name in names}
        from orebody.sources.yahoo import client
        from orebody.sources.yahoo.downloads import download

        stored: dict[str, CachedQuotes] = {}

        def fetch(name: str, _: object, sleep: Callable[[float], object]) -> Quotes:
            stored[name] = self.cache.refresh(name, partial(client.quotes, sleep=sleep), max_age=self.max_age)
            return stored[name].quotes

        failed = {name: came for name, came in download(names, progress=progress, fetch=fetch) if isinstance(came, OrebodyError)}
        return {name: failed[name] if name in failed else stored[name] for name in names}

    def table(self, ticker: str, kind: str, fetch: Callable[[str], pd.DataFrame]) -> CachedTable:
        """Return a table that stands beside the quotes; raises as `Cache.load_table` and `Cache.refresh_table` do."""
        if not self.asks:
            return self.cache.load_table(ticker, kind, as_of=self.as_of)
        return self.cache.refresh_table(ticker, kind, fetch, max_age=self.max_age)

    def has(self, ticker: str) -> bool:
        """Whether any quotes of a ticker are cached."""
        try:
            return bool(self.cache.load(ticker).vintages)
        except OrebodyError:
            return False

    def _kept(self, name: str) -> CachedQuotes | OrebodyError:
        try:
            return self.cache.load(name, as_of=self.as_of)
        except OrebodyError as error:
            return error
