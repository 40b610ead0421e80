# What a user, a reader or a packager does with chimera, one target each.
#
# Each target measures the file that ships, $(ELF), and none rebuilds it in another way: names
# and source lines come from a twin of it, which the study tool first compares with it byte by byte. Tools that a
# fresh machine may lack are asked for before anything is built, in one line that says how to get them.

CARGO  ?= cargo
PREFIX ?= /usr/local
# A folder may have blanks in its name, at which `abspath` and `patsubst` would take it apart; `subst` does not.
TARGET := $(subst $(CURDIR)/,,$(or $(CARGO_TARGET_DIR),target))
# What rustc links with: not $(CC), which it does not ask for.
LINKER ?= $(or $(CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER),cc)

# All cargo calls below build there.
export CARGO_TARGET_DIR := $(if $(filter /%,$(firstword $(TARGET))),$(TARGET),$(CURDIR)/$(TARGET))

ELF     := $(TARGET)/release/chimera
# The same for a program that runs elsewhere.
WHOLE   := $(if $(filter /%,$(firstword $(ELF))),$(ELF),$(CURDIR)/$(ELF))
EXERCISE := $(TARGET)/release/exercise
TWIN    := $(TARGET)/study/release/chimera
LESSON  := $(TARGET)/study/release/exercise
STUDY   := $(TARGET)/debug/study
MODES   := fork chimera thread user
# All that an ELF is made of.
SOURCES := Cargo.toml Cargo.lock build.rs linker.ld src README.md

# The test programs, tests/NAME.rs and tests/NAME/main.rs. What links the library is built in both profiles, what asks
# nothing of the ELF is run once, and everything else is built once and run with both ELFs.
PROGRAMS := $(patsubst tests/%.rs,%,$(wildcard tests/*.rs)) $(patsubst tests/%/main.rs,%,$(wildcard tests/*/main.rs))
LIBRARY  := library heap stack
ONCE     := oracle study
EITHER   := $(filter-out $(LIBRARY) $(ONCE),$(PROGRAMS))
# The release profile without optimising at link time, which is the ELF's affair and takes long.
OPTIMISED := optimised

# Where unsafe code may be, in the order of sort(1).
UNSAFE := src/board/mod.rs src/clone/asm.rs src/clone/bare.rs src/clone/stack.rs src/exercise.rs src/start/mod.rs src/sys/mod.rs

# Where everything is installed: what the program generates, and where below share, and what is to be read.
PLACE     = $(DESTDIR)$(PREFIX)
GENERATED := man:man/man1/chimera.1 complete-bash:bash-completion/completions/chimera \
	complete-fish:fish/vendor_completions.d/chimera.fish complete-zsh:zsh/site-functions/_chimera
