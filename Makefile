# Every target does its own set-up; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Newer than the requirements when the environment is up to date: to train,
# test and localize, and with what checks and pages need besides.
STAMP := $(VENV)/.installed
DEV := $(VENV)/.developer
PIP := $(BIN)/python -m pip install --disable-pip-version-check
COVERED = $(BIN)/python -m pytest --cov --cov-report= --cov-fail-under=0
REQUIREMENTS := $(wildcard requirements.txt requirements/*.txt) setup.py

.DEFAULT_GOAL := help
.PHONY: help install demo demo-photos test gpu-check lint format coverage docs wheel clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-11s %s\n", $$1, $$2}' Makefile

install: $(STAMP)  ## create .venv to train, test and localize, 6.4 GB

demo: $(STAMP)  ## boxes on photographs, then train TS-CAM and SCM, 10 minutes
	$(BIN)/python tools/demo.py

demo-photos: $(STAMP)  ## SCM beside TS-CAM on real images, PHOTOS=folder
	PYTHON=$(BIN)/python tools/experiments/demo_photos.sh $(PHOTOS)

test: lint  ## lint, then run all tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile \
		--no-loadscope-reorder

gpu-check: $(DEV)  ## test and time on a GPU; tables in work_dirs/gpu.md
	@mkdir -p work_dirs
	@if $(BIN)/python -c 'import torch as t; exit(not t.cuda.is_available())'; \
	then \
		$(BIN)/python -m pytest -m gpu tests || exit; \
		for what in neck 'step --batch 32' 'step --batch 256' \
			'inference --batch 32' 'growth --batch 8'; do \
			$(BIN)/python tools/benchmark.py --device cuda --what $$what \
				|| exit; \
			echo; \
		done > work_dirs/gpu.md; \
	else echo 'No GPU was found: nothing to measure.' | tee work_dirs/gpu.md; \
	fi

lint: $(DEV)  ## check style, spelling, types, layers and shell scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shellcheck -x tools/*.sh tools/experiments/*.sh .ci/run

format: $(DEV)  ## let ruff rewrite the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: $(DEV)  ## what the tests of the mathematics and models reach
	@# what numba compiles cannot be seen: first its kernels as Python
	NUMBA_DISABLE_JIT=1 OMP_NUM_THREADS=1 $(COVERED) \
		tests/functional/test_box_sweep.py -k 'not every_level'
	OMP_NUM_THREADS=1 $(COVERED) --cov-append -n 2 -m 'not slow' \
		tests/functional tests/models tests/evaluation
	@for package in functional models evaluation; do \
		$(BIN)/coverage report --include "mmscm/$$package/*" || exit; done

docs: $(DEV)  ## build the documentation into build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

wheel: $(DEV)  ## build sdist and wheel into dist, and check them
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist
	$(BIN)/twine check --strict dist/*

clean:  ## remove caches and build files; .venv and work_dirs stay
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .hypothesis \
		.import_linter_cache .mypy_cache .coverage .coverage.*
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d \
		-exec rm -rf {} +

$(STAMP): $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or \
		sys.exit("Expected Python 3.10 or later, but got " + sys.version \
		+ ". Name another: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.txt -c requirements/constraints.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(STAMP)
	$(PIP) -r requirements/dev.txt -c requirements/constraints.txt
	@touch $@
