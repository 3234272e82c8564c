# Every target does its own set-up: a virtual environment in .venv. `make PYTHON=... test` says
# which Python to make it with.

PYTHON ?=
export PYTHON

BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint format readme rules man docs dist peers fuzz bench bench-package clean

help:
	@echo "make demo    check the two buildspecs of fixtures/article"
	@echo "make test    run the tests"
	@echo "make lint    ruff and mypy"
	@echo "make format  put the code in shape"
	@echo "make readme  put what cdlint prints today into README.md and docs/"
	@echo "make rules   write docs/rules/ from the rules' documentation"
	@echo "make man     write docs/cdlint.1, the man page"
	@echo "make docs    build the documentation's site into build/site"
	@echo "make dist    build wheel, source distribution, bill of materials and checksums into dist/"
	@echo "make peers   compare cdlint with other tools on the seeded faults"
	@echo "make fuzz    feed cdlint odd input for a minute (FUZZ=seconds)"
	@echo "make bench   measure cdlint's speed beside that of yamllint, check-jsonschema, zip and aws s3 cp"
	@echo "make bench-package  only the second part: cdlint package"
	@echo "make clean   remove what the other targets made"

demo:
	@scripts/setup core
	@$(BIN)/cdlint check --exit-zero fixtures/article/*.yml

test:
	@scripts/setup test
	@$(BIN)/python -m pytest $(ARGS)

lint:
	@scripts/setup dev
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

format:
	@scripts/setup dev
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

readme:
	@scripts/setup core
	@$(BIN)/python scripts/readme.py
	@$(BIN)/python scripts/pages.py

rules:
	@scripts/setup core
	@$(BIN)/python scripts/rule_pages.py

docs:
	@scripts/setup docs
	@$(BIN)/python -m sphinx -q -E -a -W --keep-going -b html -d build/doctrees docs build/site
	@echo "build/site/index.html"

dist:
	@scripts/setup release
	@$(BIN)/python scripts/dist.py $(ARGS)

man:
	@scripts/setup core
	@$(BIN)/python scripts/man_page.py

peers:
	@scripts/setup core
	@$(BIN)/python bench/peers.py

fuzz:
	@scripts/setup fuzz
	@$(BIN)/python fuzz/run.py $(or $(FUZZ),60)

bench:
	@scripts/setup core
	@$(BIN)/python bench/run.py $(ARGS)
	@$(BIN)/python bench/package.py

bench-package:
	@scripts/setup core
	@$(BIN)/python bench/package.py $(ARGS)

clean:
	rm -rf .venv .bench build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
