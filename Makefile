# Everything that is built, tested or measured, by name. `make` alone lists it.
PYTHON = $(if $(wildcard .venv/bin/python),.venv/bin/python,python3)
ONLY =

.PHONY: help run test bench bench-data bench-gpu board torture oracles samples pictures wheel clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

run: ## the sample network in a window; without a display, a movie
	./run

test: ## every test, style and imports included
	./test

bench: ## the figures, beside their peers, in one run: make bench ONLY=volumes
	tools/setup.sh bench
	$(PYTHON) -m tests.benchmarks --only "$(ONLY)"

bench-data: ## a real layer's million points for the matrix's figures, once (3.6 GB, two minutes)
	tools/setup.sh run
	$(PYTHON) -m tests.benchmarks.matrix_data

bench-gpu: ## the figures that need a GPU; uses what is installed
	$(PYTHON) -m tests.benchmarks.gpu --only "$(ONLY)"

board: ## every network of ../shared/models: COMPATIBILITY.md
	tools/setup.sh test
	$(PYTHON) -m tools.board

torture: ## hundreds of broken files, tens of killed extractions
	tools/setup.sh test
	$(PYTHON) -m tools.torture

oracles: ## an environment of its own with PyTorch, to train samples and check the engine by
	tools/oracles.sh
	.oracles/bin/python -m tests.oracles.attribution
	.oracles/bin/python -m tests.oracles.weights

samples: oracles ## train the sample networks again
	.oracles/bin/python samples/digits/train.py
	.oracles/bin/python samples/shapes/train.py

pictures: ## pictures of README and docs, taken from the real window
	tools/setup.sh test
	tools/on_screen.sh $(PYTHON) -m tools.pictures
	tools/on_screen.sh $(PYTHON) -m tools.matrix_study
	tools/on_screen.sh $(PYTHON) -m tools.orders_study
	tools/on_screen.sh $(PYTHON) -m tools.importance_study

wheel: ## dist/lamella-*.whl
	tools/setup.sh test
	$(PYTHON) -m hatchling build -t wheel

clean: ## remove what was built and measured; the environments stay
	rm -rf build dist board bench.json bench-gpu.json .pytest_cache .ruff_cache .hypothesis
