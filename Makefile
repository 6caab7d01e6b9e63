# Copyright 2026 The DeepLab-SSL Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

# `make demo` and `make test` need Python, make and a network, nothing else;
# they install into .venv. `make help` lists all targets.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
OUTPUT_DIR ?= runs/demo
# Most of a test is tracing in one thread, so two workers take half the time.
PYTEST_ARGS ?= -n 2 --dist loadfile
BENCHMARK_ARGS ?=
WHEEL_TEST_ARGS ?=

# The first of these that runs and has a version that setup.py accepts.
PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3
MIN_PYTHON := (3, 11)
MAX_PYTHON := (3, 13)
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
# Or each process would compile TensorFlow's Python anew, which takes it 17 s.
unexport PYTHONDONTWRITEBYTECODE
BUILDIFIER := @bazel/buildifier@8.2.1

# Files that carry the licence.
FIND := find . -type d \( -name '.?*' -o -name node_modules -o -name runs \
  -o -name build -o -name dist -o -name site -o -name '*.egg-info' \) -prune \
  -o -type f
BUILD_FILES = $$($(FIND) \( -name BUILD -o -name MODULE.bazel \) -print)
LICENSED = $$($(FIND) \( -name '*.py' -o -name BUILD -o -name MODULE.bazel \
  -o -name '*.sh' -o -name '*.toml' -o -name mkdocs.yml -o -name Makefile \) \
  -print) .ci/run .github/workflows/ci.yml .pre-commit-config.yaml CITATION.cff

.PHONY: help install demo test test_all torture lint build_files wheel_test docs benchmark requirements \
  clean

help: ## Lists the targets.
	@awk -F ':.*## ' '/^[a-z_]+:.*## / {printf "%-14s%s\n", $$1, $$2}' Makefile

install: $(VENV)/.installed-test $(VENV)/.installed-docs ## Installs what all targets need.

demo: $(VENV)/.installed ## Trains and compares the losses in a few minutes.
	$(BIN)/python -m deeplab_ssl.demo --output_dir=$(OUTPUT_DIR)

test: $(VENV)/.installed-test ## Runs the tests (PYTEST_ARGS="-k name").
	$(BIN)/python -m pytest -q $(PYTEST_ARGS)

test_all: $(VENV)/.installed-test ## Runs the slow tests, too: all backends, examples.
	$(BIN)/python -m pytest -q $(PYTEST_ARGS) -m "slow or not slow"

torture: $(VENV)/.installed-test ## Kills, flips, cuts and misleads; see docs/reliability.md.
	$(BIN)/python -m tests.torture

lint: $(VENV)/.installed-test ## Checks style, format, types and licences.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@bare=$$(grep -L 'Licensed under the Apache License' $(LICENSED)); \
	if [ -n "$$bare" ]; then \
	  echo "These files lack the licence header:" $$bare >&2; exit 1; \
	fi; echo "Licence headers: all there."

build_files: ## Checks the format of the BUILD files, where node is there.
	@if ! command -v npx > /dev/null; then \
	  echo "Skipped: buildifier comes through npx, which is missing."; \
	elif ! npx --yes $(BUILDIFIER) --version > /dev/null 2>&1; then \
	  echo "Skipped: npx cannot fetch $(BUILDIFIER)."; \
	else \
	  npx --yes $(BUILDIFIER) -mode=check -lint=warn $(BUILD_FILES) && \
	  echo "BUILD files: formatted."; \
	fi

wheel_test: $(VENV)/.installed-test ## Tries the wheel in a new environment.
	tests/wheel_test.sh $(BIN)/python $(WHEEL_TEST_ARGS)

docs: $(VENV)/.installed-docs ## Builds the pages of docs/ into site/.
	@NO_MKDOCS_2_WARNING=1 TF_CPP_MIN_LOG_LEVEL=3 \
	  $(BIN)/mkdocs build --strict
	$(BIN)/python docs/check_reference.py
	@echo "The pages are in site/index.html."

benchmark: $(VENV)/.installed-test ## Measures all of docs/performance.md (BENCHMARK_ARGS=--quick).
	$(BIN)/python -m benchmarks.benchmark $(BENCHMARK_ARGS)

requirements: $(BIN)/python ## Resolves setup.py into requirements_lock.txt.
	$(PIP) install pip-tools
	$(BIN)/pip-compile -q --pip-args=--use-pep517 --all-extras --strip-extras --allow-unsafe \
	  --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
	  --no-emit-trusted-host --upgrade \
	  --output-file=$(VENV)/requirements.txt setup.py
	@{ sed '/==/,$$d' requirements_lock.txt; \
	  grep '==' $(VENV)/requirements.txt | sed 's/+cpu$$//'; } > $(VENV)/requirements_lock.txt
	@mv $(VENV)/requirements_lock.txt requirements_lock.txt

clean: ## Removes the environment.
	rm -rf $(VENV)

$(BIN)/python:
	@for python in $(PYTHONS); do \
	  if $$python -c 'import sys; sys.exit(not \
	      $(MIN_PYTHON) <= sys.version_info[:2] <= $(MAX_PYTHON))' \
	      > /dev/null 2>&1; then \
	    echo "Creating $(VENV) with $$python ($$($$python --version))."; \
	    $$python -m venv $(VENV) && exit 0; \
	    rm -rf $(VENV); exit 1; \
	  fi; \
	done; \
	echo "No Python from $(MIN_PYTHON) to $(MAX_PYTHON) among: $(PYTHONS)." \
	  "Install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1

# A change of setup.py installs again; otherwise nothing is to be done.
$(VENV)/.installed: setup.py | $(BIN)/python
	@echo "Installing TensorFlow and the rest (about 3 GB; some minutes)."
	$(PIP) install --no-compile -e '.[deeplab]'
	@touch $@

$(VENV)/.installed-test: setup.py | $(BIN)/python
	@echo "Installing TensorFlow and the rest (about 3 GB; some minutes)."
	$(PIP) install --no-compile -e '.[deeplab,test]'
	@touch $(VENV)/.installed $@

# The reference is made of the imported modules, so it needs them all.
$(VENV)/.installed-docs: setup.py | $(BIN)/python
	@echo "Installing TensorFlow and the rest (about 3 GB; some minutes)."
	$(PIP) install --no-compile -e '.[deeplab,docs]'
	@touch $(VENV)/.installed $@
