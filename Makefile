# Every target stands on `make install`, which needs Python 3.11, git, make and the package registry.
PYTHON ?= python3
BIN := .venv/bin
CRM ?= hubspot
WORKERS ?= 2

.PHONY: help install lock demo test test-all chaos check format bench bench-scoring bench-hubspot bench-salesforce bench-calibrate clean

help:
	@echo "make demo | test | check | test-all | chaos | bench-scoring | bench-hubspot | bench-salesforce | bench-calibrate | format | lock | clean"

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install
	@$(BIN)/leadgauge demo --crm $(CRM)

test: install
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup -m "not slow"

test-all: install
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup

chaos: install
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/chaos

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench-scoring bench-hubspot bench-salesforce bench-calibrate bench-backfill: install
	$(BIN)/python -m bench.$(subst bench-,,$@)

clean:
	rm -rf .venv .demo build dist
