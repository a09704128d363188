"""The site: every strategy has its page and picture, every public name its entry, and what `make docs` built leads nowhere but within."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import zlib
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from browser import needs_a_browser, opened
from html_pages import Page
from real_data import FOLDER, needs_real_prices

import orebody
from orebody import strategies as facade
from orebody.registry import find_strategy
from project import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DOCS = ROOT / "docs"
PICTURES = DOCS / "strategies"
BUILT = DOCS / "_build" / "html"
NAMES = [getattr(facade, name).name() for name in facade.__all__]
SIMULATED = {"quality-tilt", "ratings-breadth"}  # need what price files do not have

pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the docs are not beside the tests")
needs_the_site = pytest.mark.skipif(not (BUILT / "objects.inv").is_file(), reason="the built site: run `make docs`")


@cache
def script(folder: str, name: str) -> ModuleType:
    sys.path.insert(0, str(ROOT / folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(ROOT / folder))


def words(text: str) -> str:
    return " ".join(re.sub(r"[`\\]", "", text).split())


def told(svg: str) -> str:
    found = re.search(r'aria-label="([^"]*)"', svg)
    assert found is not None
    return found.group(1)


class TestStrategies:
    def test_there_is_a_picture_for_each_and_no_other(self) -> None:
        assert sorted(path.stem for path in PICTURES.glob("*.svg")) == sorted(NAMES)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_page_has_the_docstring_and_every_parameter(self, name: str) -> None:
        one = find_strategy(name)
        text = script("docs/_site", "strategy_pages").page(one, (PICTURES / f"{name}.svg").read_text(encoding="utf-8"))
        assert words(inspect.getdoc(one) or "") in words(text)
        rows = {row.split("|")[1].strip(" `"): row for row in text.splitlines() if row.startswith("| `")}
        assert list(rows) == list(one.__dataclass_fields__)
        for parameter, row in rows.items():
            assert one.__dataclass_fields__[parameter].metadata["about"] in row
            assert f"`{getattr(one(), parameter)!r}`" in row

    @pytest.mark.parametrize("name", NAMES)
    def test_the_command_of_a_page_finds_what_the_strategy_reads(self, name: str) -> None:
        one = find_strategy(name)
        text = script("docs/_site", "strategy_pages").page(one, (PICTURES / f"{name}.svg").read_text(encoding="utf-8"))
        command = re.findall(r"^orebody backtest (\S+) (\S+) --source sample$", text, re.MULTILINE)
        assert [asked for asked, _ in command] == [name]
        result = orebody.backtest(one(), orebody.load_market(command[0][1], source="sample"), engine="compiled", check_lookahead=False)
        assert (result.fills.units != 0).any()

    @pytest.mark.parametrize("name", NAMES)
    def test_a_picture_is_of_real_prices_or_says_that_it_is_not(self, name: str) -> None:
        svg = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")
        title = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
        if name in SIMULATED:
            assert told(svg).startswith("SIMULATED: SIM-GOLD and ")
            assert any(text.startswith("SIMULATED: ") for text in title)
        else:
            assert told(svg).startswith("GLD and GDX, 2009-05-22 to 2026-05-01; 100,000 at the start and 1,000 a month. ")
            assert "GLD and GDX" in title
            assert "SIM" not in svg

    @pytest.mark.parametrize("name", NAMES)
    def test_a_picture_has_months_and_no_days(self, name: str) -> None:
        lines = [len(path.split("L")) for path in re.findall(r'd="(M[^"]*)"', (PICTURES / f"{name}.svg").read_text(encoding="utf-8"))]
        drawn = [points for points in lines if points > 20]
        months = 19 * 12 + 1 if name in SIMULATED else 8 + 16 * 12 + 5  # December 2006 to December 2025; May 2009 to May 2026
        assert len(drawn) == 3
        assert max(drawn) <= months
        assert max(drawn) > 0.7 * months  # straight stretches are drawn as one

    def test_pictures_end_where_the_table_of_results_ends(self) -> None:
        rows = [[cell.strip(" *") for cell in line.split("|")] for line in (DOCS / "results.md").read_text(encoding="utf-8").splitlines()]
        table = {row[1]: (row[2], row[5]) for row in rows if len(row) == 9}
        for name in set(NAMES) - SIMULATED - {"buy-and-hold"}:
            ends, falls = told((PICTURES / f"{name}.svg").read_text(encoding="utf-8")).split(". At the end: ")[1].split("; ")
            for label, end, fall in zip(
                (name, "metal: GLD", "miners: GDX"), re.findall(r"[\d,]+(?=,|$)", ends), falls.split(","), strict=True
            ):
                equity, drawdown = table[label]
                assert float(end.replace(",", "")) == pytest.approx(float(equity.replace(",", "")), abs=0.51)
                assert float(re.findall(r"-[\d.]+", fall)[0]) == pytest.approx(float(drawdown.rstrip(" %")), abs=0.0501)

    @needs_real_prices
    def test_pictures_are_what_their_script_makes(self) -> None:
        made = script("benchmarks", "pictures").pictures(FOLDER)
        assert {name: told(svg) for name, svg in made.items()} == {
            name: told((PICTURES / f"{name}.svg").read_text(encoding="utf-8")) for name in NAMES
        }

    def test_the_overview_leads_to_each_page(self) -> None:
        text = script("docs/_site", "strategy_pages").linked((DOCS / "strategies.md").read_text(encoding="utf-8"))
        for name in NAMES:
            assert f"](strategies/{name}.md)" in text


def public() -> dict[str, object]:
    """Every public name and what it is, found without the generator."""
    found = {f"orebody.{name}": getattr(orebody, name) for name in orebody.__all__ if name not in ("__version__", "OrebodyError")}
    found = {name: thing for name, thing in found.items() if not inspect.ismodule(thing)}
    for module in ("strategies", "indicators", "metrics", "testing", "errors"):
        loaded = importlib.import_module(f"orebody.{module}")
        found |= {f"orebody.{module}.{name}": getattr(loaded, name) for name in loaded.__all__}
    return found


def members(thing: object) -> dict[str, object]:
    """The public methods and properties that a class defines itself."""
    found = {}
    for name, member in (vars(thing) if inspect.isclass(thing) else {}).items():
        inner = getattr(member, "__func__", None) or getattr(member, "fget", None) or getattr(member, "func", None) or member
        if not name.startswith("_") and inspect.isfunction(inner):
            found[name] = inner
    return found


class TestReference:
    def test_every_public_name_has_one_entry(self) -> None:
        pages = script("docs/_site", "api_pages").pages()
        entries = Counter(re.findall(r"^\.\. auto(?:class|function|exception):: (\S+)$", "\n".join(pages.values()), re.MULTILINE))
        assert entries == Counter(public().keys())

    @pytest.mark.parametrize("name", public())
    def test_every_public_name_says_what_it_is(self, name: str) -> None:
        thing = public()[name]
        text = inspect.getdoc(thing) or ""
        first = text.partition("\n\n")[0]
        assert len(first.split()) >= 4, f"{name}: {first!r}"
        assert re.search(r"[.:;]$|\.\s", first), f"{name}: {first!r} is no sentence"
        assert text != inspect.getdoc(type(thing))
        for member, function in members(thing).items():
            assert inspect.getdoc(function), f"{name}.{member}"

    @pytest.mark.parametrize("name", [name for name, thing in public().items() if inspect.isfunction(thing) and name.count(".") == 1])
    def test_every_parameter_of_a_function_is_explained(self, name: str) -> None:
        text = inspect.getdoc(public()[name]) or ""
        section = text.partition("\nParameters\n---")[2]
        named = {one.strip(" *") for line in re.findall(r"^[\w, *]+(?= :|$)", section, re.MULTILINE) for one in line.split(",")}
        assert set(inspect.signature(public()[name]).parameters) <= named  # type: ignore[arg-type]

    def test_fields_that_say_what_they_are_stand_in_the_entry(self) -> None:
        described = script("docs/_site", "api_pages").described
        text = "\n".join(described(facade.BetaMatched))
        assert "window : default 252\n    returns in the rolling beta (a whole number, at least 2)" in text
        assert "\nAttributes\n----------\nfinal_equity : money\n" in "\n".join(described(public()["orebody.metrics.Metrics"]))
        assert described(orebody.Account) == []
        assert described(orebody.backtest) == []

    def test_the_design_names_every_part(self) -> None:
        text = (DOCS / "design.md").read_text(encoding="utf-8")
        source = Path(orebody.__file__).parent
        parts = [path for path in source.iterdir() if not path.name.startswith("_") and path.suffix in ("", ".py")]
        parts += [path for path in (source / "research").iterdir() if path.is_dir() and not path.name.startswith("_")]
        missing = [path.name for path in parts if (path.name if path.suffix else f"{path.name}/") not in text]
        assert missing == []


def inventory() -> set[str]:
    """The names in Sphinx's inventory, read as its format says: four lines of head, then zlib."""
    raw = (BUILT / "objects.inv").read_bytes()
    *_, packed = raw.split(b"\n", 4)
    return {line.split(" ")[0] for line in zlib.decompress(packed).decode().splitlines() if " py:" in line}


