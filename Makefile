# Everything a person or a machine does with this repository. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/groups
VENDOR := shared/web/static/vendor/.complete
WORKERS ?= 2
# folders whose tests need more than Python packages of the `test` group
PLAIN := --ignore=tests/browser --ignore=tests/compose

.PHONY: help setup demo demo-reset check test test-browser test-compose test-long bench screenshots lock translations assets

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

# --- what the other targets stand on -------------------------------------------------------------

setup: $(INSTALLED)/check $(VENDOR) ## the virtual environment and the pages' assets, without starting anything

$(PY):
	@PYTHON="$${PYTHON:-}"; \
	for candidate in $$PYTHON python3 python3.13 python3.12 python3.11; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$candidate"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo "Stadtteilbote needs Python 3.11 or newer; python3 here is: $$(python3 --version 2>&1 || true)." >&2; \
	  echo "Install it (Debian: apt install python3 python3-venv), or name it: make demo PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip' 2>/dev/null; then \
	  echo "$$found has no ensurepip, so it cannot make a virtual environment (Debian: apt install python3-venv)." >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv $(VENV)

$(VENV)/bin/uv: deploy/uv.txt | $(PY)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --default-pip >/dev/null
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r deploy/uv.txt
	@touch $@

$(INSTALLED)/%: pyproject.toml requirements.lock $(VENV)/bin/uv
	@echo "Installing what '$*' needs"
	@$(VENV)/bin/uv pip install --quiet --compile-bytecode --python $(PY) --group $* --constraints requirements.lock --require-hashes
	@mkdir -p $(INSTALLED) && touch $@

$(VENDOR): package.json package-lock.json shared/web/assets.py | $(INSTALLED)/demo
	@echo "Copying styles, fonts and htmx"
	@$(PY) -m shared.web.assets
	@touch $@

assets: $(VENDOR)

# --- use it --------------------------------------------------------------------------------------

demo: $(INSTALLED)/demo $(VENDOR) ## the whole of it on this machine, with a year of sample data
	@exec $(PY) -m deploy.demo

demo-reset: ## forget the demo's data; the next `make demo` starts over
	@rm -rf "$${DEMO_DIR:-var/demo}" && echo "The demo's data is gone."

# --- keep it good --------------------------------------------------------------------------------

check: $(INSTALLED)/check $(VENDOR) ## format, lint, types, imports, templates, translations, words
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m scripts.lint_templates
	$(PY) -m scripts.lint_translations
	$(PY) -m scripts.lint_words
	$(PY) -m scripts.lint_shape

test: $(INSTALLED)/test $(VENDOR) ## everything that needs neither Docker nor a browser
	$(PY) -m pytest $(PLAIN) -n $(WORKERS) --dist worksteal -m "not browser and not compose and not long"

test-browser: $(INSTALLED)/browser $(VENDOR) ## the journeys and axe in Chromium
	@for name in chromium chromium-browser google-chrome; do command -v "$$name" >/dev/null && found=1; done; \
	if [ -z "$${found:-}" ]; then echo "Chromium is missing (Debian: apt install chromium fonts-noto-core)." >&2; exit 1; fi
	$(PY) -m pytest tests/browser -m browser

test-compose: $(INSTALLED)/browser ## the same journey through the compose stack
	@docker compose version >/dev/null 2>&1 || { echo "Docker with its compose plugin is missing." >&2; exit 1; }
	$(PY) -m pytest tests/compose -m compose

test-long: $(INSTALLED)/test $(VENDOR) ## the fault tests, ten times as many
	$(PY) -m pytest $(PLAIN) -n $(WORKERS) --dist worksteal -m long

screenshots: $(INSTALLED)/browser $(VENDOR) ## the pictures of docs/pictures, anew from a demo of its own
	$(PY) -m tests.browser.screenshots

bench: $(INSTALLED)/bench ## ratios against the usual alternatives, in one run
	$(PY) -m benchmarks.bus
	$(PY) -m benchmarks.board
	$(PY) -m benchmarks.room
	$(PY) -m benchmarks.verdict
	$(PY) -m benchmarks.newsletter

# --- change what it is made of -------------------------------------------------------------------

lock: $(VENV)/bin/uv ## write requirements.lock and deploy/uv.txt anew from what is asked for
	$(VENV)/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --quiet --python-version 3.11 \
	  --group check --group browser --group bench pyproject.toml --output-file requirements.lock $(UPGRADE)
	$(VENV)/bin/uv --version | awk '{print "uv=="$$2}' | $(VENV)/bin/uv pip compile --universal --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet - --output-file deploy/uv.txt

translations: $(INSTALLED)/check ## collect texts from code and templates into the catalogues
	$(PY) -m scripts.translations
