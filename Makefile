# One line per target; logic lives in scripts beside what it is about.
CARGO_TARGET_DIR ?= $(CURDIR)/target
export CARGO_TARGET_DIR
VENV := .venv
PYTHON := $(VENV)/bin/python

.PHONY: run build test lint bench bench-all lambda deploy destroy emulator cost soak fuzz fuzz-bytes supply openapi screenshots test-rust test-web test-reporter test-sdk bench-sdk torture test-host test-browser test-lambda

run: build            ## build everything and serve http://127.0.0.1:8000, data in ./.argus
	$(CARGO_TARGET_DIR)/release/argus-local

build: frontend/dist/index.html wheel ## release binaries, and the Python package in target/wheels
	cargo build --release --locked -p argus-local -p argus-agent -p argus-watchdog

SDK := .venv-sdk
SDK_PYTHON := $(SDK)/bin/python

$(SDK_PYTHON): agent/python/requirements-dev.txt
	python3 -m venv $(SDK)
	$(SDK)/bin/pip install --quiet --disable-pip-version-check -r agent/python/requirements-dev.txt
	touch $(SDK_PYTHON)

.PHONY: wheel sdk
wheel: $(SDK_PYTHON)
	$(SDK)/bin/maturin build --release --locked -m agent/python/Cargo.toml --interpreter $(SDK_PYTHON) -o $(CARGO_TARGET_DIR)/wheels

sdk: wheel
	$(SDK)/bin/pip install --quiet --disable-pip-version-check -r agent/python/tests/integrations/requirements.txt
	$(SDK)/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps $$(ls -t $(CARGO_TARGET_DIR)/wheels/argus_reporter-*.whl | head -1)

frontend/node_modules: frontend/package.json frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund && touch node_modules

frontend/dist/index.html: frontend/node_modules $(shell find frontend/src frontend/locales frontend/index.html frontend/public frontend/vite.config.ts -type f 2>/dev/null)
	cd frontend && npm run build

test: test-rust test-web test-reporter test-sdk test-host test-browser test-lambda

test-rust:            ## unit, function, flow, contract and layering tests
	cargo test --workspace --locked --no-fail-fast

test-web: frontend/node_modules
	cd frontend && npm test

binaries: frontend/dist/index.html
	cargo build --workspace --bins --locked

test-reporter: binaries $(PYTHON) ## the public argus-reporter against the real server
	ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local $(PYTHON) -m pytest -q tests/reporter

test-host: binaries $(PYTHON) ## agent, watchdog, the real server and a real script on one machine
	ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local ARGUS_AGENT_BIN=$(CARGO_TARGET_DIR)/debug/argus-agent ARGUS_WATCHDOG_BIN=$(CARGO_TARGET_DIR)/debug/argus-watchdog $(PYTHON) -m pytest -q tests/host

test-sdk: binaries sdk $(PYTHON) ## our Python package against the real server, and beside argus-reporter 0.1.3
	cd agent/python && ../../$(SDK)/bin/mypy --strict --no-error-summary typing_check.py && ../../$(SDK)/bin/stubtest argus._native
	ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local ARGUS_ORIGINAL_PYTHON=$(CURDIR)/$(PYTHON) $(SDK_PYTHON) -m pytest -q agent/python/tests

bench-sdk: sdk $(PYTHON) ## what a call of the Python package costs, beside argus-reporter 0.1.3
	ARGUS_ORIGINAL_PYTHON=$(CURDIR)/$(PYTHON) $(SDK_PYTHON) agent/python/tests/bench.py

# Other trackers, for the table only: a folder of their own, since they bring half a gigabyte.
RIVALS := .venv-rivals/bin/python
$(RIVALS): agent/python/tests/requirements-rivals.txt
	python3 -m venv .venv-rivals
	.venv-rivals/bin/pip install --quiet --disable-pip-version-check -r agent/python/tests/requirements-rivals.txt
	touch $(RIVALS)

torture: binaries sdk $(PYTHON) $(RIVALS) ## the "never hurts training" tables, beside wandb, MLflow and Trackio
	ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local ARGUS_KILL_RUNS=100 ARGUS_BACKLOG=1000000 ARGUS_BACKLOG_OUTAGE=60 $(SDK_PYTHON) -m pytest -q agent/python/tests/test_processes.py
	ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local ARGUS_ORIGINAL_PYTHON=$(CURDIR)/$(PYTHON) ARGUS_RIVALS_PYTHON=$(CURDIR)/$(RIVALS) $(SDK_PYTHON) agent/python/tests/torture.py

test-browser: binaries $(PYTHON) chromium ## a real browser against the real server
	cd frontend && ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local ARGUS_PYTHON=$(CURDIR)/$(PYTHON) npm run test:browser

test-lambda:          ## the template deployed on an emulator, through the Lambda runtime protocol
	bash tests/lambda/run.sh

$(PYTHON): tests/reporter/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/reporter/requirements.txt
	touch $(PYTHON)

.PHONY: chromium binaries bench-web
chromium:
	command -v chromium >/dev/null || (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk)

lint: frontend/node_modules ## formatting, clippy with warnings denied, type checks
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cd frontend && npm run lint

screenshots: binaries $(PYTHON) chromium ## pictures of every page into frontend/screenshots
	cd frontend && ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local ARGUS_PYTHON=$(CURDIR)/$(PYTHON) npm run screenshots

bench-web: build chromium ## frame times of live pages
	cd frontend && ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/release/argus-local npm run bench:browser

openapi:              ## rewrite the agreed document after routes changed, and the types made from it
	UPDATE_OPENAPI=1 cargo test -q --workspace --lib the_document_matches_the_routes
	cd frontend && npm run gen:api

bench: frontend/dist/index.html ## print tables; some of them: make bench SECTIONS='scale watchdog'
	bash tests/bench/run.sh $(SECTIONS)

bench-all: bench bench-sdk bench-web ## every table: server, daemons, package, pages

lambda:               ## a zip per function in target/lambda
	bash infra/package.sh

deploy: lambda frontend/dist/index.html ## deploy to AWS: make deploy STAGE=dev [ARCH=arm64]
	bash infra/deploy.sh

destroy:              ## remove a copy from AWS: make destroy STAGE=dev; DATA=delete takes table and files too
	bash infra/destroy.sh

emulator:             ## the same on an emulator: up, deploy, smoke, until Ctrl-C
	bash localstack/emulators/run.sh

cost:                 ## what it costs: measures capacity, writes infra/COST.md
	bash infra/cost/run.sh

soak: binaries        ## load, kill -9 and network faults, recounted: make soak SOAK_SECONDS=600
	ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local bash tests/soak/run.sh

fuzz: binaries        ## everything the OpenAPI document allows, asked of a real server
	ARGUS_LOCAL_BIN=$(CARGO_TARGET_DIR)/debug/argus-local bash tests/soak/fuzz.sh

fuzz-bytes:           ## bodies, cursors, credentials, forms and stream positions, mutated: make fuzz-bytes FUZZ_SECONDS=300
	ARGUS_FUZZ_SECONDS=$(or $(FUZZ_SECONDS),300) cargo test -q --workspace --locked --lib rounds:: -- --nocapture

supply:               ## licences, sources, checksums; a bill of materials in target/argus.cdx.json
	mkdir -p target && python3 infra/supply/check.py --sbom target/argus.cdx.json
