# Reads the log of tests/run.sh and the list of skipped tests (tests/common/skip.rs); tells what was left out, what has
# failed, and counts.

function strip(line, from) { sub(from, "", line); return line }
function fail(what) { failures = failures "FAILED " what "\n" }
function skip(what, why) {
    if (!((what, why) in where)) { order[++skips] = what SUBSEP why; where[what, why] = step }
    else { where[what, why] = where[what, why] "; " step }
}

FNR == 1 { file++ }
/^== / { step = strip($0, "^== "); program = ""; next }

# The log: a program begins, its tests end one by one, and then it counts them.
file == 1 && /^expected / { open[step ": " strip($0, "^expected ")] = 1; next }
file == 1 && /^found nothing$/ { delete open[step ": nothing"]; next }
file == 1 && /^ *Running (tests\/)?[a-z_]+(\/main)?\.rs / {
    program = strip(strip($0, "^ *Running (tests/)?"), "(/main)?[.]rs .*")
    next
}
file == 1 && /^test .* \.\.\. FAILED$/ {
    name = strip(strip($0, "^test "), " [.][.][.] FAILED$")
    has_failed[step, program, name] = 1
    fail(step ": " program ": " name)
    next
}
file == 1 && /^test .* \.\.\. ignored/ {
    split($0, halves, " [.][.][.] ignored")
    skip(program ": " strip(halves[1], "^test "), strip(halves[2], "^, "))
    next
}
file == 1 && /^test result: / {
    split($0, words, " ")
    passed += words[4]; failed += words[6]; skipped += words[8]
    delete open[step ": " program]
    counts[step, program] = 1
    next
}

# The list: how, program, test, why.
file == 2 && $1 == "skipped" {
    # To libtest it has passed, unless it has failed later or its whole program has.
    has_passed = (step, $2) in counts && !((step, $2, $3) in has_failed)
    if (has_passed && !((step, $2, $3) in seen)) { skipped++; passed-- }
    seen[step, $2, $3] = 1
    skip($2 ": " $3, $4)
}
file == 2 && $1 == "in part" { skip($2 ": " $3, "in part: " $4) }

END {
    for (place = 1; place <= skips; place++) {
        split(order[place], pair, SUBSEP)
        printf "%sSKIP %s: %s (%s)\n", place == 1 ? "\n" : "", pair[1], pair[2], where[pair[1], pair[2]]
    }
    for (what in open) { failed++; fail(what ": no result") }
    if (failures != "") { printf "\n%s", failures }
    printf "\n%d passed, %d failed, %d skipped\n", passed, failed, skipped
}
