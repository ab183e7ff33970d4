# The two commands that matter are `make demo` and `make test`; the rest are their parts.
PYTHON ?= python3
# The example that `make demo` brings up: two-clouds or four-clouds.
EXAMPLE ?= two-clouds
# How many tests run at a time; the live ones always one after the other, since a machine has one lab.
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test tools packages lint types clean live-istio live-linkerd live-consul

demo: packages $(STAMP)
	@$(BIN)/python -m multimesh_lab.demo $(EXAMPLE)

test: packages $(STAMP) lint types
	@$(BIN)/python -m multimesh_lab.tools --for-tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

# A mesh on clusters of yours: CLUSTERS="NAME=KUBECONFIG@EGRESS …"; tests/elsewhere says what that is.
live-istio live-linkerd live-consul: $(STAMP)
	@MULTIMESH_CLUSTERS="$(CLUSTERS)" MULTIMESH_MESH=$(@:live-%=%) $(BIN)/python -m pytest -v -rs tests/elsewhere

tools: $(STAMP)
	@$(BIN)/python -m multimesh_lab.tools

lint: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: $(STAMP)
	@$(BIN)/basedpyright

# Installs the few Debian packages of the lab where it may; elsewhere they are named by what needs them.
packages: $(STAMP)
	@missing=$$($(BIN)/python -m multimesh_lab.machine); \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing Debian packages:" $$missing; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
	@wanted=$$($(BIN)/python -m multimesh_lab.machine tunnels); \
	if [ -n "$$wanted" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing Debian packages for tunnels between clouds:" $$wanted; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$wanted >/dev/null \
	  || echo "not installed: whether a tunnel is up is decided by what was declared alone"; \
	fi

$(STAMP): pyproject.toml lab/pyproject.toml
	@echo "python: making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --editable . --editable lab --group dev
	@touch $@

clean:
	rm -rf $(VENV)
