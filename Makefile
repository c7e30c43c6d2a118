# nudged. `make help` lists what there is.

PREFIX ?= /usr/local
DESTDIR ?=
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
EXAMPLESDIR ?= $(PREFIX)/share/doc/nudged

# Installed programs carry the Swift runtime with them, so that the host needs none; the C++ runtime and zlib as well.
STATIC := .build/static
RELEASE := swift build -c release --static-swift-stdlib -Xlinker -L$(CURDIR)/$(STATIC)
RELEASE_BIN := .build/release
SWIFT_CODE := Package.swift Sources Tests migrations
UNITS := $(notdir $(wildcard systemd/*.service systemd/*.socket systemd/*.timer))
SHELL_CODE := scripts/setup scripts/tell-failures scripts/demo packaging/build-deb packaging/debian/postinst packaging/debian/prerm \
  packaging/debian/postrm systemd/backoff systemd/backup systemd/sendmail-relay systemd/wake .ci/run \
  Tests/systemd/run Tests/systemd/tree Tests/systemd/check Tests/mta/tree Tests/mta/run Tests/FuzzTests/libfuzzer/build Tests/FuzzTests/libfuzzer/run
RUN := .build/run
# How often test-kill kills.
KILLS ?= 40

.DEFAULT_GOAL := help
.PHONY: help setup build release test test-kill test-power test-mails test-bounds test-effort effort-bounds test-proof simulate lint format run demo bench bench-quick install uninstall deb clean test-systemd fuzz measure

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what building, testing and the demo need (Debian packages, .venv)
	@scripts/setup build test lint demo

build: ## build for debugging
	@scripts/setup build
	swift build

# What release builds are linked with. One set of options for all of them: another would compile everything anew.
$(STATIC):
	@scripts/setup build
	@mkdir -p $(STATIC)
	@for library in libz.a libstdc++.a; do ln -sf "$$(clang -print-file-name=$$library)" $(STATIC)/$$library; done

release: $(STATIC) ## build what is installed: optimised, with the Swift runtime inside
	$(RELEASE) --product nudged
	$(RELEASE) --product nudgectl

# One after the other: beside each other on two cores they starve those that watch real deadlines.
test: ## run all tests
	@scripts/setup build test
	swift build --build-tests
	scripts/tell-failures swift test --skip-build --no-parallel

test-mails: ## have Python read 100,000 hostile mails; NUDGED_SEED=NUMBER chooses others
	@scripts/setup build test
	swift build --build-tests
	NUDGED_HOSTILE_MAILS=100000 scripts/tell-failures swift test --skip-build --filter ComposeOracleTests

IMAGES ?= 2
test-power: ## lose power at, and fail, every operation of the disk; IMAGES=20 for more, NUDGED_SEED=NUMBER for others
	@scripts/setup build test
	swift build --build-tests
	NUDGED_CRASH_IMAGES=$(IMAGES) scripts/tell-failures swift test --skip-build --no-parallel --filter PowerLossTests

SEEDS ?= 1..1000
simulate: $(STATIC) ## live through simulated worlds with faults; SEEDS=1..100000 for more
	$(RELEASE) --product nudge-simulate
	$(RELEASE_BIN)/nudge-simulate --kept Tests/Simulate/seeds.txt --seeds $(SEEDS) --jobs $(shell nproc)
	$(RELEASE_BIN)/nudge-simulate --controls

test-kill: ## kill, starve and mislead the real daemon under load; KILLS=NUMBER kills it more often, NUDGED_SEED replays
	@scripts/setup build test
	swift build --build-tests
	NUDGED_KILLS=$(KILLS) scripts/tell-failures swift test --skip-build --no-parallel --filter DisasterTests

test-effort: release ## count the instructions of an event and of a letter, and the wake-ups of an idle daemon; three minutes
	@scripts/setup effort
	@python3 -B Benchmarks/effort.py check

effort-bounds: release ## write Benchmarks/effort.toml anew from what this build takes
	@scripts/setup effort
	@python3 -B Benchmarks/effort.py bound

test-bounds: release ## have hostile clients and a million events meet the released daemon
	@scripts/setup build test
	swift build --build-tests
	NUDGED_BOUNDS=full NUDGED_PROGRAMS=$(RELEASE_BIN) scripts/tell-failures swift test --skip-build --no-parallel --filter ProgramTests.Bounds
SECONDS ?= 15
fuzz: ## look for inputs that break the parsers; SECONDS=15 each, JOBS=2 at a time, TARGETS="json smtp" chooses
	@scripts/setup build test
	swift build --build-tests
	@Tests/FuzzTests/libfuzzer/run $(SECONDS)

BREAKS ?= .
test-proof: ## break what keeps each promise and see a test go red for it; BREAKS=REGEX for some. Builds a copy of all
	@scripts/setup build test
	@python3 -B Tests/proof/prove.py tree .build/proof
	swift build --package-path .build/proof --build-tests
	@python3 -B Tests/proof/prove.py run .build/proof --only '$(BREAKS)'

lint: ## check format, shell scripts, manual pages, and that what test-proof breaks is there
	@scripts/setup lint
	swift format lint --strict --parallel --recursive $(SWIFT_CODE)
	shellcheck $(SHELL_CODE)
	clang -std=c11 -Wall -Wextra -Werror -fsyntax-only Benchmarks/load.c Benchmarks/loop.c Benchmarks/ses.c
	@python3 -B Tests/proof/prove.py check
	mandoc -T lint -W warning man/nudged.8 man/nudgectl.1 man/nudged.yaml.5

format: ## format all Swift code
	swift format --in-place --parallel --recursive $(SWIFT_CODE)

run: release ## run nudged in the foreground on its built-in defaults; mail lands in .build/run/outbox
	@mkdir -p $(RUN) && : >$(RUN)/nudged.yaml
	@echo "in another terminal:  $(RELEASE_BIN)/nudgectl --socket $(RUN)/nudged.sock status"
	$(RELEASE_BIN)/nudged --config $(RUN)/nudged.yaml --state $(RUN) --socket $(RUN)/nudged.sock

demo: ## watch two hundred events become mails on an SES-compatible server
	@scripts/demo

BENCH ?=
bench: release ## measure nudged beside other queues, half an hour; BENCH="--only ingest --rounds 9" for some of it
	@scripts/setup bench
	@.venv/bin/python Benchmarks/bench.py $(BENCH)

bench-quick: release ## the same in two minutes, too short for figures to quote
	@scripts/setup bench
	@.venv/bin/python Benchmarks/bench.py --quick $(BENCH)

ROWS ?= 1000000
measure: release ## measure upgrades of a database with ROWS messages, and what a backup of it costs the events
	@scripts/measure upgrade $(ROWS)
	@scripts/measure backup $(ROWS)

install: ## install programs, units, manual pages and completions (DESTDIR, PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(SYSCONFDIR)/nudged
	install -s -m 755 $(RELEASE_BIN)/nudged $(DESTDIR)$(PREFIX)/sbin/nudged
	ln -sf ../sbin/nudged $(DESTDIR)$(PREFIX)/bin/nudgectl
	install -d $(DESTDIR)$(PREFIX)/lib/nudged $(DESTDIR)$(UNITDIR) $(DESTDIR)$(PREFIX)/lib/sysusers.d
	ln -sf ../../sbin/nudged $(DESTDIR)$(PREFIX)/lib/nudged/sendmail
	install -m 755 systemd/backoff systemd/backup systemd/sendmail-relay systemd/wake $(DESTDIR)$(PREFIX)/lib/nudged
	for unit in $(UNITS); do \
	  sed 's|/usr/sbin/nudged|$(PREFIX)/sbin/nudged|; s|/usr/lib/nudged|$(PREFIX)/lib/nudged|' systemd/$$unit \
	    > $(DESTDIR)$(UNITDIR)/$$unit; \
	done
	install -m 644 systemd/nudged.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/nudged.conf
	install -D -m 644 examples/nudged.yaml $(DESTDIR)$(EXAMPLESDIR)/nudged.yaml
	install -D -m 644 examples/events.ndjson $(DESTDIR)$(EXAMPLESDIR)/events.ndjson
	install -D -m 644 systemd/on-demand.conf $(DESTDIR)$(EXAMPLESDIR)/on-demand.conf
	install -d $(DESTDIR)$(PREFIX)/share/doc/nudged
	install -m 644 docs/*.md api/openapi.yaml $(DESTDIR)$(PREFIX)/share/doc/nudged
	install -D -m 644 man/nudged.8 $(DESTDIR)$(PREFIX)/share/man/man8/nudged.8
	install -D -m 644 man/nudgectl.1 $(DESTDIR)$(PREFIX)/share/man/man1/nudgectl.1
	install -D -m 644 man/nudged.yaml.5 $(DESTDIR)$(PREFIX)/share/man/man5/nudged.yaml.5
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(ZSHDIR) \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(RELEASE_BIN)/nudgectl --generate-completion-script bash | sed '1{/^#!/d}' \
	  > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/nudgectl
	$(RELEASE_BIN)/nudgectl --generate-completion-script zsh > $(DESTDIR)$(ZSHDIR)/_nudgectl
	$(RELEASE_BIN)/nudgectl --generate-completion-script fish \
	  > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/nudgectl.fish

uninstall: ## remove what install put there; configuration and data stay
	rm -f $(DESTDIR)$(PREFIX)/sbin/nudged $(DESTDIR)$(PREFIX)/bin/nudgectl \
	  $(addprefix $(DESTDIR)$(UNITDIR)/,$(UNITS)) \
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d/nudged.conf $(DESTDIR)$(PREFIX)/share/man/man8/nudged.8 \
	  $(DESTDIR)$(PREFIX)/share/man/man1/nudgectl.1 $(DESTDIR)$(PREFIX)/share/man/man5/nudged.yaml.5 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/nudgectl $(DESTDIR)$(ZSHDIR)/_nudgectl \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/nudgectl.fish
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/nudged $(DESTDIR)$(PREFIX)/lib/nudged

deb: release ## make a Debian package: .build/deb/nudged_*.deb
	@scripts/setup deb
	@packaging/build-deb
	@lintian --allow-root --fail-on error .build/deb/nudged_*.deb

test-systemd: deb ## boot Debian 12 and 13 with systemd, and live with the package there (as root)
	@scripts/setup systemd test
	@Tests/systemd/run

clean: ## remove what building made
	swift package clean
	rm -rf $(RUN) .build/systemd .build/bench .build/deb