DOCUMENTS := README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT \
	$(sort $(wildcard docs/*.md docs/*.svg docs/*.json docs/pictures/*.svg))

.PHONY: help build run exercise test storm strace asm size elf repro bench docs-costs docs-pictures initramfs kernels docs-kernels sandboxes docs-sandboxes kselftest install uninstall dist dist-test lint clean _tools _twin _study
.NOTPARALLEL:

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

build: _tools ## the program: target/release/chimera
	@$(CARGO) build --release --locked --bin chimera

run: build ## the tour: all modes, then the table of what each shares
	@command -v strace >/dev/null || echo "strace is not installed: \`make strace\` needs it (apt-get install strace)"
	@"$(ELF)"

# The exercise has to fit into a page.
exercise: _exercise ## src/exercise.rs in one page: four tasks, and what each shares; the last line is its size
	@"$(EXERCISE)"
	@bytes=$$(stat -c %s "$(EXERCISE)") && echo "$(EXERCISE): $$bytes bytes, limit 4096" && [ "$$bytes" -le 4096 ]

test: _tools ## all tests, on the debug ELF and on the one that ships; the last line counts them
	@CARGO="$(CARGO)" EITHER="$(EITHER)" ONCE="$(ONCE)" LIBRARY="$(LIBRARY)" OPTIMISED="$(OPTIMISED)" sh tests/run.sh

storm: build ## every system call fails and every task is killed, at every moment: half an hour; PART=2/8 is an eighth
	@CHIMERA="$(WHOLE)" $(CARGO) test --quiet --locked --test storm -- --full $(if $(PART),--part $(PART))

strace: ## the exercise, then each mode, under strace, a line above each part; MODE=fork shows one of the exercise's alone
	@if ! command -v strace >/dev/null; then \
		echo "SKIP: strace is not installed (apt-get install strace)"; \
	else \
		$(MAKE) --no-print-directory _exercise _study $(if $(MODE),,build) && \
		for mode in $(or $(MODE),$(MODES)); do "$(STUDY)" lesson-trace "$(EXERCISE)" $$mode || exit 1; done && \
		for mode in $(if $(MODE),,$(MODES)); do "$(STUDY)" trace "$(ELF)" $$mode || exit 1; done; \
	fi

asm: _twin _lesson ## the whole exercise, then chimera's entry and calls, each instruction beside its source
	@"$(STUDY)" lesson "$(EXERCISE)" "$(LESSON)"
	@"$(STUDY)" asm "$(ELF)" "$(TWIN)"

size: _twin ## where the bytes of the file are: segments, parts, symbols; the parts add up to the file
	@"$(STUDY)" size "$(ELF)" "$(TWIN)"

elf: build _study ## what is usually asked of an executable: yes, no or n/a, and the evidence
	@"$(STUDY)" elf "$(ELF)"

repro: build ## two builds in two folders: the same bytes as the shipped file?
	@folders=$$(mktemp -d) && trap 'rm -rf "$$folders"' EXIT && \
	for name in one another/and/deeper; do \
		mkdir -p "$$folders/$$name" && cp -R $(SOURCES) tools tests "$$folders/$$name" && \
		(cd "$$folders/$$name" && $(CARGO) build --quiet --release --locked --bin chimera --target-dir built) && \
		cp "$$folders/$$name/built/release/chimera" "$$folders/chimera-$${name%%/*}" || exit 1; \
	done && \
	sha256sum "$(ELF)" "$$folders/chimera-one" "$$folders/chimera-another" && \
	cmp "$(ELF)" "$$folders/chimera-one" && cmp "$(ELF)" "$$folders/chimera-another" && \
	echo "the same bytes: two builds in two folders, and the shipped file"

bench: build ## the peers side by side: fork, posix_spawn, pthreads, unshare ..; writes target/costs.md and .svg
	@$(CARGO) build --quiet --locked --release --package tools --bin peers
	@rm -f "$(TARGET)"/costs.*
	@"$(TARGET)/release/peers" "$(CARGO_TARGET_DIR)/release/chimera" "$(CARGO_TARGET_DIR)"

docs-costs: bench ## the same, into docs/costs.md and docs/costs.svg: on a machine that does nothing else
	@cp "$(TARGET)"/costs.* docs

docs-pictures: build ## docs/pictures: what each mode's task shares, drawn by the program
	@mkdir -p docs/pictures && for mode in $(MODES); do "$(ELF)" $$mode --svg --stable >docs/pictures/$$mode.svg || exit 1; done

# An ELF that is named is taken as it is: `make kernels ELF=path`.
initramfs: $(if $(filter file,$(origin ELF)),build) _kernels ## what a boot needs: the ELF, a busybox, scripts; target/initramfs.cpio.gz
	@"$(TARGET)/debug/kernels" initramfs "$(ELF)" "$(TARGET)"

kernels: $(if $(filter file,$(origin ELF)),build) _kernels ## verdicts on Debian's kernels under QEMU, 5.10 to the newest; KERNELS="5.10 6.1" names some
	@"$(TARGET)/debug/kernels" boot "$(ELF)" "$(TARGET)" $(KERNELS)

docs-kernels: $(if $(filter file,$(origin ELF)),build) _kernels ## docs/kernels.md: what check says on these kernels; KERNELS="5.10"; CHECK=rules,honour
	@CHECK="$(CHECK)" "$(TARGET)/debug/kernels" check "$(ELF)" "$(TARGET)" $(KERNELS); status=$$?; \
	cp "$(TARGET)/kernels.md" docs && exit $$status

# Debian's packages are downloaded at the first run, and kept below $(TARGET). An ELF that is named is not built.
sandboxes: $(if $(findstring command,$(origin ELF)),_tools,build) ## do all commands agree in gVisor, Docker, chroots, ..? PLACES="gvisor proc"; ELF=path
	@$(CARGO) build --quiet --locked --package tools --bin sandboxes
	@"$(TARGET)/debug/sandboxes" "$(ELF)" "$(TARGET)/sandboxes" $(PLACES)

docs-sandboxes: $(if $(findstring command,$(origin ELF)),_tools,build) ## docs/sandboxes.md: what check says in gVisor, qemu-user, containers, ..; PLACES=gvisor; CHECK=rules
	@$(CARGO) build --quiet --locked --package tools --bin sandboxes
	@CHECK="$(CHECK)" "$(TARGET)/debug/sandboxes" check "$(ELF)" "$(TARGET)/sandboxes" $(PLACES); status=$$?; \
	cp "$(TARGET)/sandboxes/sandboxes.md" docs && exit $$status

# Sources are downloaded at the first run, and kept below $(TARGET); UTIL_LINUX and DUMB_INIT name folders with others.
.PHONY: foreign
foreign: $(if $(findstring command,$(origin ELF)),,build) ## the tests of util-linux's unshare and of dumb-init with chimera run in their place; docs/run.md
	@sh tests/foreign/run.sh "$(ELF)" "$(TARGET)/foreign"

kselftest: $(if $(findstring command,$(origin ELF)),,build) ## a folder for a kernel's kselftest: target/kselftest/chimera; docs/engines.md; ELF=path
	@rm -rf "$(TARGET)/kselftest" && mkdir -p "$(TARGET)/kselftest/chimera"
	@cp "$(ELF)" "$(TARGET)/kselftest/chimera/chimera" && cp tools/engines/kselftest/* "$(TARGET)/kselftest/chimera"
	@ls -l "$(TARGET)/kselftest/chimera"

# Root does not build in the folder of somebody else: `make build`, then `sudo make install`. An ELF that is named is taken
# as it is. The program itself writes the page and the completions.
install: ## the program, its page, completions and docs to $(DESTDIR)$(PREFIX); ELF=path
	@if [ -n "$(filter command,$(origin ELF))" ]; then :; elif [ "$$(id -u)" = "$$(stat -c %u .)" ]; then $(MAKE) --no-print-directory build; \
	elif ! [ -f "$(ELF)" ]; then echo "make: $(ELF) is not built: run \`make build\` as its owner first" >&2; exit 1; fi
	install -D -m 755 "$(ELF)" "$(PLACE)/bin/chimera"
	@written=$$(mktemp) && trap 'rm -f "$$written"' EXIT && for file in $(GENERATED); do \
		"$(WHOLE)" --generate $${file%%:*} >"$$written" && \
		echo install -D -m 644 "\`chimera --generate $${file%%:*}\`" "$(PLACE)/share/$${file#*:}" && \
		install -D -m 644 "$$written" "$(PLACE)/share/$${file#*:}" || exit 1; \
	done
	@for file in $(DOCUMENTS); do install -D -m 644 "$$file" "$(PLACE)/share/doc/chimera/$$file" || exit 1; done
	@echo "$(words $(DOCUMENTS)) files of documentation in $(PLACE)/share/doc/chimera"

# Folders that other programs have too stay, even if they are empty.
uninstall: ## takes away what install has put there, and nothing else
	rm -f "$(PLACE)/bin/chimera"
	@for file in $(GENERATED); do rm -f "$(PLACE)/share/$${file#*:}" || exit 1; done
	@for file in $(DOCUMENTS); do rm -f "$(PLACE)/share/doc/chimera/$$file" || exit 1; done
	@for folder in /docs/pictures /docs ''; do \
		[ ! -d "$(PLACE)/share/doc/chimera$$folder" ] || rmdir "$(PLACE)/share/doc/chimera$$folder" 2>/dev/null || :; \
	done

# A folder of its own to build in: the file that ships in packages names its commit, and target/release has no such file.
dist: $(if $(findstring command,$(origin ELF)),,_tools) ## packages, each with its sum, in target/dist: tar.gz, .deb, .rpm, image, initramfs, SBOM; ELF=path
	@CARGO="$(CARGO)" MAKE="$(MAKE)" ELF="$(if $(findstring command,$(origin ELF)),$(WHOLE))" sh tools/dist/dist.sh "$(CARGO_TARGET_DIR)"

dist-test: dist ## uses each package: in a fresh Debian, by runc, under QEMU; as root; KERNEL=vmlinuz
	@KERNEL="$(KERNEL)" MAKE="$(MAKE)" sh tools/dist/test.sh "$(CARGO_TARGET_DIR)"

lint: _tools ## format, clippy, the documentation, where unsafe is, nothing unfinished
	@for tool in fmt clippy; do $(CARGO) $$tool --version >/dev/null 2>&1 || \
		{ echo "make: cargo $$tool is missing: rustup component add rustfmt clippy" >&2; exit 1; }; done
	$(CARGO) fmt --all --check
	$(CARGO) clippy --quiet --locked --workspace --features exercise --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --quiet --locked --no-deps --lib
	@found=$$(grep -rn 'unsafe_code' src | grep -vE '(deny|forbid)\(unsafe_code\)' | cut -d: -f1 | sort -u | tr '\n' ' '); \
	[ "$$found" = "$(UNSAFE) " ] || \
		{ echo "make: unsafe code is allowed in: $$found" >&2; echo "and may be in: $(UNSAFE)" >&2; exit 1; }
	@! grep -L 'deny(unsafe_code)' src/lib.rs src/main.rs | grep . >&2
	@! grep -rnE 'TO(DO)|FIX(ME)' $(SOURCES) $(wildcard docs CHANGELOG.md) tools tests Makefile .ci >&2

clean: ## everything that was built
	$(CARGO) clean

# What no build can do without.
_tools:
	@command -v $(CARGO) >/dev/null || \
		{ echo "make: $(CARGO) is missing: install stable Rust from https://rustup.rs" >&2; exit 1; }
	@command -v $(LINKER) >/dev/null || \
		{ echo "make: $(LINKER), the C linker, is missing: apt-get install gcc (or clang)" >&2; exit 1; }

_exercise: _tools
	@$(CARGO) build --quiet --release --locked --features exercise --bin exercise

_twin: build _study
	@CHIMERA_SYMBOLS=keep $(CARGO) build --quiet --locked --release --bin chimera --target-dir "$(TARGET)/study"

_lesson: _exercise _study
	@CHIMERA_SYMBOLS=keep $(CARGO) build --quiet --locked --release --features exercise --bin exercise --target-dir "$(TARGET)/study"

_study:
	@$(CARGO) build --quiet --locked --package tools --bin study

_kernels: _tools
	@$(CARGO) build --quiet --locked --package tools --bin kernels
