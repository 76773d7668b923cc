# Every target stands on `make install`, which needs Python 3.11, git, make and the package registry.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
CRM ?= hubspot
# For two cores: a third of a test's time is waiting, and each worker imports everything: 294 s, and 331 s with four.
WORKERS ?= 3
SCHEDULES ?= 1000
# Bytecode is kept: without it each process compiles what it imports, 3 s of CPU instead of 1.5 for `leadgauge run`.
export PYTHONDONTWRITEBYTECODE :=

BENCHES := bench-pulling bench-writing bench-prediction bench-scoring bench-hubspot bench-salesforce bench-calibrate bench-store bench-backfill bench-passes bench-machine_traffic bench-analysts bench-scale bench-refresh bench-feed

.PHONY: help install lock sbom audit third-party countries demo test test-crm test-all weigh chaos chaos-night check site reference format crm-files sandbox-protocol bench bench-all $(BENCHES) clean

help:
	@echo "make demo | test | test-crm | check | site | reference | format | test-all | weigh | chaos | chaos-night | bench | bench-all | lock | clean"
	@echo "one bench alone: make $(BENCHES)"

install: .venv/installed

.venv/installed: requirements-dev.lock pyproject.toml sandbox/pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --no-compile --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation -e . -e sandbox
	@touch $@

demo: .venv/demo
	@$(BIN)/leadgauge demo --crm $(CRM) $(if $(LIVE),--live)

# What leadgauge, its sandbox and calibrate need, without the tools of developers; a whole installation serves as well.
.venv/demo: requirements-demo.lock pyproject.toml sandbox/pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -e .venv/installed || $(PIP) --no-compile --require-hashes -r requirements-demo.lock
	@test -e .venv/installed || $(PIP) --no-deps --no-build-isolation -e . -e sandbox
	@touch $@

test: install
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup -m "not slow"

# Times the tests and rewrites tests/heavy.txt, the list of those that `make test` only samples.
weigh: install
	@mkdir -p build
	HEAVY=all $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup -m "not slow" --junitxml=build/tests.xml
	$(BIN)/python -m tests.weighing build/tests.xml

# The components in the CRMs: types, tests, and whether the sandbox ships what their sources build. Needs Node 20.
test-crm:
	@for check in crm/*/scripts/check.sh; do $$check || exit 1; done

test-all: install
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup

# 240 schedules of faults on both CRMs and both databases, and a day of passes; CHAOS_SEEDS=17 replays one.
chaos: install
	$(BIN)/python -m pytest -q -n $(WORKERS) tests/chaos

# As many schedules as a night has room for, noted in .chaos one by one: stopped, it goes on; without .chaos it begins anew.
chaos-night: install
	$(BIN)/python -m tests.chaos.night $(SCHEDULES) $(WORKERS)

# The documentation as a site in build/site. Every link must lead somewhere.
site: install
	NO_COLOR=1 $(BIN)/zensical build -f mkdocs.yml --strict

# The pages of reference, from the code; a test fails while they are out of date.
reference: install
	$(BIN)/python -m reference

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# What is generated in crm/hubspot and crm/salesforce; a test fails while it is out of date.
crm-files: install
	$(BIN)/python -m crm

# The description of the Pub/Sub API that the sandbox serves, from its .proto; a test fails while it is out of date.
FEEDS := sandbox/leadgauge_sandbox/salesforce/feeds
sandbox-protocol: install
	$(BIN)/python -m grpc_tools.protoc -I $(FEEDS) --descriptor_set_out=$(FEEDS)/pubsub_api.binpb pubsub_api.proto

# All comparisons side by side, in one run of some ten minutes; writes docs/benchmarks.md. Needs PyPI for dlt and the taps.
bench: install
	$(BIN)/python -m bench.page

# Every bench, one after the other: an hour.
bench-all: $(BENCHES)

$(BENCHES): install
	$(BIN)/python -m bench.$(subst bench-,,$@)

# Four locks: what leadgauge runs with, what its image has, what the demo needs besides, and what its developers need.
# The last has all.
COMPILE := .venv/lock/bin/uv pip compile --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --universal --quiet
lock:
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip install --quiet uv
	$(COMPILE) pyproject.toml sandbox/pyproject.toml --extra calibrate --extra cluster --extra feeds --extra oidc --extra parquet --extra postgres --extra traces --extra dev --output-file requirements-dev.lock
	$(COMPILE) pyproject.toml --constraint requirements-dev.lock --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra feeds --extra oidc --extra postgres --extra traces --constraint requirements-dev.lock --output-file requirements-image.lock
	printf 'hatchling\neditables\n' | $(COMPILE) pyproject.toml sandbox/pyproject.toml - --extra calibrate --extra feeds \
		--constraint requirements-dev.lock --output-file requirements-demo.lock

# The parts of the image, in the CycloneDX format, from its lock.
sbom: install
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json requirements-image.lock

# What is installed beside leadgauge, with its licences; a test fails while it is out of date.
third-party: install
	$(BIN)/python -m reference.third_party

# The names of countries that leadgauge knows, from pycountry; a test fails while they are out of date.
countries: install
	$(BIN)/python -m reference.countries

# Published advisories against the locks, from the package index; ADVISORIES=folder takes a clone of pypa/advisory-database
# instead. It fails where neither can be had: what was not compared has not passed.
audit: install
	@$(BIN)/python -m deploy.audit $(ADVISORIES)

clean:
	rm -rf .venv .demo build dist
