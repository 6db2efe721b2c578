# Wayfare: every command a person needs. `make run` and `make test` set up all they need by themselves.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup run test check fmt bench bench-long chaos

setup: .venv/.ready node_modules/.ready

.venv/.ready: .python-version deploy/requirements-dev.txt
	test -x .uv/bin/uv || ($(PYTHON) -m venv .uv && .uv/bin/pip install -q uv)
	test -d .venv || .uv/bin/uv venv -q .venv
	.uv/bin/uv pip sync -q --python .venv deploy/requirements-dev.txt
	touch $@

node_modules/.ready: package-lock.json .venv/.ready
	$(BIN)/python -m crm.runtime.node ci --ignore-scripts --no-audit --no-fund
	touch $@

run: setup
	$(BIN)/python manage.py run

test: setup
	$(BIN)/pytest

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run

fmt: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m bench $(ARGS)

bench-long: setup
	$(BIN)/python -m bench --long $(ARGS)

bench-%: setup
	$(BIN)/python -m bench $* $(ARGS)
