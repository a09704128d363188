"""A market that notes whether it was asked when accounts open: who never asks decides the same whatever the answer."""

from __future__ import annotations

import dataclasses

from orebody.market.market import Market

__all__ = ["OpeningProbe"]


class OpeningProbe(Market):
    """A market that notes in `asked` whether anything read its `opening`, itself or through a method.

    What was decided on it unasked may stand for the same market opened elsewhere. Copies of it (`cut`, `opened`) read the opening to
    hand it on, and so count as asking.
    """

    @classmethod
    def of(cls, market: Market) -> OpeningProbe:
        """Return the same market, watched from now on."""
        return cls(**{field.name: getattr(market, field.name) for field in dataclasses.fields(market)})

    @property
    def asked(self) -> bool:
        """Whether anything has read the opening."""
        return bool(self.__dict__.get("_asked", False))

    @property
    def opening(self) -> int:
        """The bar on which accounts open."""
        self.__dict__["_asked"] = True
        return int(self.__dict__["_opening"])

    @opening.setter
    def opening(self, bar: int) -> None:
        self.__dict__["_opening"] = bar
