# Every target is one line that forwards to Python; the work is in `python -m analysis`.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help report test near long lab sample clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

report: $(VENV)/word ## build the reports of the shipped periods into reports/
	$(RUN) -P -m analysis report

test: $(VENV)/word $(VENV)/test ## run all tests: pytest, the notebooks, the structure rules
	$(RUN) -m pytest -n auto --dist loadfile --no-loadscope-reorder

near: $(VENV)/test ## run the tests near to what was changed since the last commit, for between two edits
	$(RUN) tools/near.py

long: $(VENV)/word $(VENV)/test ## run what takes hours: kills, files, samples, guards, many examples of each property
	$(RUN) -m tools long

lab: $(VENV)/ready ## open the project in JupyterLab: notebooks, data, documentation
	JUPYTER_PATH=src/analysis/batch/jupyter $(RUN) -P -m jupyterlab --notebook-dir=. notebooks/00_start.ipynb

sample: $(VENV)/ready ## rebuild the illustrative periods (seeded)
	$(RUN) -m tools sample

clean: ## remove the environment and what was built; what somebody put there or changed stays
	PYTHONSAFEPATH=1 PYTHONPATH=src $(PYTHON) -m analysis.storage.clean_up
	test -L $(VENV) || test ! -e $(VENV)/ready || rm -rf $(VENV)

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --require-hashes -r requirements.lock
	$(RUN) -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(RUN) -m compileall -q src
	test ! -e .git || git config --replace-all include.path ../tools/gitconfig '^\.\./tools/gitconfig$$'
	touch $@

# what some targets need besides: of Word documents, of tests
$(VENV)/%: requirements-%.lock $(VENV)/ready
	$(RUN) -m pip install --quiet --require-hashes -r $<
	touch $@
