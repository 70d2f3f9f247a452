# Two commands do everything, on a machine with git and Python 3.11 and nothing else:
#   make demo   builds a small repository with agent commits and prints its report
#   make test   lint, types and the suite
# Each sets up .venv by itself. CI also runs `make slow`: long random searches, all ways of git.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
  { echo $$python; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO ?= demo

.PHONY: demo test lint types suite slow nightly format bench pages docs clean

demo: $(STAMP)
	@rm -rf "$(DEMO)"
	@$(BIN)/git-buildlog demo "$(DEMO)"

test: lint types suite

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

suite: $(STAMP)
	$(BIN)/python -m pytest -n auto -q -m "not slow"

slow: $(STAMP)
	$(BIN)/python -m pytest -n auto -q -m slow

nightly: $(STAMP)
	BUILDLOG_NIGHTLY=1 $(BIN)/python -m pytest -n auto -q

format: $(STAMP)
	$(BIN)/python -m tests.golden.write

bench: $(STAMP)
	$(BIN)/python benchmarks/scan.py
	$(BIN)/python -m benchmarks.hooks
	$(BIN)/python -m benchmarks.draws
	$(BIN)/python -m benchmarks.ledger --peer
	$(BIN)/python -m benchmarks.learning

# The manual page, the completions and docs/commands.md; run it when a command or an option has changed.
pages: $(STAMP)
	$(BIN)/python -m buildlog_git.cli.pages .

# The documentation as a site, into site/: mkdocs-material is of this target alone.
docs: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(BIN)/mkdocs build --strict --quiet

$(STAMP): pyproject.toml buildlog_git/__init__.py
	@test -n "$(PYTHON)" || \
	  { echo "buildlog-git needs Python 3.11 or newer on PATH, or: make PYTHON=... $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "setting up $(VENV) (once)" >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO) .mypy_cache .pytest_cache .ruff_cache .hypothesis
