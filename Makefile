# Needs python3 (3.11 or later), make and git. Everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
CODE := pipelines reports scoring validation

.DEFAULT_GOAL := help
.PHONY: help install audit test test-slow bench bench-night bench-intake manual clean

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

install: $(INSTALLED)  ## Make the environment in .venv, with the exact versions of constraints.txt

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("OsteoConcord needs Python 3.11 or later; call make PYTHON=/path/to/it")'
	@echo "Installing into .venv (a minute or two, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/python -m compileall -q $(CODE)
	@touch $@

audit: $(INSTALLED)  ## Audit the sample network of data_samples into build/audit/
	@mkdir -p build
	@$(BIN)/osteoconcord audit data_samples/fr_csv --out build/audit --lang en

test: $(INSTALLED)  ## Lint, types, import layers and the quick tests
	@mkdir -p build
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Layout differs: run $(BIN)/ruff format"; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache --no-logo > build/layers.txt 2>&1 || { cat build/layers.txt; exit 1; }
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(INSTALLED)  ## The tests that take longer than a few seconds
	@$(BIN)/python -m pytest -m slow -n 2 --dist worksteal

bench: $(INSTALLED)  ## The audit of 100,000 synthetic patients beside DuckDB's load of the same files
	@$(BIN)/python benchmarks/audit_100k.py

bench-night: $(INSTALLED)  ## A night with 1 % of 200,000 patients changed, beside the rebuild of its state
	@$(BIN)/python benchmarks/night_200k.py

bench-intake: $(INSTALLED)  ## A million patients from CSV into the database beside DuckDB's load of the same files
	@$(BIN)/python benchmarks/intake_1m.py

manual: $(INSTALLED)  ## The pages of docs/guideline, from the declarations and the case tables
	@$(BIN)/python -m pipelines.manual docs/guideline tests/cases

clean:  ## Remove what was built; .venv stays
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
