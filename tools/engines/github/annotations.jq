# An error annotation of each leaf that failed, for GitHub Actions, of what `chimera check` printed:
#
#   jq -nRr -L tools/engines -f tools/engines/github/annotations.jq check.ktap
include "ktap";

def message: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
def property: message | gsub(":"; "%3A") | gsub(","; "%2C");
def annotation($title; $text): "::error title=\($title | property)::\($text | message)";

ktap
| (leaves[] | select(.status == "FAIL") | annotation("chimera check \(.group) \(.name)"; .notes | join("\n"))),
  (lacks // empty | annotation("chimera check"; .))
