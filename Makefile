# The two commands that matter are `make demo` and `make test`; the rest are their parts.
PYTHON ?= python3
# The example that `make demo` brings up: two-clouds or four-clouds.
EXAMPLE ?= two-clouds
# How many tests run at a time; the live ones always one after the other, since a machine has one lab.
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test tools packages test-packages lint types clean live-istio live-linkerd live-consul

demo: packages $(STAMP)
	@$(BIN)/python -m multimesh_lab.demo $(EXAMPLE)

test: packages test-packages $(STAMP) lint types
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

# Installs those Debian packages that are missing, where it may; elsewhere they are named by what needs them.
# $(1): whose they are, as multimesh_lab.machine has them; $(2): what they are for; $(3): what follows if they cannot be had.
define install
wanted=$$($(BIN)/python -m multimesh_lab.machine $(1)); \
if [ -n "$$wanted" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
  echo "installing Debian packages for $(2):" $$wanted; \
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$wanted >/dev/null; } \
  || $(3); \
fi
endef

packages: $(STAMP)
	@$(call install,lab,the lab,exit 1)
	@$(call install,tunnels,tunnels between clouds,echo "not installed: whether a tunnel is up is decided by what was declared alone")

test-packages: $(STAMP)
	@$(call install,tests,tests,echo "not installed: tests that need them are skipped by name")

$(STAMP): pyproject.toml lab/pyproject.toml
	@echo "python: making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --editable . --editable lab --group dev
	@touch $@

clean:
	rm -rf $(VENV)
