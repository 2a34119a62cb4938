# Proviso's commands. `make help` prints them; CI calls these targets and nothing else.

SHELL       := /bin/sh
MODULES     := proto pkg services/analyser services/builder services/collector services/gateway services/manager services/proviso test
TOOLS       := $(CURDIR)/.build/bin
# The protovalidate module carries validate.proto, which our messages import; it is copied, never committed.
VALIDATE    := .build/protovalidate/buf/validate/validate.proto
# Packages of the test module that start whole systems; `make test` leaves them to `make e2e`.
E2E         := ./test/e2e/... ./test/browser/...
# A run of everything shares two cores with nats-server, OpenTofu and a browser; more packages at once only flake.
PARALLEL    := -p 2
# The provider's own documentation, which pkg/knowledge embeds when it is there; never committed.
DOCS_INDEX  := pkg/knowledge/provider/documents.tar.gz

# Runs a command on one core where the system can.
ONE_CORE    := $(shell command -v taskset >/dev/null && echo taskset -c 0)

.DEFAULT_GOAL := help

# Published series and instances; a folder of the same layout with further ones may stand in.
export PROVISO_DATA ?= $(CURDIR)/test/data

.PHONY: help
help: ## Print this list.
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*## "} {printf "  %-14s %s\n", $$1, $$2}'

.PHONY: docs-index
docs-index: $(DOCS_INDEX) ## Pack the provider's own documentation, from its Go module, into what is built afterwards.

# Without the module proxy the command says so and leaves no file: what is built then searches the notes alone.
$(DOCS_INDEX): deploy/prover/go.mod pkg/knowledge/archive.go
	@go run ./pkg/knowledge/cmd/docs-index -prover deploy/prover -out $@
	@if [ -e $@ ]; then touch $@; fi

.PHONY: run
run: docs-index ## Serve everything in one process on http://127.0.0.1:8470.
	go run ./services/proviso serve

.PHONY: test
test: docs-index ## Run the tests of every module but the end-to-end ones.
	@# -shuffle finds tests that lean on one another.
	go test $(PARALLEL) -shuffle=on $$(go list work | grep -vE '^proviso.dev/test/(e2e|browser)')

.PHONY: e2e
e2e: prover kube-apiserver docs-index ## Run the end-to-end tests with real OpenTofu, provider, nats-server, Kubernetes API server and browser.
	@# What `make test` leaves out where bin/ is not built yet: the twin and the prover under the real provider.
	@# -v, since a test that is skipped for want of etcd must be seen.
	go test -count=1 -timeout 10m -v ./services/collector/internal/kubernetes
	go test -count=1 -timeout 5m -v -run Kubernetes ./services/collector/unit
	go test -count=1 -timeout 10m ./pkg/twin/providertest ./services/builder/internal/prover ./services/builder/unit ./services/proviso/internal/allinone
	go test -count=1 -timeout 30m -v $(E2E)

.PHONY: eval
eval: ## Score understanding on test/eval's cases; EVAL="-class change -v" narrows it, EVAL=-update renews the baseline.
	go run ./test/eval/cmd/eval $(EVAL)

.PHONY: retrieval
retrieval: docs-index ## Score the documentation search on test/retrieval's questions; RETRIEVAL="-v" prints what fell short.
	go run ./test/retrieval/cmd/retrieval $(RETRIEVAL)

.PHONY: forecasts
forecasts: ## Back-test the forecasts; ACCURACY="-halves 200" shows their spread.
	go run ./test/forecast/cmd/accuracy $(ACCURACY)

.PHONY: packing
packing: ## Measure vector bin packing on published instances, a second each; PACKING="-sample 6 -v" narrows it.
	@# taskset, where there is one, keeps the search and the collector of its garbage on one core, as the score asks.
	go build -o .build/packing ./test/packing/cmd/packing
	for s in new panigrahy; do $(ONE_CORE) .build/packing -set $$s -greedy $(PACKING) && $(ONE_CORE) .build/packing -set $$s $(PACKING) || exit 1; done

