# The page of a job in GitHub Actions, Markdown, of what `chimera check` printed:
#
#   jq -nRr -L tools/engines -f tools/engines/github/summary.jq check.ktap >>"$GITHUB_STEP_SUMMARY"
include "ktap";

def count($leaves; $status): [$leaves[] | select(.status == $status)] | length;
def row($name; $leaves; $seconds):
    "| \($name) | \(count($leaves; "PASS")) | \(count($leaves; "FAIL")) | \(count($leaves; "SKIP")) | \($seconds // "-") |";

ktap
| .seconds as $seconds
| leaves as $leaves
| "### chimera check: \(status)", "",
  "Linux \(.head.kernel), uid \(.head.uid), chimera \(.head.chimera)", "",
  "| group | pass | fail | skip | seconds |", "|---|---|---|---|---|",
  (groups[] | .name as $group | row($group; [$leaves[] | select(.group == $group)]; $seconds[$group])),
  (lacks // empty | "", "**\(.)**"),
  ($leaves[] | select(.status == "FAIL") | "", "`\(.group) \(.name)`", "", (.notes[] | "    \(.)"))