@needs_the_site
class TestBuilt:
    def test_it_has_an_entry_for_every_public_name_and_method(self) -> None:
        known = inventory()
        assert set(public()) <= known
        assert {"orebody.Market.from_frames", "orebody.Result.equity", "orebody.Strategy.decide", "orebody.Sweep.best"} <= known

    def test_every_page_is_there_and_every_link_leads_somewhere(self) -> None:
        pages = {path: Page(path.read_text(encoding="utf-8")) for path in BUILT.rglob("*.html") if "_static" not in path.parts}
        anchors = {path: set(re.findall(r'\bid="([^"]+)"', path.read_text(encoding="utf-8"))) for path in pages}
        named = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md") if "_build" not in path.parts}
        assert named <= {path.relative_to(BUILT).with_suffix("").as_posix() for path in pages}
        broken = []
        for path, page in pages.items():
            for address in page.addresses:
                if address.startswith(("http:", "https:", "data:", "event ")):
                    continue
                file, _, anchor = unquote(address).partition("#")
                target = (path.parent / file.partition("?")[0]).resolve() if file else path
                if not target.is_file() or (anchor and target in anchors and anchor not in anchors[target]):
                    broken.append(f"{path.relative_to(BUILT)}: {address}")
        assert broken == []

    def test_no_page_loads_anything_from_elsewhere(self) -> None:
        for path in BUILT.rglob("*.html"):
            loads = re.findall(
                r"<(?:script|img|iframe|link|source)\b[^>]*?\b(?:src|href)=\"(https?:[^\"]*)\"", path.read_text(encoding="utf-8")
            )
            assert loads == [], path

    @needs_a_browser
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_it_is_read_without_a_network(self, chromium: Browser, scheme: str) -> None:
        with opened(chromium, BUILT / "index.html", color_scheme=scheme, viewport={"width": 390, "height": 844}) as seen:
            for name in ("index", "strategies/quality-tilt", "api/nouns", "results", "data", "report"):
                seen.page.goto((BUILT / f"{name}.html").as_uri())
                assert seen.run("() => document.documentElement.scrollWidth") <= 390, name
            seen.page.goto((BUILT / "strategies" / "quality-tilt.html").as_uri())
            ink = seen.run("() => getComputedStyle(document.querySelector('.picture svg')).color")
            assert (sum(map(int, re.findall(r"\d+", ink)[:3])) > 382) == (scheme == "dark")
            box = seen.run("() => document.querySelector('.picture svg').getBoundingClientRect().toJSON()")
            assert 300 < box["width"] <= 390
            assert box["height"] > 120

    @needs_a_browser
    def test_search_finds_a_page(self, chromium: Browser) -> None:
        with opened(chromium, BUILT / "search.html") as seen:
            seen.page.goto((BUILT / "search.html").as_uri() + "?q=slippage")
            seen.page.wait_for_selector("#search-results li a")
            found = seen.page.locator("#search-results li a").all_inner_texts()
            assert {"Account", "Conventions"} <= set(found)
