# Everything one does with this project.  Needs a POSIX sh, GNU make 3.81 or later and a Python of 3.11 or later; no
# environment has to be active.  `make ARGS="-k chain" test` hands arguments on; `make PYTHON=python3.12 dev` chooses.

PYTHON =
ARGS =
VENV = .venv
BIN = $(VENV)/bin
OUT = demo-out

PYTHONS = $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
PIP = $(BIN)/python -m pip -qq --disable-pip-version-check
MORE = tests/agents_more
PROJECT = pyproject.toml occasio_core/version.py

# An environment that was not finished is made again.
.DELETE_ON_ERROR:

.PHONY: help demo dev check fix test test-agents peers harness bench bench-check conformance adequacy verifier viewer dist clean

help:
	@echo "make demo         show the whole way: govern, seal, verify, tamper (under a minute, no API key)"
	@echo "make dev          make the environment for working on Occasio in $(VENV)"
	@echo "make check        lint, formatting, types, import contracts"
	@echo "make test         all tests"
	@echo "make test-agents  more real agents (2.5 GB on the first run, then five minutes)"
	@echo "make faults       kills, power losses and full disks by the hundred (half an hour); OCCASIO_SEED=... repeats one"
	@echo "make fuzz         fuzz what reads what others wrote, a minute for each target; ARGS='--seconds 3600 rows' for one"
	@echo "make peers        others' witness and log reader for the tests (PEER_PYTHON=python3.12 or later)"
	@echo "make harness      attack the gate with Claude Code and Codex (five minutes)"
	@echo "make fix          mend what ruff can mend"
	@echo "make conformance  the vectors against both implementations"
	@echo "make adequacy     how many broken verifiers the vectors notice (ten minutes)"
	@echo "make bench        the numbers, each beside its peer, into benchmarks/RESULTS.md"
	@echo "make bench-check  whether a ratio has become worse than noise explains (fifteen minutes)"
	@echo "make verifier     the verifier as one file that any Python runs: dist/occasio-verify.pyz"
	@echo "make viewer       the viewer as one page, from its parts (Node)"
	@echo "make dist         a release, the same bytes anywhere: wheel, sdist, verifier, man page, SBOM, digests"
	@echo "make clean        remove what these made, but $(VENV)"

demo: $(VENV)/.occasio
	@$(BIN)/occasio demo attest --out $(OUT)

dev: $(VENV)/.dev

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: $(VENV)/.dev
	$(BIN)/pytest $(ARGS)

test-agents: $(VENV)/.dev $(MORE)/venvs/.installed
	OCCASIO_REQUIRE_MORE_AGENTS=1 $(BIN)/pytest $(MORE) $(ARGS)

.PHONY: faults
faults: $(VENV)/.dev
	OCCASIO_SLOW_TESTS=1 $(BIN)/pytest tests/faults tests/occasio_core/test_ledger_writers.py $(ARGS)

# Guided by coverage where atheris has a wheel for this Python, by chance alone elsewhere.
.PHONY: fuzz
fuzz: $(VENV)/.dev
	-$(PIP) install --only-binary :all: --group fuzz
	$(BIN)/python -m tests.fuzz $(ARGS)

PEER_PYTHON ?= python3
peers:
	$(PEER_PYTHON) -m venv tests/peers/venv
	tests/peers/venv/bin/pip install -q --disable-pip-version-check -r tests/peers/requirements.txt

harness: $(VENV)/.dev
	@PATH="$(CURDIR)/tests/agents/node_modules/.bin:$$PATH" $(BIN)/occasio harness $(ARGS)

bench: $(VENV)/.dev
	@$(PIP) install --group bench
	@$(BIN)/python benchmarks/run.py $(ARGS)

bench-check: $(VENV)/.dev
	@$(BIN)/python benchmarks/check.py $(ARGS)

conformance: $(VENV)/.dev
	$(BIN)/python conformance/run.py $(ARGS) -- $(BIN)/python conformance/occasio_verify_client.py
	$(BIN)/python conformance/run.py $(ARGS) -- node conformance/javascript/client.js

adequacy: $(VENV)/.dev
	$(BIN)/python conformance/adequacy.py $(ARGS)

verifier: $(VENV)/.occasio
	@$(BIN)/python -m occasio_core.demo.portable dist/occasio-verify.pyz

dist: $(VENV)/pyvenv.cfg
	@PYTHON=$(BIN)/python .ci/release dist

viewer:
	@node conformance/javascript/viewer/build.js

clean:
	rm -rf $(OUT) dist build *.egg-info .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +

# Occasio and what it needs to run.
$(VENV)/.occasio: $(VENV)/pyvenv.cfg $(PROJECT)
	@echo "installing occasio into $(VENV)"
	@$(PIP) install --editable .
	@touch $@

# And what one needs to work on it.  Dependency groups (PEP 735) came with pip 25.1.
$(VENV)/.dev: $(VENV)/.occasio
	@echo "installing the tools of development into $(VENV)"
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --group dev
	@touch $@

# The agents of `test-agents`: those of npm by their lock file, each of the others in an environment of its own.  Not
# `npm ci`, which wants the packages of other systems in the lock file, too.
$(MORE)/venvs/.installed: $(VENV)/pyvenv.cfg $(MORE)/package-lock.json $(wildcard $(MORE)/*.txt)
	@echo "installing the agents of $(MORE)"
	@npm install --no-save --prefix $(MORE) --no-audit --no-fund --loglevel=error
	@for agent in $(basename $(notdir $(wildcard $(MORE)/*.txt))); do \
		$(BIN)/python -m venv $(MORE)/venvs/$$agent && \
		$(MORE)/venvs/$$agent/bin/python -m pip -qq --disable-pip-version-check install -r $(MORE)/$$agent.txt || exit 1; \
	done
	@touch $@

$(VENV)/pyvenv.cfg:
	@for python in $(PYTHONS); do \
		if $$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "making $(VENV) with $$python"; \
			$$python -m venv $(VENV); exit; \
		fi; \
	done; \
	echo "no Python of 3.11 or later with venv and ensurepip was found" >&2; \
	echo "hint: install one, or name it: make PYTHON=/path/to/python3 demo" >&2; \
	exit 1
