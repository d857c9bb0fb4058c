# Everything runs in .venv, which the first target that needs it makes.
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
CASES := tests/conformance/cases

.PHONY: demo test long image check fix golden conformance parity bench clean

demo: ## Render the example fleet into out/ and print where everything runs
	@scripts/setup.sh demo
	@$(BIN)/armada-render render examples/app-manifests --output-dir out --table

test: ## Run the tests
	@scripts/setup.sh dev
	@$(PYTEST) -q -n auto

long: ## The long stage: an image, an API server, a browser, fuzzing. Installs programs as root
	@scripts/setup.sh long
	@set -e; for tool in tests/support/tools/*.sh; do echo "== $$tool" >&2; $$tool; done
	@$(PYTEST) -q -m long

image: ## Build the container image with docker, podman or buildah
	@scripts/image.sh

check: ## Everything that CI checks
	@scripts/setup.sh dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -q -n auto --cov --cov-report=

fix: ## Format, and mend what ruff can mend
	@scripts/setup.sh dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: ## Rewrite the expected output of the golden cases, then show the difference
	@scripts/setup.sh dev
	@test -z "$$CI" || { echo "make golden does not run in CI" >&2; exit 1; }
	-$(PYTEST) -q tests/test_cases.py tests/test_docs.py --update-golden
	@git --no-pager diff --stat -- tests/cases README.md docs

conformance: ## Compare with what real Karmada computed, category by category
	@scripts/setup.sh dev
	@$(BIN)/armada-render conformance $(CASES)/*.jsonl.gz

parity: ## Only the tables built after Karmada's own tests, and the conformance cases
	@scripts/setup.sh dev
	@$(PYTEST) -q tests/conformance tests/unit/schedule tests/unit/build

bench: ## Measure: the target table, then the rest. With QUICK=1 small sizes, for a look in a minute
	@scripts/setup.sh dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@benchmarks/helm.sh
	@$(BIN)/python -m benchmarks.targets $(if $(QUICK),--quick)
	@$(BIN)/python -m benchmarks.sides $(if $(QUICK),--quick)
	@$(BIN)/python -m benchmarks.start $(if $(QUICK),--quick)
	@$(BIN)/python -m benchmarks.cmp $(if $(QUICK),--quick)
	@$(BIN)/python -m benchmarks.checks $(if $(QUICK),--quick)
	@$(BIN)/python -m benchmarks.writing
	@$(BIN)/python -m benchmarks.growth $(if $(QUICK),--most 100 --output $${TMPDIR:-/tmp})
	@test -n "$(QUICK)" || $(BIN)/python -m benchmarks.engine
	@test -n "$(QUICK)" || $(BIN)/python -m benchmarks.diff

clean:
	rm -rf .venv out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -f .coverage .coverage.*
