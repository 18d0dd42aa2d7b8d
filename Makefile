# Two commands matter: `make demo` and `make test`. Everything else is for those who work on it.
# Needs Python 3.11 or newer with venv, and make; the rest is installed into .venv.

# `make test PYTHON=python3.12` has a folder of its own: an environment never changes its Python.
ifeq ($(origin PYTHON),undefined)
PYTHON := python3
VENV   := .venv
else
VENV   := .venv-$(or $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'),$(error \
  PYTHON: '$(PYTHON)' does not run; use the name or the path of Python 3.11 or newer))
endif
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEV    := $(VENV)/.ready-dev
BENCH  := $(VENV)/.ready-bench

.PHONY: demo test retest check lint types format completions install-completions man install-man reference screenshots bench fuzz soak coverage clean
.DEFAULT_GOAL := check

demo: $(READY)
	$(BIN)/oddstail demo || [ $$? -eq 130 ]

# A file's tests stay together; tests/conftest.py says by how many workers and in which order files are run.
test: $(DEV)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

# The tests that failed in the last run, one at a time.
retest: $(DEV)
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

check: lint types test

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: $(DEV)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine
	$(BIN)/coverage report

# Generated files that are committed; tests/test_generated.py fails when they have drifted.
completions: $(READY)
	$(BIN)/python tests/generate.py completions

# Where each shell looks by itself, for this user; zsh needs the folder in its fpath.
DATA := $(if $(XDG_DATA_HOME),$(XDG_DATA_HOME),$(HOME)/.local/share)
install-completions:
	install -D -m 644 completions/oddstail.bash $(DATA)/bash-completion/completions/oddstail
	install -D -m 644 completions/_oddstail $(DATA)/zsh/site-functions/_oddstail
	install -D -m 644 completions/oddstail.fish $(DATA)/fish/vendor_completions.d/oddstail.fish

man: $(READY)
	$(BIN)/python -m tests.documents man

install-man: man
	install -D -m 644 -t $(DATA)/man/man1 build/man/man1/*.1

reference: $(READY)
	$(BIN)/python -m tests.documents reference

screenshots: $(READY)
	$(BIN)/python tests/generate.py screenshots

bench: $(BENCH)
	$(BIN)/python tests/bench/bench.py
	$(BIN)/python -m tests.bench.captures
	$(BIN)/python -m tests.bench.replaying
	$(BIN)/python -m tests.bench.markets

# Ten minutes of every provider's worst, over loopback; SOAK=3600 for an hour. Before it, readers that stop for a minute;
# after it, as long again against the witness, a second reader of the same wires.
SOAK ?= 600
soak: $(DEV)
	READER_STOPS=60 $(BIN)/python -m pytest -q tests/faults/test_readers.py
	$(BIN)/python -m tests.soak.soak $(SOAK)
	$(BIN)/python -m tests.soak.witness $(SOAK)

# Each target for SECONDS; what breaks something is left in .fuzz/ and belongs into tests/fuzz/found/TARGET/.
SECONDS ?= 60
fuzz: $(DEV)
	@mkdir -p .fuzz
	@$(BIN)/python -c 'from tests.fuzz.targets import TARGETS; print(*TARGETS, sep="\n")' | while read target; do \
	  echo "== $$target"; \
	  $(BIN)/python -m tests.fuzz.fuzz "$$target" -max_total_time=$(SECONDS) -artifact_prefix=.fuzz/ >.fuzz/log 2>&1 \
	    || { tail -30 .fuzz/log; exit 1; }; tail -1 .fuzz/log; done

# pip 25.1 is the first that reads [dependency-groups].
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'

$(READY): pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(DEV): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	touch $@

$(BENCH): $(DEV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	touch $@

clean:
	rm -rf .venv .venv-3.* dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
