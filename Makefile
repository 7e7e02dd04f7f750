# Two commands matter: `make demo` and `make test`. Both set up everything they need.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi
PROVIDER := tests/peers/provider
VAR := var

export FLASK_SKIP_DOTENV := 1

help:
	@echo "make demo    charge les données de démonstration et ouvre http://127.0.0.1:8000"
	@echo "make test    lint, types, and the whole test suite on SQLite and PostgreSQL"
	@echo "make .venv   the environment alone; then .venv/bin/flask --app wsgi …"
	@echo "make bench   the benchmark (benchmarks/README.md)"

# A folder's own date changes with its content: the stamp inside says what was installed.
.venv: $(VENV)/.runtime
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed (PYTHON=…)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "The venv module is missing: apt-get install python3-venv, then make again."; exit 1; }
$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@
$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# The OpenID provider that stands in for ProConnect in the tests. Node 20 or later is needed.
$(PROVIDER)/node_modules/.installed: $(PROVIDER)/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: apt-get install nodejs npm, then make again."; exit 1; }
	npm ci --prefix $(PROVIDER) --silent
	@touch $@

demo: $(VENV)/.runtime
	@DEMO_DIR=$(VAR)/demo $(BIN)/python -m app.demo.serve

lint: $(VENV)/.dev
	$(BIN)/ruff check app tests migrations wsgi.py benchmarks
	$(BIN)/ruff format --check app tests migrations wsgi.py benchmarks
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/deptry . --no-ansi

test: lint $(PROVIDER)/node_modules/.installed
	$(BIN)/python -m pytest --database=sqlite --cov --cov-report=term
	$(BIN)/python -m pytest --database=postgresql --only-databases

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.run

requirements: $(VENV)/.dev
	uv pip compile -q pyproject.toml --no-emit-index-url --generate-hashes --no-annotate --no-header --python-version 3.11 -o requirements.txt
	uv pip compile -q pyproject.toml --group dev --no-emit-index-url --generate-hashes --no-annotate --no-header --python-version 3.11 -o requirements-dev.txt

clean:
	rm -rf $(VAR) .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage

.PHONY: help .venv demo lint test bench requirements clean
