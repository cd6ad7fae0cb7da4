# Two commands: `make demo` runs the main job, `make test` proves it. Each does its own set-up.

BIN := .venv/bin
PY := $(BIN)/python
# dbt and the tests write below this folder, never into your data.
WORK := .work
# No setting of the caller's reaches what runs here: dbt never builds in production, Python is this environment's.
unexport $(filter-out BIOQMS_WORLDS BIOQMS_SEED,$(filter BIOQMS_% DBT_% PYTHONPATH PYTHONHOME,$(.VARIABLES)))
export DBT_TARGET_PATH := $(WORK)/target
export DBT_LOG_PATH := $(WORK)/logs

.PHONY: help setup setup-tests demo check test lint types unit pytest soak docs lock clean

# What starts no server and builds no warehouse.
FAST_TESTS := tests/judge tests/ingest/steps tests/ingest/sinks/test_segments.py tests/ingest/test_auth.py \
	tests/ingest/test_layers.py tests/ingest/test_proxies.py tests/dbt/test_conventions.py tests/dbt/test_scenarios.py \
	tests/infra/test_terraform.py tests/setup/test_locks.py tests/setup/test_makefile.py

help:
	@echo "make demo   send sample events through collector, models and checks, and show the marts"
	@echo "make test   lint, types, every test"
	@echo "make check  lint, types, the tests that start no server and build nothing: for every day"
	@echo "make soak   the long tests: hundreds of random worlds, demos of any size and day"
	@echo "make docs   the dbt documentation, in $(WORK)/target"
	@echo "make lock   pin the packages again, after a change of requirements/*.in"
	@echo "make setup  only the environment;  make clean  removes what these commands made"

setup:
	@sh scripts/setup.sh

setup-tests: setup
	@sh infra/setup_bqemulator.sh
	@sh infra/setup_duckdb_oldest.sh

demo: setup
	@$(PY) -m bioqms demo

test: lint types unit pytest

check: lint types
	@$(PY) -m pytest -q -n 2 --dist loadfile -m "not soak" $(FAST_TESTS)

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

# The locks, after a change of requirements/*.in: versions that are pinned already stay.
lock: setup
	@sh scripts/lock.sh

clean:
	rm -rf .venv* $(WORK) data/demo

# The benchmarks (bench/README.md): the one that builds ten million events takes a quarter of an hour and 30 GB of disk.
.PHONY: bench-setup bench-models bench-collector bench-scrub bench-storage bench-bigquery-cost

bench-setup: setup
	@sh bench/setup.sh

bench-models: bench-setup
	@$(PY) -m bench.models --events 10000000 --days 90 --tenants 50

bench-collector: setup
	@$(PY) -m bench.collector

bench-storage: setup
	@$(PY) -m bench.storage

bench-scrub: setup
	@$(PY) -m bench.scrub

bench-bigquery-cost: setup-tests
	@$(PY) -m bench.bigquery_cost
	@$(PY) -m bench.google_bill
