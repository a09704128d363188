"""What the report says in words: the verdict, the cash rate, marks, what is withheld, where prices came from, what reasons mean."""

from __future__ import annotations

import math
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from comparison_fixture import comparison, html_of, own_page
from html_pages import Page
from small_markets import FREE, Told, market

import orebody as ob
from orebody.market.caveats import NO_RATE
from orebody.report.comparison import index_page
from orebody.report.page import cash_rate
from orebody.report.sections import fills
from orebody.report.sections.ranking import ranking
from orebody.report.sections.summary import verdict
from orebody.report.tearsheet import document
from orebody.strategies import BuyAndHold, DollarCostAverage, RatioRotation
from orebody.testing import random_market
from project import DOCS

DAYS = ["2020-01-01", "2020-07-01", "2021-01-04", "2021-07-01"]


def told(closes: list[list[float]], cash: float = 1_000, **strategies: list[list[float]]) -> ob.Comparison:
    """Strategies that state weights on each bar, on closes that are the next opens too."""
    opens = [closes[0], *closes[:-1]]
    made = {name: Told(ob.Decisions(weights=np.array(weights))) for name, weights in strategies.items()}
    return ob.compare(made, market(DAYS, opens, closes), ob.Account(cash=cash, costs=FREE), check_lookahead=False)


# bought at 10 at the second open: the metal makes half, the miners double
CLOSES = [[10.0, 10.0], [10.0, 10.0], [12.0, 20.0], [15.0, 20.0]]


class TestVerdict:
    def test_one_strategy_in_plain_grammar(self) -> None:
        said = verdict(told(CLOSES, only=[[0.5, 0.5], *[[math.nan] * 2] * 3]))
        # 500 become 750 in the metal and 1,000 in the miners
        assert said.startswith("1,000.00 put in since 2020-01-01 became 1,500.00 in A and 2,000.00 in B.")
        assert "The one strategy, only, ended with 1,750.00: 250.00 more than the metal and 250.00 less than the miners." in said
        assert "Of 1" not in said
        assert "chosen afterwards" not in said

    def test_amounts_that_stand_together_have_cents_or_none_has(self) -> None:
        made = told(CLOSES, only=[[0.5, 0.5], *[[math.nan] * 2] * 3], cash=80_000)
        said = verdict(made)
        # 40,000 become 60,000 in the metal and 80,000 in the miners
        assert said.startswith("80,000 put in since 2020-01-01 became 120,000 in A and 160,000 in B.")
        assert "ended with 140,000: 20,000 more than the metal and 20,000 less than the miners." in said
        rows = [line.split()[-9] for line in repr(made).splitlines() if "%" in line]
        assert rows == ["160,000", "140,000", "120,000"], repr(made)
        small = told(CLOSES, only=[[0.0, 0.0], *[[math.nan] * 2] * 3], cash=60_000)
        assert [row.cells[0].text for row in ranking(small)] == ["120,000", "90,000", "60,000"]

    def test_several_are_counted_and_the_best_was_chosen_afterwards(self) -> None:
        rest = [[math.nan] * 2] * 3
        said = verdict(told(CLOSES, half=[[0.5, 0.5], *rest], less=[[0.5, 0.0], *rest]))
        assert "Of 2 strategies 1 ended with more than the metal. The best by money, half, ended" in said
        assert "It is the best of 2, chosen afterwards" in said
        assert "significance" in said

    def test_as_much_is_neither_more_nor_less(self) -> None:
        said = verdict(told(CLOSES, same=[[1.0, 0.0], *[[math.nan] * 2] * 3]))
        assert "same, ended with 1,500.00: as much as the metal and 500.00 less than the miners." in said
        assert "But" not in said

    def test_more_money_with_less_time_weighted_return_and_a_lower_sharpe_ratio_is_said(self) -> None:
        # it sits out the first doubling of the metal with little money, and doubles the much money that came later
        days = pd.bdate_range("2020-01-01", periods=800)
        metal = np.concatenate((np.linspace(10, 40, 400), np.full(400, 40.0)))
        miners = np.concatenate((np.full(400, 10.0), np.linspace(10, 20, 400)))
        wobble = 1 + 0.002 * np.resize([1.0, -1.0], 800)
        prices = market(days, np.column_stack((metal * wobble, miners)))
        weights = np.full((800, 2), np.nan)
        weights[0], weights[400] = [0.0, 0.0], [0.0, 1.0]
        contribution_split = np.where(np.arange(800)[:, None] < 400, [0.0, 0.0], [0.0, 1.0])
        made = ob.compare(
            {"late": Told(ob.Decisions(weights=weights, contribution_split=contribution_split))},
            prices,
            ob.Account(cash=100, contribution=1_000, costs=FREE),
            check_lookahead=False,
        )
        late, held = made.metrics["late"], made.metrics["metal: A"]
        assert late.final_equity > held.final_equity
        assert late.cagr < held.cagr
        assert f"But it lags the metal per unit of time (CAGR {100 * late.cagr:.2f} % against {100 * held.cagr:.2f} %)" in verdict(made)

    def test_no_strategy_is_no_sentence_on_the_best(self) -> None:
        assert verdict(ob.compare({}, random_market(1))).endswith(".")
        assert "best" not in verdict(ob.compare({}, random_market(1)))


