"""What was found about all tickers together: as a list, a table, a text; and the refusal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from orebody.errors import DataError
from orebody.quality.finding import Finding

__all__ = ["QualityReport", "refuse_errors"]

_WIDTH = 80
_NAMED = 8  # findings that a refusal spells out: more do not fit a screen
_COLUMNS = ("ticker", "kind", "first", "last", "count", "wrong", "repairable", "what")


@dataclass(frozen=True)
class QualityReport:
    """All findings about the prices of one market.

    Attributes
    ----------
    findings
        In the order of the tickers inspected, wrong and doubtful.
    """

    findings: tuple[Finding, ...] = ()

    @classmethod
    def of(cls, parts: Iterable[Iterable[Finding]]) -> QualityReport:
        """Return the findings of several tickers as one."""
        return cls(tuple(finding for part in parts for finding in part))

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The findings for which prices are refused."""
        return tuple(finding for finding in self.findings if finding.wrong)

    @property
    def doubtful(self) -> tuple[Finding, ...]:
        """The findings that are only noted."""
        return tuple(finding for finding in self.findings if not finding.wrong)

    @property
    def table(self) -> pd.DataFrame:
        """One row a finding: ticker, kind, first, last, count, wrong, repairable, what."""
        rows = [(f.ticker, f.kind, f.first, f.last, f.count, f.wrong, f.fix is not None, f.what) for f in self.findings]
        return pd.DataFrame(rows, columns=list(_COLUMNS))

    def __str__(self) -> str:
        if not self.findings:
            return "nothing found"
        parts = (("wrong", self.wrong), ("doubtful, only noted", self.doubtful))
        return "\n".join(f"{title}:\n{_list(findings)}" for title, findings in parts if findings)


def refuse_errors(report: QualityReport) -> None:
    """Refuse prices about which anything is wrong.

    Raises
    ------
    DataError
        With the first findings and the number of the others, when any finding is wrong.
    """
    wrong = report.wrong
    if not wrong:
        return
    more = f"\n  and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
    mendable = sum(finding.fix is not None for finding in wrong)
    if mendable == len(wrong):
        remedy = "mend the data, or ask for repair='drop' or repair='mask', which do and list what they do"
    elif mendable:
        remedy = f"mend the data; repair='drop' and repair='mask' can mend {mendable} of these, not all"
    else:
        remedy = "mend the data or begin after these days; no repair can tell what is right here"
    things = "thing is" if len(wrong) == 1 else "things are"
    raise DataError(f"the prices cannot be trusted, {len(wrong)} {things} wrong:\n{_list(wrong[:_NAMED])}{more}\n{remedy}")


def _list(findings: Iterable[Finding]) -> str:
    return "\n".join(
        textwrap.fill(str(finding), _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False) for finding in findings
    )
