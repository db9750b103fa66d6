# make run    set up and start the chat on seeds/
# make test   set up and run the tests, those in the browser too where Chromium is installed
# make check  test, and the linter and the type checker before it

PYTHON ?= python3
PY := .venv/bin/python
export HF_HUB_OFFLINE = 1

.PHONY: run test check

run: .venv/run
	$(PY) app.py

test: .venv/dev
	$(PY) -m pytest

check: .venv/dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest

.venv/run: requirements.txt
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(PY) -m index.search
	$(PY) -m qa.reader
	touch $@

.venv/dev: .venv/run requirements-dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