@cache
def folder(where: Path) -> Path:
    """A folder of made-up prices of 300 days, without a rate, a gauge or a currency."""
    days, prices = pd.bdate_range("2020-01-01", periods=300), np.random.RandomState(3)
    for ticker in ("METAL", "MINER"):
        close = 50 * np.exp(np.cumsum(prices.standard_normal(300) * 0.01))
        table = pd.DataFrame({"Open": close, "High": close * 1.01, "Low": close * 0.99, "Close": close}, index=days.rename("Date"))
        table.round(4).to_csv(where / f"{ticker}.csv")
    return where


def of_folder(where: Path, **options: object) -> ob.Market:
    return ob.load_market(ob.Universe("u", "METAL", ("MINER",)), source=folder(where), **options)  # type: ignore[arg-type]


def settings(page: Page) -> dict[str, str]:
    return {row[0]: row[1] for row in [[" ".join(cell.split()) for cell in page.tables["settings"][0]], *page.rows("settings")]}


class TestProvenance:
    def test_a_folder_says_that_no_rate_is_known(self, tmp_path: Path) -> None:
        plain = of_folder(tmp_path)
        assert cash_rate(ob.Account(), plain) == "none known: 0 % assumed"
        assert cash_rate(ob.Account(cash_rate=0.0), plain) == "the account's own, 0.00 % on average, simple, actual/365"
        assert cash_rate(ob.Account(), of_folder(tmp_path, cash_rate=0.0)).startswith("the market's, 0.00 %")
        assert cash_rate(ob.Account(), random_market(1, cash_rate=0.02)).startswith("the market's, 2.00 %")
        sheet = Page(document.html(ob.backtest(BuyAndHold(), plain)))
        assert "no cash rate is known: 0 % is assumed." in sheet.words
        assert settings(sheet)["Cash rate"] == "none known: 0 % assumed"

    def test_a_folder_says_what_was_inspected_its_currency_and_its_gauges(self, tmp_path: Path) -> None:
        rows = settings(Page(html_of(ob.compare([BuyAndHold()], of_folder(tmp_path)))))
        assert rows["Inspected"] == "METAL, MINER, before anything was computed: nothing wrong, nothing repaired; nothing doubtful"
        assert rows["Currency"] == "not stated: all prices are taken to be in one, and converted nowhere"
        assert rows["Gauges"] == "none"
        (tmp_path / "currencies.csv").write_text("Ticker,Currency\nMETAL,USD\nMINER,USD\n")
        (tmp_path / "gauges").mkdir()
        (tmp_path / "gauges" / "dollar.csv").write_text("Date,Value\n2020-01-01,90\n")
        again = settings(Page(html_of(ob.compare([BuyAndHold()], of_folder(tmp_path)))))
        assert again["Currency"] == "USD, all prices"
        assert again["Gauges"] == "dollar"

    def test_repairs_are_counted(self, tmp_path: Path) -> None:
        folder(tmp_path)
        lines = (tmp_path / "MINER.csv").read_text().splitlines()
        day, *cells = lines[150].split(",")
        lines[150] = ",".join([day, *(str(float(cell) * 100) for cell in cells)])  # a false print
        (tmp_path / "MINER.csv").write_text("\n".join(lines) + "\n")
        text = settings(Page(html_of(ob.compare([BuyAndHold()], of_folder(tmp_path, repair="drop")))))["Inspected"]
        assert "1 thing wrong, repaired ('drop') as listed" in text

    def test_the_slowest_says_what_it_costs(self) -> None:
        prices = random_market(2, bars=300, start="2020-01-01")  # business days
        made = ob.compare(
            {"slow": RatioRotation(window=200), "fast": RatioRotation(window=50), "hold": BuyAndHold()}, prices, check_lookahead=False
        )
        late, early = prices.dates[made.market.opening], prices.dates[made.strategies["fast"].bars_needed - 1]
        first = prices.dates[0].date()
        costs = f"without slow, which needs 200 bars, accounts could open on {early.date()}, and with no warm-up at all on {first}."
        assert late == prices.dates[199]
        assert made.opening.endswith(costs)
        alone = ob.compare({"slow": RatioRotation(window=200)}, prices, check_lookahead=False).opening
        assert alone.endswith(f"slow needs 200 bars, and with a shorter warm-up accounts could open on {first}.")
        two = ob.compare(
            {"one": RatioRotation(window=200), "two": RatioRotation(window=200, entry=2.0)}, prices, check_lookahead=False
        ).opening
        assert "one and two need" in two


