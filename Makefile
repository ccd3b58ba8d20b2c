# Each target installs what it needs into .venv; a fresh machine needs Python 3.11 or newer, pip and make.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.PHONY: run test dev bench install lock clean
.DEFAULT_GOAL := run

ifdef DATA
RUN_ARGS := --data $(DATA)
else
RUN_ARGS := --sample --home data/demo
endif
ifdef HOME_DIR
RUN_ARGS += --home $(HOME_DIR)
endif

run: $(INSTALLED)
	@$(BIN)/township-index run $(RUN_ARGS)

test: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

dev: $(INSTALLED)
	@$(BIN)/township-index dev $(if $(HOME_DIR),--home $(HOME_DIR))

bench: $(INSTALLED)
	@$(BIN)/python -m benchmarks

install: $(INSTALLED)

# uv installs a locked set in seconds; where it cannot reach the index, pip does the same with pip's own settings.
$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock \
	  || $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . \
	  || $(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

# Newest versions that fit pyproject.toml, with hashes and without an index address.
lock:
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --upgrade -o requirements.lock

clean:
	rm -rf .venv data/demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
