# `make demo` and `make test` do all the set-up that a fresh machine with Python 3.11 or newer needs.
PYTHON ?= python3
BIN := .venv/bin
TEST_PYTHON := $(BIN)/python
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable

.PHONY: demo test docs findings clean

demo: .venv/installed
	$(BIN)/orebody compare gold --source sample --contribution 1000 --out report

test: $(if $(filter $(BIN)/python,$(TEST_PYTHON)),.venv/tested) # or with another installation: make test TEST_PYTHON=…
	$(TEST_PYTHON) -m pytest -n auto --dist worksteal $(TESTS)

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
	$(INSTALL) .
	@touch $@

.venv/tested: .venv/created pyproject.toml constraints.txt
	$(INSTALL) '.[test]'
	@touch .venv/installed $@

.venv/documented: .venv/created pyproject.toml constraints.txt
	$(INSTALL) '.[docs]'
	@touch .venv/installed $@

.venv/developed: .venv/created pyproject.toml constraints.txt
	$(INSTALL) '.[dev,docs]'
	@touch .venv/installed .venv/tested .venv/documented $@

clean:
	rm -rf .venv report docs/_build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
