# What `chimera check` printed, as one object, for the programs beside this file: `jq -nR -L tools/engines`.
#
#   head      what stands above the plan, by its words: chimera, kernel, uid ..
#   results   of leaves and of groups, in the order of the file: group (none for a group), name, status, why, notes
#   seconds   of each group, and of all
#   planned   how many groups there are to be
#   bail      what chimera could not do, if it gave up

# A serial line ends in CR LF, and the kernel's own messages stand between. A line of neither form is passed over.
def found($form): [capture($form)][0];

def read($line):
    ($line | found("^(?<indent> *)(?<not>not )?ok [0-9]+ (?<name>[^ ]+)( # SKIP ?(?<why>.*))?$")) as $result
    | ($line | found("^ +# Subtest: (?<group>.+)$")) as $start
    | ($line | found("^ +# (?<text>.+)$")) as $note
    | ($line | found("^# time: (?<what>[^ ]+) (?<seconds>[0-9.]+) s$")) as $time
    | ($line | found("^# (?<word>[^:]+): (?<text>.+)$")) as $head
    | if $result then
        .results += [{
            group: (if $result.indent == "" then null else .group end),
            name: $result.name,
            status: (if $result.not then "FAIL" elif $result.why then "SKIP" else "PASS" end),
            why: $result.why,
            notes: .notes,
        }] | .notes = []
      elif $start then .group = $start.group | .notes = []
      elif $note then .notes += [$note.text]
      elif $time then .seconds[$time.what] = ($time.seconds | tonumber)
      elif $head and .planned == null then .head[$head.word] = $head.text
      elif $line | test("^1\\.\\.[0-9]+$") then .planned = ($line[3:] | tonumber)
      elif $line | startswith("Bail out! ") then .bail = $line[10:]
      else . end;

def ktap:
    reduce (inputs | sub("\r+$"; "")) as $line (
        {head: {}, results: [], seconds: {}, planned: null, bail: null, group: null, notes: []};
        read($line)
    );

def groups: [.results[] | select(.group == null)];
def leaves: [.results[] | select(.group != null)];

# What keeps the file from being a verdict; nothing if it is whole.
def lacks:
    if .bail then .bail
    elif .planned == null then "no plan: this is no output of chimera check"
    elif (groups | length) < .planned then "the output ends before its last group"
    else null end;

# The result of all.
def status:
    if lacks then "ERROR"
    else ([.results[].status] | if any(. == "FAIL") then "FAIL" elif all(. == "SKIP") then "SKIP" else "PASS" end) end;
