# `make help` lists every verb; each one first sets up what it needs.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE  # where it is set, every process of every test compiles what it imports again

VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
PYTHON ?= $(shell deploy/find-python)
VENV_PACKAGE = $(if $(PYTHON),$(shell deploy/venv-package $(PYTHON)))

.PHONY: help setup demo play test lint check house cards lifecycle attacks bench realworld release clean checked area system postgresql

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: system $(VENV)/.installed .toolbox/.installed ## Install everything into .venv and .toolbox (locked, with hashes)

demo: setup ## Run it all on this machine, with stand-ins where no keys are set, and open two phones in the browser
	@$(BIN)/shipmate demo

play: setup ## The demo, without opening a browser
	@$(BIN)/shipmate play

test: area setup postgresql ## Run all tests, or some: make test AREA=cards (a folder or file below tests/), JOBS=3 at a time
	@$(if $(AREA),,deploy/timed test) $(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(if $(AREA),tests/$(AREA))

lint: $(VENV)/.installed ## Only lint and formatting: seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check: lint ## Lint, formatting, strict types, import contracts, house rules
	@deploy/timed check $(MAKE) checked

checked:
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/house

house: $(VENV)/.installed ## Print figures of the code: lines, patterns, import rules, seconds (ARGS=--json)
	@$(BIN)/python -m benchmarks.house $(ARGS)

cards: $(VENV)/.installed ## Draw every card as a picture of the phone, into docs/pictures (needs chromium)
	@deploy/system-packages chromium:chromium
	@test -e /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf || deploy/system-packages emoji:fonts-noto-color-emoji
	@$(BIN)/python -m tests.gallery

lifecycle: $(VENV)/.installed ## Write docs/lifecycle.md from the code
	@$(BIN)/python -m bot.domain.lifecycle > docs/lifecycle.md

attacks: setup ## Run every attack, print how many of each family are held, and what the guards make of unseen changes
	@$(BIN)/python -m benchmarks.attacks $(ARGS)

bench: setup ## Run the benchmarks, as tables with ratios
	@$(BIN)/python -m benchmarks

realworld: setup ## Replay fixes of real projects from request to merge (downloads them; ARGS="--sources FOLDER" uses copies)
	@$(BIN)/python -m benchmarks.realworld $(ARGS)

release: $(VENV)/.installed ## Build wheels, source archives, bill of materials and change notes into dist/, and tag (ARGS=--no-tag)
	@$(BIN)/python deploy/release $(ARGS)

clean: ## Remove what setup and runs created (.shipmate, with its changes, is kept)
	rm -rf $(VENV) .toolbox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis reports dist

area:
	@test -z "$(AREA)" || test -e "tests/$(AREA)" || { echo "There is no tests/$(AREA). Rooms: $$(cd tests && echo [a-z]*/)"; exit 1; }

system:
	@deploy/system-packages git:git bwrap:bubblewrap rg:ripgrep $(VENV_PACKAGE)

postgresql:
	@compgen -G '/usr/lib/postgresql/*/bin/postgres' > /dev/null || deploy/system-packages postgres:postgresql

$(VENV)/.installed: requirements.lock deploy/link deploy/find-python
	@test -n "$(PYTHON)" || { echo "Shipmate needs Python 3.11 or newer: install python3 (3.11+) or set PYTHON=/path/to/python"; exit 1; }
	@deploy/system-packages $(VENV_PACKAGE)
	@echo "Installing into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python deploy/link
	@touch $@

.toolbox/.installed: deploy/toolbox.lock deploy/link-node
	@echo "Installing test tools for repositories into .toolbox ..."
	@test -x .toolbox/bin/python || $(PYTHON) -m venv .toolbox
	@.toolbox/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/toolbox.lock
	@$(PYTHON) deploy/link-node .toolbox
	@touch $@
