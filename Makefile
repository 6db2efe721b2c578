# Wayfare: every command a person needs. `make run` and `make test` set up all they need by themselves.
# Settings may follow: make run PORT=8001 DEMO=0
PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
UV := $(or $(shell command -v uv),.uv/bin/uv)
# What `check` looks at must hold for a server, whatever the environment of this machine says.
SERVER := env -u DEBUG SECRET_KEY=$(shell head -c 48 /dev/urandom | base64 | tr -d '/+=') DATABASE_URL=postgres://nobody@127.0.0.1:1/none \
	CELERY_BROKER_URL=redis://127.0.0.1:1/0 SMTP_URL=smtps://127.0.0.1:1 BASE_URL=https://crm.example.com \
	DEFAULT_FROM_EMAIL=crm@example.com

.PHONY: setup run test check fmt bench bench-long chaos messages tour lock

setup: .venv/.ready node_modules/.ready

$(filter .uv/bin/uv,$(UV)):
	$(PYTHON) -m venv .uv
	.uv/bin/pip install -q uv

.venv/.ready: .python-version deploy/requirements-dev.txt | $(filter .uv/bin/uv,$(UV))
	test -d .venv || $(UV) venv -q .venv
	$(UV) pip sync -q --python .venv deploy/requirements-dev.txt
	touch $@

node_modules/.ready: package-lock.json .venv/.ready
	$(BIN)/python -m crm.runtime.node ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

run: setup
	@$(MANAGE) run

test: setup
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/pytest -rs $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/mypy
	$(MANAGE) checkmigrations
	@$(SERVER) $(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) messages --check

fmt: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: setup
	$(MANAGE) messages

bench: setup
	$(BIN)/python -m bench $(ARGS)

bench-long: setup
	$(BIN)/python -m bench --long $(ARGS)

bench-%: setup
	$(BIN)/python -m bench $* $(ARGS)

chaos: setup
	CHAOS_ROUNDS=20 $(BIN)/pytest -m chaos -n 0 $(ARGS)

tour: setup
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m docs.tour $(ARGS)

# Requirement files with hashes and without addresses, from deploy/*.in.
lock: | $(filter .uv/bin/uv,$(UV))
	cd deploy && for name in requirements requirements-dev; do \
		$(abspath $(UV)) pip compile -q --python-version 3.13 --universal --generate-hashes --no-header $$name.in -o $$name.txt || exit 1; done
