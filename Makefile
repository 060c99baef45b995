# Everything a person does here: make demo, make test, make check, make docs, make bench.
# Each prepares .venv first and needs nothing but python3 (3.11 or newer) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Four workers, also on two cores: the tests of whole processes wait for them a part of their time. The seed: all workers
# walk through sets in the same order, as xdist asks. A file stays with one worker, and so does what it started. Files in
# their own order: acceptance first. Else xdist begins with those of many tests, and one worker is left with a single long
# one at the end.
PYTEST := PYTHONHASHSEED=0 $(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

# Each worker, and each command line that a test starts, imports everything: without bytecode, it compiles every module.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check docs lint types layers spelling coverage long bench dist clean

demo: $(READY)  ## the service and an emulator together; prints one address to open
	$(BIN)/feedbridge demo

test: $(READY)  ## every test
	$(PYTEST)

check: lint types layers spelling coverage  ## all that a change must pass; -k goes on after a failure

docs: $(READY)  ## the generated parts of docs/reference, from the code
	$(BIN)/python -m docs.generate

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/vulture

types: $(READY)
	$(BIN)/mypy

layers: $(READY)
	$(BIN)/lint-imports

spelling: $(READY)
	$(BIN)/codespell

coverage: $(READY)
	$(PYTEST) --hypothesis-profile=same --cov --cov-report=term

long: $(READY)  ## what `test` does a part of, in full: 100,000 of each, every rule taken away, 10,000 storms, twenty times the rest
	KEYBOARDS_ROUNDS=100000 KEYBOARDS_MUTATIONS=all FEEDBRIDGE_STORMS=10000 $(PYTEST) \
	  tests/unit/test_keyboards_portal.py tests/unit/test_keyboards_mutations.py tests/integration/test_portal_storms.py
	FEEDBRIDGE_ROUNDS=20 $(PYTEST)

bench: $(READY)  ## what is measured, and against whom; one after the other, nothing beside them
	@for file in bench/bench_*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

dist: $(READY)  ## the three distributions, each as sdist and wheel, in dist/
	rm -rf dist
	@for folder in . keyboards portal; do (cd $$folder && $(CURDIR)/$(BIN)/hatchling build -d $(CURDIR)/dist) || exit 1; done

clean:  ## forget what was installed and cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*

$(READY): pyproject.toml keyboards/pyproject.toml portal/pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Feedbridge needs Python 3.11 or newer; try: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# setuptools: a dependency of the tests (forbiddenfruit) comes as source only.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt hatchling editables setuptools
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation \
	  -e keyboards -e portal -e ".[dev]"
	@touch $@
