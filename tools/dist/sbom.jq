# cargo metadata -> CycloneDX 1.5: the crates that are linked into the program, and the parts of Rust's own library.
#
# Arguments: $lock (Cargo.lock), $date (RFC 3339), $commit (or nothing), $rustc (its version), $elf (SHA-256 of the file).

def identity: "pkg:cargo/\(.name)@\(.version)";

# A crate's licence is an SPDX expression; older manifests have a stroke for OR.
def licences: [{expression: (gsub("\\s*/\\s*"; " OR "))}];

def checksums:
  [$lock | scan("name = \"([^\"]+)\"\nversion = \"([^\"]+)\"\nsource = [^\n]+\nchecksum = \"([0-9a-f]+)\"")
   | {key: "pkg:cargo/\(.[0])@\(.[1])", value: .[2]}] | from_entries;

(.packages | map({key: .id, value: .}) | from_entries) as $packages
| (.workspace_members[] | select($packages[.].name == "chimera")) as $root
# What is needed by the program itself, and not by its tests or its build.
| (.resolve.nodes | map({key: .id, value: [.deps[] | select(any(.dep_kinds[]; .kind == null)) | .pkg]}) | from_entries) as $needs
| ([$root | recurse($needs[.][])] | unique - [$root]) as $linked
| checksums as $sums
| "pkg:generic/chimera@\($packages[$root].version)" as $own
| "pkg:generic/rust-library@\($rustc)" as $library
| {
    "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.5",
    version: 1,
    metadata: {
      timestamp: $date,
      component: ($packages[$root] | {
        type: "application", "bom-ref": $own, name, version, description,
        hashes: [{alg: "SHA-256", content: $elf}],
        licenses: (.license | licences), purl: $own,
        properties: (if $commit == "" then [] else [{name: "chimera:commit", value: $commit}] end)
      })
    },
    components: ([$linked[] | $packages[.] | {
        type: "library", "bom-ref": identity, name, version, description: (.description | gsub("\\s+"; " ") | gsub("^ | $"; "")),
        hashes: [{alg: "SHA-256", content: $sums[identity]}],
        licenses: (.license | licences), purl: identity
      }] + [{
        type: "library", "bom-ref": $library, name: "rust-library", version: $rustc,
        description: "core, alloc and compiler_builtins of Rust",
        licenses: ("MIT OR Apache-2.0" | licences), purl: $library
      }]),
    dependencies: (
      [{ref: $own, dependsOn: ([$needs[$root][] | $packages[.] | identity] + [$library])}]
      + [$linked[] | {ref: ($packages[.] | identity), dependsOn: [$needs[.][] | $packages[.] | identity]}]
      + [{ref: $library, dependsOn: []}])
  }
