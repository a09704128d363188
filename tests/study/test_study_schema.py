"""The JSON schema of studies: made of the keys that check them, so both accept and refuse alike."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pytest
from test_study import REFUSED, SHORT, WHOLE

import orebody as ob
from orebody.cli.main import main
from orebody.registry import strategies
from orebody.study.schema import study_schema
from project import STUDIES

UNSEEN = {
    *("nothing", "no TOML", "a table twice", "a label twice", "a copied of one's own", "a strategy twice"),  # what a file is, and repeats
    *("a universe unknown", "a universe of Yahoo's", "a universe in no file", "what only Yahoo has", "a moment", "a date", "a period"),
    *("an account's bound", "an account's period", "infinite cash", "costs", "costs of a ticker", "costs of some", "a split"),
    *("an option's bound", "blocks", "an episode backwards", "a sweep of nobody", "a grid", "a range", "a length", "a table's file"),
}
"""What only the run can refuse: it depends on another key, on other files, or on rules that an account or a function keeps to itself."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return study_schema()


def accepted(schema: dict[str, Any], text: str) -> bool:
    """Whether the schema accepts a study; a date, which TOML has and JSON has not, is a text."""
    study = json.loads(json.dumps(tomllib.loads(text), default=str))
    return bool(jsonschema.Draft202012Validator(schema).is_valid(study))


def test_it_accepts_studies(schema: dict[str, Any]) -> None:
    for text in (WHOLE, SHORT, *(path.read_text(encoding="utf-8") for path in STUDIES.glob("*.toml"))):
        assert accepted(schema, text)


@pytest.mark.parametrize("name", sorted(REFUSED.keys() - UNSEEN))
def test_it_refuses_what_the_run_refuses(name: str, schema: dict[str, Any]) -> None:
    assert not accepted(schema, REFUSED[name][0])


def test_what_it_cannot_see_is_what_it_says(schema: dict[str, Any]) -> None:
    assert UNSEEN <= REFUSED.keys()
    for name in UNSEEN - {"nothing", "no TOML", "a table twice", "a label twice"}:
        assert accepted(schema, REFUSED[name][0]), name


def test_every_strategy_is_in_it_with_its_parameters(schema: dict[str, Any]) -> None:
    for name, strategy in strategies().items():
        properties = schema["$defs"][name]["properties"]
        assert list(properties) == ["kind", *(field.name for field in fields(strategy))]  # type: ignore[arg-type]
        for field in fields(strategy):  # type: ignore[arg-type]
            assert properties[field.name]["description"] == field.metadata["about"]
        assert {"$ref": f"#/$defs/{name}"} in schema["$defs"]["strategy"]["oneOf"]
    window = schema["$defs"]["ratio-rotation"]["properties"]["window"]
    assert window == {"type": "integer", "minimum": 2, "description": "bars in the rolling z-score", "default": 252}
    assert schema["$defs"]["spread-trade"]["properties"]["hedge"]["enum"] == ["rolling", "fixed"]
    assert schema["$defs"]["volatility-target"]["properties"]["inner"]["$ref"] == "#/$defs/strategy"


@dataclass(frozen=True)
class Never(ob.Strategy):
    """Hold nothing.

    Not even cash.
    """

    patience: int = ob.parameter(3, "years", low=1, high=9)

    def decide(self, market: ob.Market) -> ob.Decisions:
        return ob.Decisions(weights=np.zeros(market.close.shape))


def test_a_new_strategy_is_in_it_without_another_edit() -> None:
    schema = study_schema(own=[Never])
    patience = {"type": "integer", "minimum": 1, "maximum": 9, "description": "years", "default": 3}
    assert schema["$defs"]["never"]["properties"]["patience"] == patience
    assert schema["$defs"]["never"]["properties"]["kind"] == {"const": "never", "description": "Hold nothing."}
    assert accepted(schema, SHORT + 'b = { kind = "never", patience = 9 }')
    assert not accepted(schema, SHORT + 'b = { kind = "never", patience = 10 }')


def test_the_keys_of_account_and_costs_have_their_meanings(schema: dict[str, Any]) -> None:
    account = schema["properties"]["account"]["properties"]
    assert list(account) == [*(field.name for field in fields(ob.Account) if field.name != "costs"), "costs"]
    assert account["contribution"]["description"] == "Money that arrives before the open of the first bar of each later period."
    assert account["cash"]["default"] == 100_000.0
    costs = account["costs"]["anyOf"][0]["properties"]
    assert list(costs) == [field.name for field in fields(ob.Costs)]
    assert costs["fixed_fee"]["description"] == "Money for each fill, on top of the commission."


def test_the_options_of_research_have_theirs(schema: dict[str, Any]) -> None:
    research = schema["properties"]["research"]["properties"]
    samples = research["significance"]["anyOf"][0]["properties"]["samples"]
    assert samples["default"] == 2000
    assert samples["description"].startswith("Resampled histories, and shifted runs at random times of each strategy")
    walk = research["walk-forward"]["anyOf"][0]
    assert walk["required"] == ["strategy", "grid", "train", "test"]
    assert "workers" not in walk["properties"]
    assert walk["properties"]["sample"]["description"] == "Try only so many points of the grid, drawn at random."


def test_the_command_line_prints_it(schema: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["run", "--schema"])
    assert stopped.value.code == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(schema))


def test_every_key_is_in_the_docs(schema: dict[str, Any]) -> None:
    page = STUDIES.parent.parent / "docs" / "studies.md"
    if not page.exists():
        pytest.skip("the docs are not beside the wheel")
    text = page.read_text(encoding="utf-8")
    tables = [schema, *(schema["properties"][name] for name in ("prices", "period", "account", "research", "output"))]
    tables += [one["anyOf"][0] for one in schema["properties"]["research"]["properties"].values()]
    missing = [name for table in tables for name in table["properties"] if f"`{name}`" not in text]
    assert not missing