class TestLessThanAYear:
    def test_cagr_and_xirr_follow_one_rule(self) -> None:
        prices = random_market(4, bars=400, start="2020-01-01")
        year = prices.dates.searchsorted(prices.dates[-1] - pd.Timedelta(days=366))
        whole, short = (ob.backtest(BuyAndHold(), prices.opened(int(at)), check_lookahead=False).metrics() for at in (year - 1, year + 3))
        assert not math.isnan(whole.cagr)
        assert not math.isnan(whole.xirr)
        assert math.isnan(short.cagr)
        assert math.isnan(short.xirr)

    def test_it_is_said_on_the_index_and_in_the_repr(self) -> None:
        prices = random_market(4, bars=400, start="2020-01-01")
        made, short = (ob.compare([BuyAndHold()], prices.opened(at), check_lookahead=False) for at in (1, 300))
        assert made.withheld == ""
        assert "open for less than a year" not in Page(html_of(made)).words
        assert "open for less than a year: CAGR, XIRR and Calmar" in Page(html_of(short)).words
        assert "open for less than a year" in repr(short)


@cache
def called() -> ob.Comparison:
    """An account of twice its equity in miners, which open at 6 after 10."""
    closes = [[10.0, 10.0], [10.0, 10.0], [10.0, 6.0], [10.0, 6.0]]
    opens = [[10.0, 10.0], [10.0, 10.0], [10.0, 6.0], [10.0, 6.0]]
    weights = np.array([[0.0, 2.0], *[[math.nan] * 2] * 3])
    free = ob.Costs(commission=0.0, slippage=0.0, financing_spread=0.0)
    account = ob.Account(cash=1_000, leverage=2.0, maintenance_margin=0.25, costs=free)
    return ob.compare({"geared": Told(ob.Decisions(weights=weights))}, market(DAYS, opens, closes), account, check_lookahead=False)


class TestMarks:
    def test_a_margin_call_is_marked_everywhere(self) -> None:
        # 200 units bought at 10 with 1,000 borrowed are worth 1,200 at 6: equity 200 is below 0.25 x 1,200
        made = called()
        result = made.results["geared"]
        assert [str(day.date()) for day in result.margin_calls] == ["2021-01-04"]
        assert result.flags == ("margin call on 2021-01-04",)
        assert "margin call on 2021-01-04" in next(row[0] for row in Page(html_of(made)).rows("ranking") if row[0].startswith("geared"))
        assert "1 margin call, the first on 2021-01-04" in own_page(made, "geared").words
        assert "geared (margin call on 2021-01-04)" in repr(made)
        assert "MARGIN CALLS cut its positions once, on 2021-01-04." in Page(document.html(result)).words
        assert made.results["metal: A"].flags == ()

    def test_the_highest_exposure_is_what_prices_carried_it_to(self) -> None:
        # bought at twice equity; at the close of the fall it was cut to 2 x 200 of 200: twice again, and never more at a close
        assert called().metrics["geared"].highest_exposure == pytest.approx(2.0)
        closes = [[10.0, 10.0], [10.0, 10.0], [10.0, 8.0], [10.0, 8.0]]
        weights = np.array([[0.0, 2.0], *[[math.nan] * 2] * 3])
        account = ob.Account(cash=1_000, leverage=2.0, costs=ob.Costs(slippage=0.0, financing_spread=0.0))
        run = ob.backtest(Told(ob.Decisions(weights=weights)), market(DAYS, closes), account, check_lookahead=False)
        # 200 units at 8 are 1,600, of which 1,000 are owed: 1,600 / 600
        assert run.metrics().highest_exposure == pytest.approx(1_600 / 600)
        assert not len(run.margin_calls)

    def test_exposure_far_beyond_the_leverage_stands_beside_the_label(self) -> None:
        closes = [[10.0, 10.0], [10.0, 10.0], [10.0, 25.0], [10.0, 10.0]]
        rest = [[math.nan] * 2] * 3
        free = ob.Costs(commission=0.0, slippage=0.0, borrow_rate=0.0)
        short, half = (Told(ob.Decisions(weights=np.array([first, *rest]))) for first in ([0.5, -0.5], [0.5, 0.0]))
        opens = [closes[0], closes[1], closes[1], closes[1]]
        account = ob.Account(cash=1_000, maintenance_margin=0.0, costs=free)
        page = Page(html_of(ob.compare({"short": short, "half": half}, market(DAYS, opens, closes), account, check_lookahead=False)))
        # 50 long at 10 and 50 short at 25: 500 + 1,250 over 1,000 - 750
        names = [row[0] for row in page.rows("ranking")]
        assert [name for name in names if "exposure" in name] == ["short exposure up to 700%"]
        # at a close never beyond its limit of 2
        assert not any("exposure" in row[0] for row in Page(html_of(called())).rows("ranking"))

    def test_a_label_cannot_move_the_cursor(self) -> None:
        made = ob.compare({"a\x1b[2J\nb": BuyAndHold()}, random_market(1), check_lookahead=False)
        assert "\x1b" not in repr(made)
        assert "a\\x1b[2J b" in repr(made)


