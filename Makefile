# Everything is run by these targets; CI runs `make test` and `make check`, and nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
UV_VERSION := 0.13.9

TOOLS := .tools
UV := $(TOOLS)/bin/uv
VENV := .venv
BIN := $(VENV)/bin
SYNCED := $(VENV)/.synced

export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup demo up down test golden check format sbom audit

help:  ## Say what can be made.
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SYNCED)  ## Install what is locked into .venv.

demo: setup  ## Show the whole way once, on the samples of January to April 2022.
	@$(BIN)/python -m local.demo

up: setup  ## Start PostgreSQL, Airflow and a mail server on this machine, and leave them running.
	@$(BIN)/python -m local.up

down: setup  ## Stop what `make up` has started.
	@$(BIN)/python -m local.down

test: setup  ## Run all tests.
	$(BIN)/python -m pytest

golden: setup  ## Run the golden tests alone.
	$(BIN)/python -m pytest tests/golden

check: setup  ## Lint, look at the format, check the types and who imports whom.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## Bring the code into the format that `make check` wants.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

sbom: setup  ## Write what the image is made of, as CycloneDX, to var/sbom.cdx.json.
	@mkdir -p var
	@$(UV) export --locked --no-dev --extra celery --format cyclonedx1.5 --preview-features sbom-export \
	  --quiet --output-file var/sbom.cdx.json
	@echo "var/sbom.cdx.json: $$(grep -c '"purl"' var/sbom.cdx.json) packages"

audit: setup  ## Look for known faults in what is locked; asks osv.dev over the internet.
	$(UV) audit --locked --preview-features audit-command

$(SYNCED): pyproject.toml uv.lock $(UV)
	$(UV) sync --locked --python $(PYTHON)
	@touch $@

$(UV): Makefile
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Python is missing: install Python 3.11, 3.12 or 3.13, or name yours: make setup PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
	  echo "$$($(PYTHON) --version) does not fit: Python 3.11, 3.12 or 3.13 is needed. Name yours: make setup PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@
