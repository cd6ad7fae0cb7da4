# Two commands: `make demo` runs the main job, `make test` proves it. Each does its own set-up.

BIN := .venv/bin
PY := $(BIN)/python
# dbt and the tests write below this folder, never into your data.
WORK := .work
export DBT_TARGET_PATH := $(WORK)/target
export DBT_LOG_PATH := $(WORK)/logs

.PHONY: help setup demo test lint types unit pytest soak docs clean

help:
	@echo "make demo   send sample events through collector, models and checks, and show the marts"
	@echo "make test   lint, types, every test"
	@echo "make soak   the long tests: hundreds of random worlds"
	@echo "make docs   the dbt documentation, in $(WORK)/target"
	@echo "make setup  the environment alone;  make clean  removes what these commands made"

setup:
	@sh scripts/setup.sh

setup-tests: setup
	@sh infra/setup_bqemulator.sh

demo: setup
	@$(PY) -m bioqms demo

test: lint types unit pytest

lint: setup
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@mkdir -p $(WORK)/empty && BIOQMS_DATA=$(WORK)/empty $(PY) -m sqlfluff lint --disable-progress-bar models analyses tests/data

types: setup
	@$(PY) -m mypy

# A plain build of an empty log: every dbt unit test (one rule each, on rows that a reader can check by hand), every
# model and every data test, from nothing.
unit: setup
	@rm -rf $(WORK)/unit && mkdir -p $(WORK)/unit
	@BIOQMS_DATA=$(WORK)/unit $(BIN)/dbt --quiet build
	@echo "every unit test of the models passes"

pytest: setup-tests
	@$(PY) -m pytest -n 2 --dist loadfile -m "not soak"

soak: setup-tests
	@$(PY) -m pytest -m "soak or not soak"

docs: setup
	@rm -rf $(WORK)/docs && mkdir -p $(WORK)/docs
	@BIOQMS_DATA=$(WORK)/docs $(BIN)/dbt --quiet build --exclude-resource-type unit_test test
	@BIOQMS_DATA=$(WORK)/docs $(BIN)/dbt --quiet docs generate --static
	@echo "the documentation: $(DBT_TARGET_PATH)/static_index.html"

clean:
	rm -rf .venv* $(WORK) data/demo

# The benchmarks (bench/README.md): the one that builds ten million events takes a quarter of an hour and 30 GB of disk.
.PHONY: bench-setup bench-models bench-collector bench-scrub bench-bigquery-cost

bench-setup: setup
	@sh bench/setup.sh

bench-models: bench-setup
	@$(PY) -m bench.models --events 10000000 --days 90 --tenants 50

bench-collector: setup
	@$(PY) -m bench.collector

bench-scrub: setup
	@$(PY) -m bench.scrub

bench-bigquery-cost: setup-tests
	@$(PY) -m bench.bigquery_cost
