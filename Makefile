# The two commands: `make demo` and `make test`. `make help` lists the rest.

SWIFT   ?= swift
PREFIX  ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 600

BIN        := .build/debug
# sessionctl is linked whole, so that it starts in a millisecond; the daemon needs the machine's own libc for name
# services, so only the Swift runtime goes in.
DAEMON     := .build/release/sessiond
TOOL       := .build/static/release/sessionctl
# What `make bench` measures the client library with; not installed.
CLIENT_BENCH := .build/release/client-bench
BUILD_PACKAGES  := binutils ca-certificates git gcc libc6-dev libgcc-12-dev libstdc++-12-dev libsqlite3-dev libsystemd-dev libyaml-dev zlib1g-dev
TEST_PACKAGES   := faketime python3 python3-venv strace util-linux systemd
BOOTED_PACKAGES := apt dpkg-dev lintian man-db mmdebstrap python3-minimal util-linux systemd
# What `make bench` measures beside; redis-tools has the server too, and unlike redis-server starts no service.
PEER_PACKAGES   := oidc-agent-cli redis-tools
DEB_PACKAGES    := dpkg-dev lintian man-db

.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-booted setup-deb setup-peers build release demo run test test-booted test-shipped lint man fuzz \
        sanitize bench \
        install uninstall deb deb-check clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:
	@scripts/setup $(BUILD_PACKAGES)

setup-test:
	@scripts/setup $(BUILD_PACKAGES) $(TEST_PACKAGES)

setup-booted:
	@scripts/setup $(BUILD_PACKAGES) $(BOOTED_PACKAGES)

setup-deb:
	@scripts/setup $(BUILD_PACKAGES) $(DEB_PACKAGES)

setup-peers:
	@scripts/setup $(PEER_PACKAGES)

build: setup ## the daemon, the tool and the example, for debugging
	$(SWIFT) build

release: setup ## the daemon and the tool as they are installed
	$(SWIFT) build -c release --static-swift-stdlib --product sessiond
	$(SWIFT) build -c release --scratch-path .build/static -Xswiftc -static-executable --product sessionctl

demo: build ## the main job, shown step by step in a private folder
	@scripts/demo $(BIN)

run: build ## a daemon in the foreground, with things to try
	@scripts/run $(BIN)

test: setup-test ## every test
	@scripts/test $(SWIFT) $(TARGETS)

test-booted: setup-booted build ## the installed service under a real systemd that is booted apart; needs root
	@python3 Tests/Booted/main.py $(BIN)

test-shipped: setup-booted deb-check ## the same with the programs as they are shipped, and lintian on their package
	@install -D -t .build/shipped $(DAEMON) $(TOOL)
	@python3 Tests/Booted/main.py .build/shipped

lint: ## the formatter, and the rules that it does not know
	@scripts/lint $(SWIFT)

man: setup ## the manual pages in docs/man, from the sources that define what they say
	$(SWIFT) build --product manual-pages
	$(BIN)/manual-pages docs/man

fuzz: setup ## the parsers under libFuzzer, FUZZ_SECONDS each (600)
	Tests/Fuzz/run.sh $(FUZZ_SECONDS)

sanitize: setup-test ## the unit tests under ThreadSanitizer and AddressSanitizer
	@scripts/sanitize $(SWIFT)

bench: setup-test $(if $(filter 1,$(BENCH_PEERS)),setup-peers) release ## figures beside a bare epoll loop, Redis, oidc-agent (BENCH_PEERS=1 installs them)
	$(SWIFT) build -c release --static-swift-stdlib --product client-bench
	SESSIOND=$(DAEMON) SESSIONCTL=$(TOOL) CLIENT_BENCH=$(CLIENT_BENCH) Tests/Bench/run.sh

install: release ## into DESTDIR/PREFIX (PREFIX=/usr/local)
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" scripts/install $(DAEMON) $(TOOL)

uninstall: ## what install has put there; configuration and state stay
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" scripts/install --remove

deb: setup-deb release ## a Debian package, in .build/deb
	@rm -f .build/deb/*.deb
	@scripts/deb $(DAEMON) $(TOOL) .build/deb

deb-check: deb ## the package under lintian
	@lintian --fail-on error --info --tag-display-limit 0 .build/deb/*.deb

clean: ## everything that was built
	rm -rf .build
