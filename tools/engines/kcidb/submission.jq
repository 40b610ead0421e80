# A submission for KCIDB, schema 5.3, of what `chimera check` printed:
#
#   jq -nR -L tools/engines -f tools/engines/kcidb/submission.jq --arg origin ORIGIN --arg run ID [--arg build ID] check.ktap
#
# ORIGIN is the name that KCIDB knows the laboratory by, the run's ID is the laboratory's own and new for each run.
# Without the id of a build that KCIDB has already, a checkout and a build are made that say no more than the head does.
include "ktap";

$ARGS.named as {$origin, $run, $build}
| "\($origin):\($run)" as $id
| ktap
| if .planned == null then error(lacks) else . end
| .head as $head
| ($head.kernel // "" | split(" ")) as [$release, $machine]
| .seconds as $seconds
| def test($path; $seconds):
    {
        id: "\($id):\($path)", origin: $origin, build_id: ($build // $id), path: $path, status: .status,
        duration: $seconds, comment: .why, log_excerpt: (.notes | join("\n") | .[:16384]),
        environment: {comment: "Linux \($release) \($machine), uid \($head.uid)", misc: $head},
    }
    | del(.[] | select(. == null or . == ""));
{version: {major: 5, minor: 3}}
+ if $build then {} else {
    checkouts: [{id: $id, origin: $origin, comment: "Linux \($release)"}],
    builds: [{id: $id, checkout_id: $id, origin: $origin, architecture: $machine, comment: "Linux \($release)"}],
} end
+ {
    tests: [
        ({status: status, why: lacks, notes: []} | test("chimera"; $seconds.all)),
        (groups[] | test("chimera.\(.name)"; $seconds[.name])),
        (leaves[] | test("chimera.\(.group).\(.name)"; null))
    ],
}
