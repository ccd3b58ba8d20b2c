# Each target installs what it needs into .venv; a fresh machine needs Python 3.11 or newer, pip and make.
# The system's Python is built with optimisation; one that was built by hand, as by pyenv, often is not: its loops take 1.7
# times as long and a run 7 % longer (Debian 12). PYTHON= names another.
PYTHON ?= $(shell /usr/bin/python3 -c "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null \
  && echo /usr/bin/python3 || echo python3)
BIN := .venv/bin
INSTALLED := .venv/.installed
# Containers often forbid Python to keep what it compiled: every run would then compile some 3,000 files again, which
# was a sixth of its CPU time. .venv is ours to write to.
export PYTHONDONTWRITEBYTECODE :=
# uv does not compile what it installs: what a run imports is imported once.
COMPILED := import pipeline.definitions, great_expectations.expectations, geopandas, scipy.stats, scipy.sparse

.PHONY: run dev check test lint bench install scale hooks translations lock clean help
.PHONY: quick-tests all-tests
.DEFAULT_GOAL := run

ifdef DATA
RUN_ARGS := --data $(DATA)
else
RUN_ARGS := --sample --home data/demo
endif
ifdef HOME_DIR
RUN_ARGS += --home $(HOME_DIR)
endif

run: $(INSTALLED) ## the main job on the embedded sample; on your records with DATA=folder, in another home with HOME_DIR=
	@$(BIN)/township-index run $(RUN_ARGS)

dev: $(INSTALLED) ## the Dagster UI on 127.0.0.1:3000; HOME_DIR= names another home
	@$(BIN)/township-index dev $(if $(HOME_DIR),--home $(HOME_DIR))

# The linter and the type checker run beside the tests, which leave a core idle at times.
check: $(INSTALLED) ## lint, format, types and the quick unit tests: before a commit
	@$(MAKE) --no-print-directory -j 2 lint quick-tests

test: $(INSTALLED) ## lint, format, types and every test: before a change lands
	@$(MAKE) --no-print-directory -j 2 lint all-tests

lint: $(INSTALLED) ## the linter, the formatter and the type checker alone
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

quick-tests: $(INSTALLED)
	@HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest --workers 2 -m "not slow" tests/unit $(wildcard tests/test_*.py)

all-tests: $(INSTALLED)
	@$(BIN)/python -m pytest --workers 3

bench: $(INSTALLED) ## the benchmarks, each beside its baseline
	@$(BIN)/python -m benchmarks

install: $(INSTALLED) ## the installation into .venv, which the others call when needed

# Daft wants an older pyarrow than a run is made with, so the extra `scale` has an environment of its own.
SCALE := .venv-scale/bin
scale: $(INSTALLED) ## an environment of its own, .venv-scale, for township-index tally (Daft and Ray)
	@test -x $(SCALE)/python || $(PYTHON) -m venv .venv-scale
	@$(BIN)/uv pip install --quiet --python $(SCALE)/python --require-hashes -r requirements-scale.lock \
	  || $(SCALE)/python -m pip install --quiet --require-hashes -r requirements-scale.lock
	@$(BIN)/uv pip install --quiet --python $(SCALE)/python --no-deps --editable . \
	  || $(SCALE)/python -m pip install --quiet --no-deps --editable .

hooks: $(INSTALLED) ## check every commit of this clone (.pre-commit-config.yaml)
	@$(BIN)/prek install

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# uv installs a locked set in seconds; where it cannot reach the index, pip does the same with pip's own settings.
$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
	  || $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . \
	  || $(BIN)/python -m pip install --quiet --no-deps --editable .
	@$(BIN)/python -c "$(COMPILED), fontTools.subset, fontTools.ttLib, httpx, typst, xlsxwriter"
	@touch $@

translations: ## bring data/reference/labels/my.po in step with the English sentences of the reports
	@$(BIN)/python -m scripts.translations

lock: ## new lock files: newest versions that fit pyproject.toml and the oldest Python, with hashes, without an index address
	$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock
	cp requirements.lock requirements-scale.lock
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra scale --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements-scale.lock

clean: ## remove .venv, the sample's home and caches
	rm -rf .venv .venv-scale data/demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