class TestUnpaidCash:
    def test_that_cash_earned_nothing_for_want_of_a_rate_stands_beside_the_verdict(self) -> None:
        said = f"{NO_RATE}."
        days = pd.bdate_range("2020-01-01", periods=300)
        bars = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), np.linspace(10.0, 12.0, 300)), index=days)
        plain = ob.Market.from_frames({"A": bars, "B": bars})
        half = BuyAndHold(split={"metal": 0.5})
        pages = [
            Page(html_of(ob.compare({"half": half}, plain, ob.Account(cash_rate=rate), check_lookahead=False)))
            for rate in (None, 0.0, 0.03)
        ]
        assert [said in one.words for one in pages] == [True, False, False]


class TestLinksAndLegends:
    def test_a_tearsheet_in_a_report_leads_back_and_one_alone_does_not(self, tmp_path: Path) -> None:
        made = ob.compare({"half": BuyAndHold(split={"metal": 0.5})}, random_market(1, bars=60), check_lookahead=False)
        made.report(tmp_path / "report")
        found = Page((tmp_path / "report" / "tearsheet-half.html").read_text(encoding="utf-8"))
        assert {"index.html", "strategy-half.html"} <= set(found.addresses)
        alone = made.results["half"].tearsheet(tmp_path / "alone.html")
        assert not [one for one in Page(alone.read_text(encoding="utf-8")).addresses if one.endswith(".html")]
        shutil.rmtree(tmp_path / "report")

    def test_reasons_are_explained(self) -> None:
        found = own_page(comparison(), "ratio-rotation")
        reasons = set(comparison().results["ratio-rotation"].fills["reason"])
        assert {row[0] for row in found.rows("reasons")} == reasons

    def test_the_legend_has_every_reason_of_the_conventions(self) -> None:
        text = DOCS / "conventions.md"
        if not text.is_file():
            pytest.skip("the docs are not beside the tests")
        table = text.read_text(encoding="utf-8").partition("| reason | what happened |")[2].partition("\n\n")[0]
        cells = [line.split("|")[1] for line in table.splitlines()[2:]]
        assert {one.strip(" `") for cell in cells for one in cell.split("`, `")} == set(fills.MEANINGS)

    def test_what_is_left_out_says_how_to_give_it(self) -> None:
        why = {"regime-filter": "the market has no gauge 'dollar' (known: none): give it as gauges={'dollar': series}"}
        found = Page(index_page.html(comparison(), {}, None, left_out=why))
        assert "Not compared: regime-filter : the market has no gauge 'dollar'" in found.words
        with pytest.raises(ob.OrebodyError, match=r"the market has no gauge 'dollar' .*gauges/dollar\.csv"):
            random_market(1).gauge("dollar")

    def test_months_that_are_only_begun_have_a_star(self) -> None:
        prices = random_market(5, bars=60, start="2020-01-15")  # from the middle of January to the middle of April
        made = ob.compare([DollarCostAverage()], prices, check_lookahead=False)
        (row,) = [row for row in own_page(made, "dollar-cost-average").rows("months") if row[0].startswith("2020")]
        assert [cell.endswith("*") for cell in row[1:5]] == [True, False, False, True]
