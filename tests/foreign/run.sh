#!/bin/sh
# `make foreign`: the tests that other projects have for their own programs, with `chimera run` in the place of these.
#
# Usage: run.sh ELF FOLDER. What is downloaded and built is kept in FOLDER. UTIL_LINUX and DUMB_INIT name folders with
# sources; otherwise apt-get fetches the sources of Debian's newest util-linux and dumb-init, and checks their sums.
#
# A line a test: `ok`, `differs` with the reason for a difference that is known, `SKIP`, or `FAIL`. Ends with 1 after a
# FAIL, and where something that is said to differ does not.
set -u

# Ends the processes that have this in their environment, and those that they start meanwhile.
end_all() {
    tries=0
    while processes=$(grep -ls "$1" /proc/[0-9]*/environ | cut -d/ -f3) && [ -n "$processes" ] && [ $tries -lt 100 ]; do
        tries=$((tries + 1))
        for process in $processes; do kill -KILL "$process" 2>/dev/null; done
        sleep 0.1
    done
}

# Whatever happens, no process stays: this script runs once more, with the mark, and a guard waits until the first run of it
# has ended. That one alone holds the pipe open, so the guard sees its end however it comes, by KILL too. It waits by wait,
# for a shell that waits for a command runs its traps only when that has ended; and env gives the signals back to the tests
# that a shell ignores in what it does not wait for.
if [ -z "${CHIMERA_FOREIGN-}" ]; then
    mark=$(mktemp -d "${TMPDIR:-/tmp}/chimera-foreign-XXXXXX") && mkfifo "$mark/pipe" && exec 3<>"$mark/pipe" || exit 2
    (trap '' HUP INT TERM; cat; end_all "CHIMERA_FOREIGN=$mark"; rm -r "$mark") <"$mark/pipe" 3>&- >/dev/null 2>&1 &
    conclude() { exec 3>&-; wait; exit "$1"; }
    trap 'conclude 129' HUP
    trap 'conclude 130' INT
    trap 'conclude 143' TERM
    CHIMERA_FOREIGN=$mark env --default-signal=INT,QUIT sh "$0" "$@" 3>&- &
    wait $!
    conclude $?
fi

elf=$(readlink -f "$1") && mkdir -p "$2" && folder=$(readlink -f "$2") || exit 2
failed=0

# What differs: the test, and the reason.
known() {
    cat <<'END'
dumb-init exit_status_test.test_exit_status_terminated_by_signal: chimera dies of the signal itself; a shell says 128+N
dumb-init child_processes_test.test_fails_nonzero_with_bad_exec: the message is chimera's own
dumb-init child_processes_test.test_setsid_signals_entire_group: signals are for the program, not for its session
dumb-init child_processes_test.test_all_processes_receive_term_on_exit_if_setsid: what outlives the program is left alone
dumb-init proxies_signals_test.test_proxies_signals_with_rewrite: no signal is turned into another
dumb-init proxies_signals_test.test_default_rewrites_can_be_overriden_with_setsid_enabled: no signal is turned into another
dumb-init proxies_signals_test.test_ignored_signals_are_not_proxied: no signal is kept back
dumb-init shell_background_test.test_shell_background_support_setsid: chimera stops when the program stops, which here does not
dumb-init shell_background_test.test_shell_background_support_without_setsid: chimera stops when the program stops, which here does not
dumb-init tty_test.test_sighup_sigcont_ignored_if_was_session_leader: the test is about messages of dumb-init
dumb-init cwd_test.test_working_directories: (not always) vfork holds the parent until the program runs, which may look first
END
}

# Says how a test ended: its name, and `ok` or anything else.
tell() {
    reason=$(known | sed -n "s/^$1: //p")
    case "$2:$reason" in
        ok: | "ok:(not always)"*) echo "ok $1" ;;
        ok:*) echo "FAIL $1: it does not differ"; failed=1 ;;
        *:) echo "FAIL $1"; failed=1 ;;
        *) echo "differs $1: $reason" ;;
    esac
}

# A program of this name, which is chimera with these words.
wrap() {
    name=$1 && shift
    mkdir -p "$folder/bin" && printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$elf" "$*" >"$folder/bin/$name" &&
        chmod 755 "$folder/bin/$name"
}

