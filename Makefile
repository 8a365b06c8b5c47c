# make demo · make test · make check · make bench      (nothing else to learn)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: demo test check bench setup

demo: setup
	@$(BIN)/passerelle demo $(ARGS)

test: setup
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal $(ARGS)

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

# pip says nothing for a minute when it is quiet and three hundred lines when it is not: count what it collects instead, keep
# what it said for the day it fails, and end as it ended.
define COUNT_PACKAGES
import subprocess, sys
total = sum(line[0].isalnum() for line in open("requirements.lock", encoding="utf-8"))
said, seen, live = [], 0, sys.stdout.isatty()
pip = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
for line in pip.stdout:
    said.append(line)
    found = line.startswith(("Collecting ", "Processing "))
    seen += found
    if found and (live or seen % 25 == 0):
        print(f"  {seen} of {total} packages", end="\r" if live else "\n", flush=True)
    if line.startswith("Installing collected"):
        print(f"  installing {seen} packages            ", flush=True)
failed = pip.wait()
sys.exit("".join(said[-20:]) + "Setting up stopped here. Run the same command again: what is installed stays." if failed else 0)
endef
export COUNT_PACKAGES

# One file says the environment matches the lock; it is rebuilt only when the lock or the packages change.
$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Passerelle needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make demo PYTHON=python3.12")'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is incomplete here. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@[ -w . ] || { echo "This folder is read-only: clone Passerelle where you may write." >&2; exit 1; }
	@echo "Setting up $(VENV) from requirements.lock: about a minute, once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c "$$COUNT_PACKAGES" $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes --only-binary :all: --requirement requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@echo "Compiling the engines of large rounds and their repairs: some thirty seconds, once."
	@$(BIN)/python -c 'from graph import augment, repair_memory; augment.prepare(); repair_memory.prepare()'
	@touch $(VENV)/ready
