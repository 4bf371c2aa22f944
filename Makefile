# `make help` lists what there is. Everything lives in the checkout: .venv, results, caches.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
# CPU build of torch: users give the address of PyTorch's CPU wheels, see README.
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: env
env: $(STAMP) ## build .venv from the lock file

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
TORCH := $(shell sed -n 's/^\(torch==[^ ]*\).*/\1/p' envs/torch.txt)

# Files whose hashes the lock does not have are refused; torch of an index that the user names is the exception.
$(STAMP): envs/lock.txt envs/torch.txt pyproject.toml envs/check_machine.sh
	@bash envs/check_machine.sh "$(PYTHON)"
	@echo "Building $(VENV) from envs/lock.txt; this takes some minutes ..."
	@"$(PYTHON)" -m venv $(VENV)
	@$(PIP) --no-deps --require-hashes --requirement envs/lock.txt
	@$(PIP) --no-deps $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --report $(VENV)/torch.json $(TORCH)
	@$(if $(TORCH_INDEX),true,$(BIN)/python envs/known_file.py $(VENV)/torch.json envs/torch.txt) || { $(BIN)/python -m pip uninstall --quiet --yes torch; exit 1; }
	@$(PIP) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(TORCH)  # what this build needs beside: CUDA for GPUs, else little
	@$(PIP) --no-deps --editable .
	@touch $(STAMP)
	@echo "$(VENV) is ready; for the commands mint and snakemake: source $(BIN)/activate"

.PHONY: pardiso
pardiso: env ## optional, faster linear solver (MKL, not open source; 220 MB): then set trajectory.linear_solver
	@$(PIP) --no-deps --require-hashes --requirement envs/pardiso.txt

# Sphinx and codespell, which no stage needs.
WRITERS := $(VENV)/.writers
$(WRITERS): $(STAMP) envs/docs.txt
	@$(PIP) --no-deps --require-hashes --requirement envs/docs.txt
	@touch $(WRITERS)

.PHONY: docs
docs: $(WRITERS) ## the site, from docs/ into site/; a warning, or a link to nowhere, is an error
	@$(BIN)/sphinx-build --quiet --nitpicky --fail-on-warning --keep-going -d site/.doctrees docs site
	@echo "site/index.html"

.PHONY: docs-links
docs-links: docs ## whether the addresses that the site links to answer (needs the internet)
	@$(BIN)/sphinx-build --quiet -b linkcheck -d site/.doctrees docs site/links

.PHONY: demo
demo: env ## the embedded motions, from poses to dataset and report
	@$(BIN)/mint demo

PROFILE ?= local
.PHONY: resume
resume: env ## go on after whatever stopped the last run: PROFILE=local|slurm
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/mint resume --profile $(PROFILE)

.PHONY: what-changed
what-changed: env ## what a run would compute and why, without running it: PROFILE=local|slurm
	@$(BIN)/mint what-changed --profile $(PROFILE)

.PHONY: simulate
simulate: env ## what a campaign on a cluster would take: ARGS="--nodes 8 --cores 16"
	@$(BIN)/mint simulate $(ARGS)

# Side by side: whole projects; dry runs; SLURM, which mostly waits; networks; scaling; everything else (with CasADi, which
# cannot share a process with OpenSim, in a child).
BESIDE := end_to_end workflow cluster learning kinematics_scale
.PHONY: test
test: env ## all tests, on two cores
	@logs=$$(mktemp -d); failed=0; beside=; \
	for name in $(BESIDE); do \
	  if [ $$name = workflow ]; then workers="--numprocesses 2"; else workers=; fi; \
	  $(BIN)/python -m pytest tests/$$name $$workers >$$logs/$$name 2>&1 & beside="$$beside $$!"; done; \
	$(BIN)/python -m pytest tests $(BESIDE:%=--ignore tests/%) || failed=1; \
	for each in $$beside; do wait $$each || failed=1; done; \
	for name in $(BESIDE); do cat $$logs/$$name; done; rm -r $$logs; exit $$failed

FAST := batch body core formats plan reader report sequence support
.PHONY: test-fast
test-fast: env ## tests of readers, planning, checks, merging and tables: a few minutes, no solver
	@$(BIN)/python -m pytest $(FAST:%=tests/%)

export WHY ?=
.PHONY: methods
methods: env ## record the code of the stages, after a new method version or with WHY="what leaves results alone"
	@$(BIN)/mint dev methods --why "$$WHY"

.PHONY: format
format: env ## lay out Python and Snakemake code
	@$(BIN)/ruff format --quiet workflow tests bench docs examples
	@$(BIN)/snakefmt Snakefile workflow/rules

