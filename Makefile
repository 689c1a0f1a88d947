# Needs Python >= 3.11 and make; everything else comes from the locked requirements.
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3 python,$(if $(shell $(p) -c 'import sys; print(sys.version_info[:2] >= (3,11) or "")' 2>/dev/null | grep True),$(p))))
PORT ?= 8000
BIN := .venv/bin
MODEL := intents/model/model.bin

.PHONY: run setup test bench lint lock clean

run: setup
	@$(BIN)/wenjin run --port $(PORT)

setup: .venv/ready $(MODEL)

.venv/ready: requirements/run.txt requirements/dev.txt requirements/uv.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python >= 3.11 is needed (none found)"; exit 1; }
	@echo "==> environment in .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

$(MODEL): .venv/ready $(shell find intents -name '*.py' -o -name '*.yml' | grep -v '^intents/model/') $(wildcard knowledge/guijiang/*.yml)
	@$(BIN)/wenjin train

test: setup
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: setup
	@$(BIN)/python -m bench

lint: .venv/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/wenjin knowledge check

# Rewrites the locked requirements: hashes, no registry address.
lock:
	uv lock
	uv export -q --format requirements-txt --no-emit-project --no-dev --no-header -o requirements/run.txt
	uv export -q --format requirements-txt --no-emit-project --no-header -o requirements/dev.txt
	uv pip compile -q --generate-hashes --no-header --no-emit-index-url requirements/uv.in -o requirements/uv.txt
	rm -f uv.lock

clean:
	rm -rf .venv data intents/model
