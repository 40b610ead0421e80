#!/bin/sh
# All tests, as `make test` calls it: builds what they need, runs every program whatever fails meanwhile, and says at the end
# what was left out, what has failed, and how many of each there are. The last line is that tally.
#
# The environment names the test programs: EITHER runs with the debug ELFs and with those that ship, ONCE with the latter
# alone, LIBRARY in both profiles. CARGO is cargo, CARGO_TARGET_DIR where it builds.
#
# Cargo builds and runs, libtest counts, and this only reads what they print. A program that gives no
# result, because it died or could not be built, is a failure; a test that says why it is left out (tests/common/skip.rs)
# has not passed.
set -u
cd "$(dirname "$0")/.." || exit 1

folder=$(mktemp -d "${TMPDIR:-/tmp}/chimera-tests-XXXXXX") || exit 1
chmod 755 "$folder" # the tests run the ELF as other users too
log=$folder/log
CHIMERA_FOLDER=$folder CHIMERA_SKIPS=$folder/skips
CARGO_TERM_COLOR=never CARGO_TERM_QUIET=false CARGO_TERM_VERBOSE=false
# Twice as many tests at a time as there are processors: half of them wait. (A thread has a test's name only beside others.)
RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((2 * $(nproc)))}
[ "$RUST_TEST_THREADS" -gt 1 ] || RUST_TEST_THREADS=2
export CHIMERA_FOLDER CHIMERA_SKIPS CARGO_TERM_COLOR CARGO_TERM_QUIET CARGO_TERM_VERBOSE RUST_TEST_THREADS

# The processes that the tests have started, directly or not: each has the name of the folder in its environment.
left() {
    # Those that look are not meant.
    (unset CHIMERA_FOLDER && grep -ls "CHIMERA_FOLDER=$folder" /proc/[0-9]*/environ | cut -d/ -f3)
}

# Whatever happens, nothing stays: no process, no folder.
clean() {
    for process in $(left); do
        kill -KILL "$process" 2>/dev/null
    done
    rm -rf "$folder"
}
trap clean EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The names of programs as words for cargo.
named() {
    for program; do
        printf ' --test %s' "$program"
    done
}

# A headline, which the reader of the log knows too, with the programs that must give a result.
headline() {
    printf '\n== %s\n' "$1"
    printf '== %s\n' "$1" >>"$CHIMERA_SKIPS"
    printf '== %s\n' "$1" >>"$log"
    shift
    for program; do
        printf 'expected %s\n' "$program" >>"$log"
    done
}

# Runs programs: the headline, the options of cargo, the programs.
step() {
    what=$1 options=$2
    shift 2
    headline "$what" "$@"
    # Words without blanks, to be taken apart.
    "$CARGO" test --locked --no-fail-fast --features exercise $options $(named "$@") 2>&1 | tee -a "$log"
}

# All programs of the profile dev are built with the same features: one library serves them and the exercise.
# Meanwhile those of the profile release, each of which is one long compilation without anything beside it.
headline "building"
{
    "$CARGO" build --locked --release --bin chimera
    "$CARGO" build --locked --release --features exercise --bin exercise
} &
"$CARGO" test --locked --no-run --features exercise $(named $EITHER $ONCE $LIBRARY)
"$CARGO" test --locked --no-run --features exercise --profile $OPTIMISED $(named $LIBRARY)
wait

EXERCISE=$CARGO_TARGET_DIR/debug/exercise
CHIMERA=$CARGO_TARGET_DIR/debug/chimera CHIMERA_SHARE=7 # of the sets of flags, all of which the other has
CHIMERA_PART=1/2                                         # of the storm's share and of the faults; the other has the rest
export CHIMERA CHIMERA_SHARE CHIMERA_PART EXERCISE
step "the debug ELF" "" $EITHER
unset CHIMERA_SHARE
EXERCISE=$CARGO_TARGET_DIR/release/exercise
CHIMERA=$CARGO_TARGET_DIR/release/chimera CHIMERA_PART=2/2
step "the ELF that ships" "" $EITHER $ONCE
unset CHIMERA CHIMERA_PART EXERCISE
step "the library, profile dev" "" $LIBRARY
step "the library, profile $OPTIMISED" "--profile $OPTIMISED" $LIBRARY

# What ends after its test has ended gets some time for that.
headline "what is left" "nothing"
tries=0
while rest=$(left) && [ -n "$rest" ] && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
if [ -z "$rest" ]; then
    printf 'found nothing\n' >>"$log"
else
    for process in $rest; do
        echo "process $process was left: $(tr '\0' ' ' <"/proc/$process/cmdline")"
    done
fi

awk -F '\t' -f tests/tally.awk "$log" "$CHIMERA_SKIPS" | tee "$CARGO_TARGET_DIR/tests.txt"
tail -n 1 "$CARGO_TARGET_DIR/tests.txt" | grep -q ' passed, 0 failed, '
