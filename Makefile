# `make demo` and `make test` do all the set-up that a fresh machine with Python 3.11 or newer needs.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test docs findings clean

demo: .venv/installed
	$(BIN)/orebody compare gold --source sample --contribution 1000 --out report

test: .venv/tested
	$(BIN)/python -m pytest -n auto

docs: .venv/documented
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --builder html --doctree-dir docs/_build/doctrees docs docs/_build/html
	@echo "the site: docs/_build/html/index.html"

findings: # surprises about other packages, each run in a scratch folder of its own
	@for finding in findings/*.sh; do echo "$$finding"; bash "$$finding" || exit 1; done

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "orebody needs Python 3.11 or newer: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: .venv/created pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

.venv/documented: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[docs]'
	@touch $@

clean:
	rm -rf .venv report docs/_build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