.PHONY: bench
bench: docs-index ## Measure latency, throughput and validation; prints the disk's fsync time beside them.
	go test -run '^$$' -bench 'DurableHop' -benchtime 2000x ./pkg/agent
	go test -run '^$$' -bench . -benchtime 20x ./services/builder/internal/refine
	go test -run '^$$' -bench 'Understand|LongTable' ./services/collector/internal/understand
	go test -run '^$$' -bench 'Linear' -benchtime 1x ./services/collector/internal/understand
	go test -run '^$$' -bench 'Open|Questions' -benchtime 20x ./pkg/knowledge
	go test -run '^$$' -bench 'Forecast' -benchtime 1000x ./pkg/forecast
	go run ./test/forecast/cmd/accuracy
	$(MAKE) packing
	$(MAKE) placement
	go test -run '^$$' -bench . -benchtime 1x -timeout 20m ./test/bench

.PHONY: placement
placement: ## Place 100,000 random constrained cases against a referee that tries everything, and time requests into 32 nodes with 5,000 guests.
	PROVISO_PLACEMENT_CASES=100000 go test -count=1 -v -run 'ConstrainedCases|AgainstReferee|AgainstProxmox' ./pkg/placement
	go test -run '^$$' -bench 'Choose/vms=1$$' -benchtime 10000x ./pkg/placement
	go test -run '^$$' -bench 'Choose|Advice|NewIndex' -benchtime 50x ./pkg/placement

.PHONY: prover
prover: ## Build OpenTofu and the provider from the Go module proxy into bin/.
	./deploy/prover/build.sh

.PHONY: kube-apiserver
kube-apiserver: ## Build the Kubernetes API server that tests read from the Go module proxy into bin/; they need etcd, too.
	./test/kube-apiserver/build.sh

.PHONY: ai-server
ai-server: ## Write deploy/terraform/ai-server anew: what Proviso renders for its request on the reference laboratory.
	@# README.md and SHA256SUMS of a bundle hold the time of their reading; the folder above explains this one.
	rm -rf .build/ai-server
	env -u PROVISO_PVE_ENDPOINT go run ./services/proviso ask --yes --out .build/ai-server - <deploy/terraform/ai-server.request.txt
	cp .build/ai-server/*.tf .build/ai-server/terraform.tfvars.example deploy/terraform/ai-server/

.PHONY: generate
generate: tools $(VALIDATE) ## Generate Go and JSON Schemas from proto/, and the inventories in docs/.
	PATH="$(TOOLS):$$PATH" buf format -w proto
	PATH="$(TOOLS):$$PATH" buf generate
	gofmt -w proto
	go run ./test/requirements/cmd/requirements -write >/dev/null
	go run ./test/inventory/cmd/inventory

.PHONY: tools
tools:
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) GOWORK=off go -C tools install tool

$(VALIDATE): tools/go.mod
	mkdir -p .build/protovalidate
	cp -R "$$(GOWORK=off go -C tools list -m -f '{{.Dir}}' github.com/bufbuild/protovalidate)/proto/protovalidate/buf" .build/protovalidate/
	chmod -R u+w .build/protovalidate
	touch $@

$(TOOLS)/golangci-lint: tools/lint/go.mod
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) GOWORK=off go -C tools/lint install tool

.PHONY: lint
lint: tools $(VALIDATE) $(TOOLS)/golangci-lint ## Vet, format check, linters, buf lint and buf breaking against origin/main.
	@test -z "$$(gofmt -l proto pkg services test deploy)" || { gofmt -l proto pkg services test deploy; exit 1; }
	go vet work
	@for m in $(MODULES); do (cd $$m && $(TOOLS)/golangci-lint run --config $(CURDIR)/.golangci.yml ./...) || exit 1; done
	PATH="$(TOOLS):$$PATH" buf lint
	./test/contract/breaking.sh
	@for f in .ci/run $$(git ls-files '*.sh'); do sh -n $$f || exit 1; done

.PHONY: requirements
requirements: ## Print which requirements of the thesis tests show, and which MUSTs are open.
	go run ./test/requirements/cmd/requirements

.PHONY: standalone
standalone: ## Build and vet every module by itself, without the workspace.
	@for m in $(MODULES); do echo "== $$m"; (cd $$m && GOWORK=off go build ./... && GOWORK=off go vet ./...) || exit 1; done

.PHONY: tidy
tidy: ## Tidy every module. (tools stays as it is: it requires a module for its .proto files, which tidy would drop.)
	@for m in $(MODULES) tools/lint deploy/prover test/kube-apiserver; do (cd $$m && GOWORK=off go mod tidy) || exit 1; done

.PHONY: verify
verify: generate tidy lint standalone test ## Generate, tidy, lint and test, then fail if the tree changed.
	@test -z "$$(git status --porcelain)" || { git status --short; git diff | head -50; echo 'the tree is dirty after generating'; exit 1; }
