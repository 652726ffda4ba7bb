# Two commands do everything: make run, make test. See README.md.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON := .venv/bin/python
# Some containers set it: each start would compile every library anew.
unexport PYTHONDONTWRITEBYTECODE
# Explained in docs/security.md.
KNOWN := CVE-2026-37737 CVE-2025-69223
.PHONY: help run shell worker actions migrate train ask evaluate compare purge key rekey bench test soak lint lock audit setup setup-dev clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: setup ## set up what is missing and start the assistant
	@$(PYTHON) -m rasa_ext.commands.run

shell: setup ## talk to the assistant in the terminal
	@$(PYTHON) -m rasa_ext.commands.shell

worker: setup ## start one Rasa process of several (docs/operations.md)
	@$(PYTHON) -m rasa_ext.commands.worker

actions: setup ## start one action server, for workers
	@$(PYTHON) -m rasa_ext.commands.actions

migrate: setup ## bring the tables of the database up to date
	@$(PYTHON) -m rasa_ext.commands.migrate

train: setup ## train the model when it is missing or stale
	@$(PYTHON) -m rasa_ext.commands.train

ask: setup ## what is understood: make ask TEXT=花呗还不上了怎么办
	@$(PYTHON) -m rasa_ext.commands.ask "$(TEXT)"

evaluate: setup ## accuracy on the real questions and on the blind set
	@$(PYTHON) -m rasa_ext.commands.evaluate

compare: setup ## classifiers and features beside one another: the table of docs/understanding.md
	@$(PYTHON) -m rasa_ext.commands.compare

purge: setup ## delete what is older than XIESHANG_RETENTION_DAYS
	@$(PYTHON) -m rasa_ext.commands.purge

key: setup ## a new key for XIESHANG_ENCRYPTION_KEYS
	@$(PYTHON) -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"

rekey: setup ## encrypt everything with the first of XIESHANG_ENCRYPTION_KEYS
	@$(PYTHON) -m rasa_ext.commands.rekey

widget: setup ## build web/dist when it is stale (needs Node)
	@$(PYTHON) -m rasa_ext.commands.widget

pictures: setup-dev train ## take the pictures of docs/web
	@$(PYTHON) -m tests.web.pictures

test: setup-dev lint train ## run every check and test
	@$(PYTHON) -m pytest

soak: setup-dev train ## an hour of talks, 20,000 random requests, 200 kills: CONTRIBUTING.md
	@$(PYTHON) -m tests.soak

bench: setup-dev train ## measure beside Rasa's stock set-up: docs/performance.md (BENCH_SHORT=1: some minutes)
	@$(PYTHON) -m benchmarks.compare

lint: setup-dev ## ruff, mypy, rasa data validate
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@$(PYTHON) -m rasa_ext.launch data validate --fail-on-warnings --quiet

lock: setup-dev ## resolve requirements/*.in into hash-locked files
	@for name in uv runtime dev audit; do .venv/bin/uv pip compile --quiet --python-version 3.10 \
		--generate-hashes --no-emit-index-url --no-header requirements/$$name.in \
		-o requirements/$$name.txt || exit 1; done

audit: setup ## known vulnerabilities of the locked libraries (asks PyPI; docs/security.md)
	@.venv/bin/uv run --quiet --no-project --isolated --python 3.10 \
		--with-requirements requirements/audit.txt pip-audit --strict --disable-pip \
		--require-hashes -r requirements/runtime.txt $(KNOWN:%=--ignore-vuln %)

setup:
	@scripts/setup.sh runtime

setup-dev:
	@scripts/setup.sh dev

clean: ## remove environment, models and run-time data
	rm -rf .venv .venv-uv models var .rasa web/node_modules
