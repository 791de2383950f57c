# The targets, for `make` alone, are the lines with two number signs.
.DEFAULT_GOAL := help
.PHONY: help run invoke test check lint mutations short-soak limits reproducible engines browser validate sam-test soak fuzz bench reliability build sam-build import export clean

HOST       ?= 127.0.0.1
PORT       ?= 3000
EVENT      ?= events/sample.json
OS         ?= linux
ARCH       ?= arm64
DIST       ?= dist
FUZZTIME   ?= 60s
SOAK       ?= 100000
CHROMIUM   ?= $(shell command -v chromium)
SCREENSHOT ?= .cache/reference.png
# "required" makes lint fail where known vulnerabilities cannot be looked up, which it says and lets pass otherwise.
VULNERABILITIES ?=

CACHE     := $(CURDIR)/.cache
FUNCTIONS := get-registered-devices authorizer
# How a function is built to be deployed: static, stripped, without HTTP/2 and the RPC server of the old Go runtime, and the same bytes
# wherever it is built.
RELEASE   := CGO_ENABLED=0 GOFLAGS="-tags=lambda.norpc,nethttpomithttp2 -trimpath -buildvcs=false '-ldflags=-s -w'"
TOOL      := go tool -modfile=.ci/tools.mod
VENV      := $(CACHE)/sam
SAM       := $(or $(shell command -v sam),$(VENV)/bin/sam)

help: ## lists the targets
	@awk -F ': .*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serves the API and its reference on http://127.0.0.1:3000 (HOST=, PORT=); Ctrl-C ends it
	@go build -o $(CACHE)/local ./internal/local
	@HOST=$(HOST) PORT=$(PORT) exec $(CACHE)/local run

invoke: ## passes one event to its function: make invoke EVENT=events/sample.json
	@go build -o $(CACHE)/local ./internal/local
	@exec $(CACHE)/local invoke $(EVENT)