.PHONY: settings
settings: env ## write config/config.yaml anew from the typed sections
	@$(BIN)/mint dev settings

.PHONY: lint
lint: $(WRITERS) ## formatting, types, import borders, workflow rules, spelling
	@$(BIN)/ruff check workflow tests bench docs examples
	@$(BIN)/ruff format --check --quiet workflow tests bench docs examples || { echo "not formatted: make format"; exit 1; }
	@$(BIN)/snakefmt --check --compact-diff Snakefile workflow/rules
	@$(BIN)/mypy
	@$(BIN)/codespell
	@$(BIN)/lint-imports --config .importlinter --no-cache
	@$(BIN)/snakemake --lint --profile local

.PHONY: bench
bench: env ## measured trials against force plates, inverse dynamics and EMG (needs the data folder beside the checkout)
	@$(BIN)/python bench/measured.py

SUITE ?= quick
SOLVERS ?= mumps
.PHONY: bench-trajectory
bench-trajectory: env ## the trajectory suite: SUITE=quick|full, SOLVERS="mumps pardiso" (needs the data folder)
	@$(BIN)/python bench/trajectory.py $(SUITE) $(SOLVERS)

.PHONY: bench-windows
bench-windows: env ## chunks against one long window without seams (after bench-trajectory, needs its kinematics)
	@$(BIN)/python bench/windows.py $(firstword $(SOLVERS))

.PHONY: bench-symmetries
bench-symmetries: env ## the same motion raised, turned and mirrored (after bench-trajectory, needs its kinematics)
	@$(BIN)/python bench/symmetries.py $(firstword $(SOLVERS))

.PHONY: bench-trunk
bench-trunk: env ## the trunk stage against OpenSim's StaticOptimization (needs the data folder)
	@$(BIN)/python bench/trunk.py

.PHONY: bench-moco
bench-moco: env ## OpenSim Moco against the trajectory stage on one chunk (25 minutes)
	@$(BIN)/python bench/moco.py

.PHONY: bench-cluster
bench-cluster: env ## the demo on a private SLURM of this machine, and a simulated campaign (needs slurm-wlm, munge)
	@$(BIN)/python bench/cluster.py

.PHONY: bench-processors
bench-processors: env ## chunks of the demo with the matrix kernels of other processors (after make demo)
	@$(BIN)/python bench/processors.py

.PHONY: bench-fuzz
bench-fuzz: env ## 3000 damaged motion files in one campaign: planning, validation, ledger (10 minutes)
	@$(BIN)/python bench/fuzz.py

.PHONY: bench-inputs
bench-inputs: env ## people whose markers come without a marker set: marker errors, angles (needs the data folder)
	@$(BIN)/python bench/inputs.py

GROUP ?=
PEOPLE ?=
export GROUP
.PHONY: bench-people
bench-people: env ## people with force plates and EMG, from file to result: GROUP=choose|judge PEOPLE="schreiber2019/2014004 cmu" (hours)
	@$(BIN)/python bench/people.py $(PEOPLE)

.PHONY: bench-unseen
bench-unseen: env ## motion that nothing was tuned to: share accepted, reasons, costs: GROUP=choose|judge (an hour each)
	@$(BIN)/python bench/unseen.py

PRESET ?=
export PRESET
.PHONY: bench-refine
bench-refine: env ## refinement towards EMG on measured people and on a known truth: PRESET=fast|test|paper (40 minutes)
	@$(BIN)/python bench/refine.py $(PEOPLE)

.PHONY: bench-learning
bench-learning: env ## a dataset of many bodies, all networks and floors trained on it: PRESET=campaign|small SEEDS=3 (4 hours)
	@$(BIN)/python bench/learning.py

.PHONY: bench-dataset
bench-dataset: env ## windows of 100 synthetic sequences: Parquet reader, pickles, musint (2 minutes)
	@$(BIN)/python bench/dataset.py

MODULES ?=
MUTMUT := $(VENV)/mutants/.installed
$(MUTMUT): envs/mutants.txt | env
	@rm -rf $(@D)
	@$(PIP) --no-deps --require-hashes --target $(@D) --requirement envs/mutants.txt
	@touch $@

.PHONY: mutants
mutants: env $(MUTMUT) ## mutation tests of the kernels of the science: MODULES="core/chunks sequence/blend" (hours)
	@PYTHONPATH="$(CURDIR)/$(VENV)/mutants" $(BIN)/python bench/mutants.py $(MODULES)

.PHONY: doctor
doctor: ## what is missing on this machine and how to get it
	@bash envs/check_machine.sh "$(PYTHON)" --verbose

.PHONY: clean
clean: ## remove results, keep the environment
	rm -rf results .snakemake
