# make demo · make test · make check · make bench      (nothing else to learn)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: demo test check bench setup

demo: setup
	@$(BIN)/passerelle demo $(ARGS)

test: setup
	@$(BIN)/python -m pytest $(ARGS)

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint hub/pages/templates --lint --quiet
	@$(BIN)/passerelle db check

bench: setup
	@for script in tests/benchmarks/bench_*.py; do PYTHONPATH=. $(BIN)/python "$$script" $(ARGS) || exit 1; done

setup: $(VENV)/ready

# One file says the environment matches the lock; it is rebuilt only when the lock or the packages change.
$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Passerelle needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make demo PYTHON=python3.12")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is incomplete here. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@[ -w . ] || { echo "This folder is read-only: clone Passerelle where you may write."; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock: about a minute, once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar on --require-hashes --only-binary :all: --requirement requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@echo "Compiling the engine of large rounds: some ten seconds, once."
	@$(BIN)/python -c 'from graph.augment import prepare; prepare()'
	@touch $(VENV)/ready