test: ## runs the tests; needs Go and Node
	@if [ -n "$$(command -v $$(go env CC))" ]; then set -- -race; else \
	  echo "There is no C compiler, which Go's race detector needs: testing without it."; set --; fi; \
	  CGO_ENABLED=$$([ $$# -gt 0 ] && echo 1 || echo 0) go test "$$@" ./...

check: test lint mutations short-soak limits reproducible engines browser validate ## runs test and the next eight, which is what CI runs beside sam-test; fetches what it needs into .cache

lint: ## checks the code's form, and for known vulnerabilities; needs the network
	go vet -tags browser,sam,samlocal,soak ./...
	go mod tidy -diff
	@unformatted=$$($(TOOL) gofumpt -l .); [ -z "$$unformatted" ] || { echo "gofumpt would change: $$unformatted"; exit 1; }
	$(TOOL) staticcheck -tags browser,sam,samlocal,soak ./...
	@if out=$$($(TOOL) govulncheck ./... 2>&1); then echo "govulncheck: no known vulnerability is called"; \
	elif [ "$(VULNERABILITIES)" != required ] && echo "$$out" | grep -q 'fetching vulnerabilities'; then echo "WARNING: govulncheck cannot reach its database: this was NOT checked"; \
	else echo "$$out"; exit 1; fi

mutations: ## breaks the program on purpose, expects a test to notice, and writes docs/reliability.md (MUTATION=, for one)
	go run ./internal/mutations $(MUTATION)

short-soak: SOAK = 2000
short-soak: soak ## runs the soak for 2000 invocations

limits: ## fails where instructions, allocations or sizes have grown; without valgrind, instructions are not checked
	go run ./internal/bench limits

reproducible: ## builds the functions in two places, and expects the same bytes
	@rm -rf $(CACHE)/copy && mkdir -p $(CACHE)/copy
	@git ls-files -z | xargs -0 cp --parents -t $(CACHE)/copy
	@for arch in arm64 amd64; do \
	  $(MAKE) --no-print-directory build ARCH=$$arch DIST=$(CACHE)/here-$$arch && \
	  $(MAKE) --no-print-directory -C $(CACHE)/copy build ARCH=$$arch DIST=$(CACHE)/there-$$arch && \
	  diff -r $(CACHE)/here-$$arch $(CACHE)/there-$$arch && \
	  echo "$$arch: the same bytes twice" || exit 1; done
	@rm -rf $(CACHE)/copy $(CACHE)/here-* $(CACHE)/there-*

engines: ## runs the tests of DynamoDB on Amazon's own engine, which needs Java and Maven; make test has run them on dynalite
	ENGINE=dynamodb-local go test ./internal/devicetable ./internal/devices
	ENGINE=dynamodb-local go test -run '^(TestFaults|TestDeadStore)$$' ./internal/local

browser: ## clicks Execute on the reference page, in Chromium (CHROMIUM=, SCREENSHOT=)
	@[ -n "$(CHROMIUM)" ] || { echo "There is no Chromium: install it (apt-get install chromium), or say where it is with CHROMIUM=."; exit 1; }
	CHROMIUM="$(CHROMIUM)" SCREENSHOT="$(abspath $(SCREENSHOT))" go test -count=1 -tags browser -run '^TestReferencePage$$' ./internal/local

validate: $(VENV)/bin/sam ## checks template.yaml by SAM CLI, cfn-lint and rules of our own, and the AWS commands of the pages
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-west-1 $(VENV)/bin/sam validate --lint
	AWS_DEFAULT_REGION=eu-west-1 $(VENV)/bin/cfn-lint --non-zero-exit-code informational --include-checks I -- template.yaml
	SAM_PYTHON=$(VENV)/bin/python go test -count=1 -tags sam ./internal/deployment ./docs

sam-test: $(SAM) ## runs every event in sam local, and compares its answers with make invoke's; needs Docker
	@docker info >/dev/null 2>&1 || { echo "There is no Docker engine, so sam local was NOT tested: install Docker, start it, and run make sam-test again. make run and make test need none."; exit 1; }
	@$(MAKE) --no-print-directory sam-build ARCH=$$(go env GOHOSTARCH)
	SAM=$(SAM) SAM_LOCAL_FLAGS="$(SAM_LOCAL_FLAGS)" go test -count=1 -v -tags samlocal -run '^TestSAMLocal' ./internal/local

soak: ## runs the deployed bootstrap for SOAK=100000 invocations, and expects memory and connections to stay flat
	SOAK=$(SOAK) go test -v -count=1 -tags soak -run '^TestSoak$$' -timeout 60m ./internal/local

fuzz: ## runs each fuzz target for FUZZTIME=60s
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep ^Fuzz); do \
	    echo "$$package $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || exit 1; done; done

bench: ## measures the functions beside others and writes docs/performance.md; takes twenty minutes
	go run ./internal/bench

reliability: ## does every fault to the calls of DynamoDB, and writes docs/reliability.md
	REPORT=1 go test -count=1 -run '^TestFaults$$' ./internal/local

build: ## builds dist/*/bootstrap as it is deployed (ARCH=arm64, or amd64)
	@for f in $(FUNCTIONS); do GOOS=$(OS) GOARCH=$(ARCH) $(RELEASE) go build -o $(DIST)/$$f/bootstrap ./functions/$$f || exit 1; done

sam-build: $(SAM) ## runs sam build for sam deploy, with the flags of make build and for the same ARCH
	SAM_CLI_TELEMETRY=0 $(RELEASE) $(SAM) build --parameter-overrides Architecture=$(ARCH:amd64=x86_64)

import: ## writes devices into a table: make import FILE=devices.json TABLE=name (SKIP_REFUSED=yes)
	@SKIP_REFUSED=$(SKIP_REFUSED) go run ./internal/devices import "$(FILE)" "$(TABLE)"

export: ## writes a table's devices into a new file: make export TABLE=name FILE=devices.json
	@go run ./internal/devices export "$(TABLE)" "$(FILE)"

clean: ## removes everything that was built or fetched
	rm -rf $(CACHE) .aws-sam dist

$(VENV)/bin/sam: .ci/requirements.txt
	@command -v python3 >/dev/null || { echo "There is no python3, which SAM CLI needs: install it, or do without make validate; make test does not need it."; exit 1; }
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r .ci/requirements.txt || \
	  { echo "SAM CLI could not be fetched: try again with the network at hand; make test does not need it."; exit 1; }
	@touch $@
