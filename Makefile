# `make demo` and `make test` set up everything that they need: .venv, the compiled core, the package.
# Stamps in .venv/.stamps say what is done, so that nothing is done twice.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help

# Which Python makes .venv: 3.11 or newer.
PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
LOWEST := .venv-lowest
# maturin and PyO3 look for their tools here first.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

RUST := Cargo.toml Cargo.lock $(shell find crates -name '*.rs' -o -name Cargo.toml)
# Tests that hold one answer against another bit for bit: `make test-all` runs them without SIMD too.
BITS := tests/assign/test_filters.py tests/laws/test_adversarial.py tests/laws/test_identity.py \
	tests/laws/test_identity_blocks.py tests/laws/test_isolation.py tests/laws/test_laws.py tests/laws/test_naive.py \
	tests/seeding/test_plusplus.py tests/seeding/test_scalable.py

.PHONY: help demo test test-all test-lowest bench bench-hurts bench-scale docs docs-data fmt build clean lint lint-rust lint-python test-rust \
	test-python python cargo components

help: ## Say what there is to make.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: $(STAMPS)/package ## Draw the k-means page and its figures into ./demo.
	@$(BIN)/python tools/demo.py demo

test: lint test-rust test-python ## Every check and test, but the slow ones.

test-all: lint test-rust $(STAMPS)/tests $(STAMPS)/docs ## The slow tests too, and bit identity without SIMD.
	$(BIN)/pytest
	CENTRA_ISA=scalar $(BIN)/pytest -m "not slow" $(BITS)

# Against the newest scikit-learn, baselines of the newest matplotlib, or what only newest tools give:
NEWEST := tests/contract tests/sklearn_contract tests/plot/test_baseline.py tests/plot/test_japanese.py tests/tutorial \
	tests/docs/test_benches.py tests/docs/test_docs.py tests/docs/test_site.py tests/docs/test_guide.py \
	tests/docs/test_stub.py
# The lowest matplotlib and scikit-learn call what newer libraries of theirs say is going to end.
OLD := -W "ignore:Passing a non-Collection" -W ignore::DeprecationWarning

test-lowest: $(STAMPS)/lowest ## Try the lowest versions that pyproject.toml allows (Python 3.11 or 3.12).
	PYTHONPATH=$(CURDIR)/src $(LOWEST)/bin/python -m pytest -m "not slow" -p no:cacheprovider $(OLD) $(NEWEST:%=--ignore=%)

bench: $(STAMPS)/package ## Measure beside scikit-learn; writes a record and prints a table.
	$(BIN)/python -m benches

bench-hurts: $(STAMPS)/package ## Measure on small sets of data that hurt; prints a table.
	$(BIN)/python -m benches hurts

bench-scale: $(STAMPS)/package ## Measure rows in files and on a cluster (6 GB in the temporary folder).
	$(BIN)/python -m benches scale

docs: $(STAMPS)/docs ## Build the site into docs/_build/html; its examples are run.
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet --builder html docs docs/_build/html
	@echo "docs/_build/html/index.html: the site. Open it in a browser."

docs-data: $(STAMPS)/package ## Run pages on data in CENTRA_DATA, and keep their output.
	$(BIN)/python tools/recorded.py docs/guide/debian.md

fmt: components $(STAMPS)/tests ## Format Rust and Python.
	cargo fmt --all
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

build: $(STAMPS)/package ## Build the compiled core and install the package into .venv.

clean: ## Remove everything that make has written, .venv included.
	rm -rf $(VENV) $(LOWEST) target demo dist docs/_build docs/reference/generated .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -f src/centra/_core*.so
	find src tests tools crates -name __pycache__ -type d -prune -exec rm -rf {} +

lint: lint-rust lint-python

lint-rust: components $(STAMPS)/venv
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

lint-python: $(STAMPS)/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The binding has no tests of its own in Rust (they would need libpython); Python's are its tests.
test-rust: cargo
	cargo test --locked --package centra-core

test-python: $(STAMPS)/tests
	$(BIN)/pytest -m "not slow"

# --- what the above need -------------------------------------------------------------------------

python:
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is not there; install Python 3.11 or" \
		"newer (Debian: apt install python3 python3-venv), or name one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is" \
		"older than 3.11; name a newer one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "make: $(PYTHON) cannot make virtual" \
		"environments (Debian: apt install python3-venv)" >&2; exit 1; }

cargo:
	@cargo --version >/dev/null 2>&1 || { echo "make: cargo is not there; install a Rust toolchain" \
		"of version $$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer" \
		"(https://rustup.rs)" >&2; exit 1; }

components: cargo
	@cargo fmt --version >/dev/null 2>&1 || { echo "make: rustfmt is not there; rustup component add" \
		"rustfmt (Debian: apt install rustfmt)" >&2; exit 1; }
	@cargo clippy --version >/dev/null 2>&1 || { echo "make: clippy is not there; rustup component" \
		"add clippy (Debian: apt install rust-clippy)" >&2; exit 1; }

$(STAMPS)/venv: | python
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1" "maturin>=1.9,<2"
	@mkdir -p $(STAMPS) && touch $@

# Editable, so that a change of a .py file needs no make; without build isolation, so that cargo sees
# the same Python each time and compiles nothing twice.
$(STAMPS)/package: $(STAMPS)/venv pyproject.toml $(RUST) | cargo
	$(BIN)/pip install --quiet --no-build-isolation --editable ".[all]"
	@touch $@

$(STAMPS)/tests: $(STAMPS)/package pyproject.toml
	$(BIN)/pip install --quiet --group test
	@touch $@

# Later versions of Python came after the lowest of NumPy, which would have to be compiled for them.
$(STAMPS)/lowest: $(STAMPS)/package tests/lowest.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || { echo "make: the lowest versions" \
		"need Python 3.11 or 3.12; name one: make test-lowest PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/pip install --quiet -r tests/lowest.txt "pytest>=8" "hypothesis>=6.100" "pytest-mpl>=0.17"
	@touch $@

$(STAMPS)/docs: $(STAMPS)/package pyproject.toml
	$(BIN)/pip install --quiet --group docs
	@touch $@
