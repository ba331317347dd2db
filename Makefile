# `make help` lists the targets. The first one that needs Python makes .venv and installs what it needs, pinned:
# validate and figures what running needs, the others the tools of development too.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
RUN ?= runs/main
JOBS ?= 2
# Extra arguments for pip, e.g. PIP_ARGS="--extra-index-url URL-of-a-CPU-build-of-torch"
PIP_ARGS ?=

# One thread a process: the work is spread over processes, and two threads beside a busy core are slower.
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help setup validate figures test test-full test-faults test-power bench bench-more bench-card lint format docs clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY_DEV) ## make .venv and install everything pinned (every other target installs what it needs itself)

$(READY): WHAT := .
$(READY_DEV): WHAT := .[dev]
$(READY) $(READY_DEV): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "fosp needs Python 3.11 or later; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 ..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "no virtual environment could be made (on Debian and Ubuntu: apt-get install python3-venv)" >&2; exit 2; }
	@echo "Installing the pinned packages into $(VENV), once (some minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt $(PIP_ARGS) -e '$(WHAT)'
	@$(BIN)/python -m pip check >/dev/null || { $(BIN)/python -m pip check >&2; exit 1; }
	@$(BIN)/python -m pip freeze | grep "^$$(grep '^torch==' constraints.txt)\(+.*\)\?$$" >/dev/null || { \
	  echo "torch was replaced: $$(grep '^torch==' constraints.txt) is pinned" >&2; exit 1; }
	@touch $(READY) $@

validate: $(READY) ## the main job: run the algorithms, judge every claim, draw the figures (into RUN=runs/main)
	$(BIN)/fosp validate default --out $(RUN)
	$(BIN)/fosp figures $(RUN) --only convergence --only plateau --only iterations --only batch-sizes

figures: $(READY) ## all figures of a paper on this theory, from nothing (into runs/figures)
	$(BIN)/fosp figures

test: $(READY_DEV) ## the tests (minutes)
	$(BIN)/pytest -n $(JOBS) --dist worksteal -q

test-full: $(READY_DEV) ## the slow tests too
	$(BIN)/pytest -n $(JOBS) -q -m 'not power'

test-faults: $(READY_DEV) ## kill it at every file operation, flip bits, fill the disk, lose workers (minutes)
	$(BIN)/pytest -n $(JOBS) -q -m faults

test-power: $(READY_DEV) ## the validator's own error rates, into docs/power.md: false alarms, and what it catches
	$(BIN)/pytest -n $(JOBS) -q -m power

bench: $(READY_DEV) ## one table: the simulator, its floor, NumPy, torch.func, JAX, a plain loop (2 minutes)
	@$(BIN)/python -m benchmarks.table

bench-more: $(READY_DEV) ## start-up, recommendation, time against D, one direction against d, kernels
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/kernels.py
	$(BIN)/python benchmarks/dimension.py

bench-card: $(READY_DEV) ## a graphics card against the CPU: the same results, and how near its limit it comes
	@$(BIN)/python -m benchmarks.device

lint: $(READY_DEV) ## ruff, mypy, and the one-way dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY_DEV) ## let ruff format and fix what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY_DEV) ## build the guide into build/docs; a dead link or a warning is an error
	$(BIN)/sphinx-build -q -j $(JOBS) -W --keep-going -n -b html docs build/docs
	@echo "build/docs/index.html"

clean: ## remove what was built; .venv and runs/ stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