# Prints the folder of a source, fetched if it is not there yet.
source_of() {
    for kept in "$folder/$1"-*/; do [ -d "$kept" ] && echo "${kept%/}" && return; done
    mkdir -p "$folder/apt/lists" "$folder/apt/cache/archives/partial"
    echo "deb-src http://deb.debian.org/debian ${SUITE:-sid} main" >"$folder/apt/list"
    set -- "$1" -o "Dir::Etc::sourcelist=$folder/apt/list" -o Dir::Etc::sourceparts=/nonexistent \
        -o "Dir::State::lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache" -o APT::Sandbox::User=root
    {
        (cd "$folder" && name=$1 && shift && apt-get -q "$@" update && apt-get -q "$@" --download-only source "$name")
        # The packaging is not needed, and may be missing: apt-get has checked the sum of each file that is here.
        tar -C "$folder" -xf "$folder/$1"_*.orig.tar.?z
    } >"$folder/$1.log" 2>&1
    for made in "$folder/$1"-*/; do [ -d "$made" ] && echo "${made%/}"; done
}

# util-linux: each script of tests/ts/unshare, with its own expected output.
util_linux() {
    sources=${UTIL_LINUX:-$(source_of util-linux)}
    [ -d "$sources/tests/ts/unshare" ] || { echo "SKIP util-linux: no sources; see $folder/util-linux.log"; return; }
    # The programs that the scripts start besides; util-linux's own configure is not needed for them.
    for helper in sigreceive strerror; do
        cc -w -D_GNU_SOURCE -DHAVE_NANOSLEEP -DHAVE_REALLOCARRAY -I "$sources/include" -o "$sources/test_$helper" \
            "$sources/tests/helpers/test_$helper.c" "$sources/lib/strutils.c" >"$folder/helper.log" 2>&1
    done
    wrap unshare run
    for script in "$sources"/tests/ts/unshare/*; do
        TS_CMD_UNSHARE="$folder/bin/unshare" timeout 120 bash "$script" --builddir="$sources" --srcdir="$sources" \
            >"$folder/said" 2>&1
        status=$?
        name="util-linux $(basename "$script")"
        if grep -q SKIPPED "$folder/said"; then
            echo "SKIP $name: $(sed -n 's/.*SKIPPED (\(.*\))/\1/p' "$folder/said" | head -1)"
        else
            [ "$status" = 0 ] && ! grep -q FAILED "$folder/said" && end=ok || end=failed
            tell "$name" "$end"
            [ "$end" = ok ] || sed 's/^/# /' "$folder/said"
        fi
    done
}

# dumb-init: all of its tests but those of its own options, which pytest runs in a python of its own.
dumb_init() {
    sources=${DUMB_INIT:-$(source_of dumb-init)}
    [ -d "$sources/tests" ] || { echo "SKIP dumb-init: no sources; see $folder/dumb-init.log"; return; }
    python="$folder/python/bin/python"
    if ! [ -x "$python" ] || ! "$python" -c 'import pytest, pytest_timeout, py' 2>/dev/null; then
        { python3 -m venv "$folder/python" && "$python" -m pip -q install pytest pytest-timeout py; } \
            >"$folder/python.log" 2>&1 || { echo "SKIP dumb-init: no pytest; see $folder/python.log"; return; }
    fi
    wrap dumb-init run --fork --
    # What the tests of a file have left takes all processors, and those of the next would run out of time.
    for file in "$sources"/tests/*_test.py; do
        name=$(basename "$file")
        [ "$name" = cli_test.py ] || (cd "$sources" && CHIMERA_FOREIGN_FILE=$name PATH="$folder/bin:$PATH" \
            "$python" -m pytest -q -rA -p no:cacheprovider --timeout 60 "tests/$name") 2>&1
        end_all "CHIMERA_FOREIGN_FILE=$name"
    done >"$folder/said"
    sed -n 's,^\([A-Z]*\) tests/\([a-z_]*\)\.py::\([a-z_0-9]*\).*,\1 \2.\3,p' "$folder/said" | sort -u >"$folder/ends"
    [ -s "$folder/ends" ] || { echo "FAIL dumb-init: pytest ran nothing; see $folder/said"; failed=1; return; }
    for name in $(cut -d' ' -f2 "$folder/ends" | sort -u); do
        grep -Eqx "(FAILED|ERROR) $name" "$folder/ends" && end=failed || end=ok
        tell "dumb-init $name" "$end"
    done
}

# What dumb-init tests in an empty container: orphans of process 1 are reaped.
zombies() {
    script="${DUMB_INIT:-$(source_of dumb-init)}/tests/test-zombies"
    [ -f "$script" ] && command -v ps >/dev/null || { echo "SKIP dumb-init test-zombies: no sources, or no ps"; return; }
    "$elf" run -rp --mount-proc -- bash "$script" >"$folder/said" 2>&1 && end=ok || end=failed
    tell "dumb-init test-zombies" "$end"
}

util_linux
dumb_init
zombies
exit "$failed"
