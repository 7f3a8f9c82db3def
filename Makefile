# A thin entry: every recipe is a line or two that can be repeated by hand.
PY        := .venv/bin/python
NOTEBOOKS  = $(shell ls -r notebooks/[0-9][0-9]_*.ipynb)
# A file to a worker, the longest first; three keep two cores busy, because a browser's test often waits.
# PASSIVE: threads that wait for work leave the processor to others.
PYTEST    := OMP_WAIT_POLICY=PASSIVE $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder
NBVAL      = $(PYTEST) -p tests.conftest --color=no --nbval --nbval-current-env $(NOTEBOOKS)
PIP       := $(PY) -m pip install -c constraints.txt

# glibc: memory that a cell no longer uses goes back to the machine, and a page ends up to 100 MB lighter.
export MALLOC_MMAP_THRESHOLD_ := 2097152
export MALLOC_TRIM_THRESHOLD_ := 16777216

.PHONY: help lab present install test check portable notebooks site site-test bench campaign reset weights

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1: /p' Makefile

# JUPYTER_PREFER_ENV_PATH: no kernel in the reader's home may stand in for ours. --allow-root: for containers.
lab: .venv/.lab ## read the course: JupyterLab opens the first page (ARGS=--no-browser adds a flag)
	@JUPYTER_PREFER_ENV_PATH=1 $(PY) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb \
	--ServerApp.root_dir="$(CURDIR)" --ip=127.0.0.1 --allow-root $(ARGS)

present: .venv/.lab ## show a notebook as live slides: make present NB=04 (its notes on a page of their own)
	@$(PY) -m publish.present "$(NB)" $(ARGS)

install: .venv/.lab ## build .venv (CUDA=1: torch for NVIDIA; PYTHON=/path/to/python3: build it with that one)

test: .venv/.test ## prove it: unit tests, then every notebook, every stored output compared
	OMP_NUM_THREADS=1 $(PYTEST)
	$(NBVAL)

check: .venv/.test ## lint, format, hygiene of the notebooks, who imports whom
	$(PY) -m ruff check && $(PY) -m ruff format --check
	$(PY) -m tests.hygiene && $(PY) -m pytest -q tests/test_floors.py

portable: .venv/.test ## every notebook once more, as an older processor with one thread computes it
	OMP_NUM_THREADS=1 ATEN_CPU_CAPABILITY=default MKL_CBWR=COMPATIBLE $(NBVAL)

notebooks: .venv/.test ## run every notebook again and store it in its normal form
	$(PY) -m ruff format notebooks
	$(PY) -m tests.hygiene --run

site: .venv/.lab ## the course as pages that need no kernel and no network, in site/ (Node.js fetches what they carry)
	@$(PY) -m publish.site $(ARGS)

site-test: .venv/.test site ## the site in a browser: links, widgets, weight, what keeps people from reading it
	OMP_NUM_THREADS=1 $(PYTEST) --dist worksteal -o python_files=pages.py tests/site

bench: .venv/.bench ## what is fast, beside what a reader would use instead: benchmarks/RESULTS.md (PARTS="epochs imports")
	$(PY) -m benchmarks $(PARTS)

reset: .venv/.whole ## the notebooks as they were committed; what you changed is kept in mine/
	@$(PY) -m publish.reset

weights: .venv/.test ## train the stored models again
	$(PY) -m vae_helpers.learning.make_weights

campaign: .venv/.test ## lose nothing: kills, bad mirrors, spoiled files, storms by the thousand (benchmarks/CAMPAIGN.md)
	OMP_NUM_THREADS=1 VAE_CAMPAIGN=1 $(PY) -m pytest tests/campaign

# ---- .venv: nothing is asked or installed while its stamps are newer than pyproject.toml and constraints.txt ----

# A name on PATH may be too old, a shim that fails, or a Python without venv (Debian): take the first that runs this.
PYTHON := python3.11 python3.12 python3.13 python3.14 python3
define PROBE
import sys
if sys.version_info < (3, 11): sys.exit(print(" %s is %d.%d." % (sys.argv[1], *sys.version_info[:2])) or 1)
try: import venv, ensurepip
except ImportError: sys.exit(print(" %s lacks venv." % sys.argv[1]) or 1)
endef
export PROBE

.venv/.whole:
	@for p in $(PYTHON); do why="$$why$$($$p -c "$$PROBE" $$p 2>/dev/null)" && exec $$p -m venv --clear .venv; done; \
	echo "Install Python 3.11 or newer with venv (Debian, Ubuntu: apt install python3-venv).$$why" >&2; exit 1
	@touch $@

# .whole is away while pip works, so that the next call begins afresh after a build that was cut off.
while_not_whole = @mv .venv/.whole .venv/.cut; { $(1); }; ok=$$?; mv .venv/.cut .venv/.whole; exit $$ok

# PyTorch's own index has small wheels without CUDA, but not our versions of what torch needs: hence --no-deps.
CPU_WHEELS := https://download.pytorch.org/whl/cpu
torch := $(if $(CUDA),,$(PIP) --no-deps --retries 1 --timeout 5 --index-url $(CPU_WHEELS) torch ||) $(PIP) torch

# JupyterLab asks every new reader whether it may fetch its news, whatever LabApp.news_url says.
NEWS := @jupyterlab/apputils-extension:announcements

.venv/.lab: .venv/.whole pyproject.toml constraints.txt
	$(call while_not_whole,$(torch) && echo "Installing JupyterLab and the rest: a minute or two." && $(PIP) -q -e .)
	@$(PY) -m jupyterlab.labextensions disable --level=sys_prefix --log-level=ERROR $(NEWS) && touch $@

.venv/.test: .venv/.lab
	$(call while_not_whole,$(PIP) -q -e '.[test]')
	@touch $@

.venv/.bench: .venv/.test
	$(call while_not_whole,$(PIP) -q -e '.[bench]')
	@touch $@
