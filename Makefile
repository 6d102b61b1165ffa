# Everything that is built, tested or measured, by name. `./run` and `./test` do the first two.
PYTHON = .venv/bin/python

.PHONY: run test bench bench-gpu board torture oracles samples wheel clean

run: ## the sample network in a window (without a display: as a movie)
	./run

test: ## style, imports, every test
	./test

bench: .venv/lamella.stamp ## the figures, beside their peers, in one run: make bench ONLY=volumes
	$(PYTHON) -m tests.benchmarks $(if $(ONLY),--only $(ONLY))

bench-gpu: .venv/lamella.stamp ## the figures that need a GPU
	$(PYTHON) -m tests.benchmarks.gpu $(if $(ONLY),--only $(ONLY))

board: .venv/lamella.stamp ## every network of ../shared/models: COMPATIBILITY.md
	$(PYTHON) -m tools.board

torture: .venv/lamella.stamp ## hundreds of broken files, tens of killed extractions
	$(PYTHON) -m tools.torture

oracles: ## an environment of its own with PyTorch, Captum, Zennit: reference values for the tests
	tools/oracles.sh

wheel: .venv/lamella.stamp ## dist/lamella-*.whl
	$(PYTHON) -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .

clean: ## what was built; the environment stays
	rm -rf dist build board bench.json .pytest_cache .ruff_cache .hypothesis

.venv/lamella.stamp: pyproject.toml
	./test --set-up-only
