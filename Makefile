# Every target sets up what it needs in .venv; Python, a C compiler and make are all that must be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python

.PHONY: demo build test test-compiled test-plain check lint types bench clean

demo: build                 ## start the demonstration services, and say what to try
	$(BIN)/netloop demo

test: build                 ## lint, types, layers, and the whole suite in both modes, two at a time
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target lint types test-compiled test-plain

check: lint types

test-compiled: build
	$(RUN) -m pytest

test-plain: build           ## the .py files on the compiled engine
	NETLOOP_PLAIN=1 $(RUN) -m pytest

lint: build
	$(BIN)/ruff check .
	PATH="$(abspath $(BIN)):$$PATH" cython-lint src/netloop   # it calls pycodestyle

types: build
	$(BIN)/mypy

build: $(VENV)/installed    ## compile what changed
	@$(RUN) setup.py --quiet build_ext --inplace

$(VENV)/installed: pyproject.toml
	@test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --upgrade pip setuptools wheel "Cython>=3.1"
	NETLOOP_COMPILE_LATER=1 $(RUN) -m pip install --quiet --no-build-isolation --editable ".[dev]"
	@touch $@

bench: build                ## measure against the other servers; see docs/performance.md
	$(RUN) benchmarks/run.py

clean:
	rm -rf $(VENV) build dist src/*.egg-info src/netloop/_compiled.txt
	find src \( -name '*.so' -o -path '*/netloop/*' -name '*.c' \) -delete
