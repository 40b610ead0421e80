# The three objects of an OCI image that has one layer. Arguments: $what (config, manifest or index), $version, $date,
# $commit (or nothing), and of the objects before: $diff (SHA-256 of the unpacked layer), $layer and $config
# ({digest, size}), $manifest ({digest, size}).

def blob($type): {mediaType: "application/vnd.oci.image.\($type)"} + .;

if $what == "config" then {
  created: $date,
  architecture: "amd64",
  os: "linux",
  config: {
    Entrypoint: ["/chimera"],
    Labels: ({
      "org.opencontainers.image.title": "chimera",
      "org.opencontainers.image.version": $version,
      "org.opencontainers.image.licenses": "MIT OR Apache-2.0"
    } + if $commit == "" then {} else {"org.opencontainers.image.revision": $commit} end)
  },
  rootfs: {type: "layers", diff_ids: [$diff]},
  history: [{created: $date, created_by: "make dist"}]
} elif $what == "manifest" then {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  config: ($config | blob("config.v1+json")),
  layers: [$layer | blob("layer.v1.tar+gzip")]
} else {
  schemaVersion: 2,
  mediaType: "application/vnd.oci.image.index.v1+json",
  manifests: [$manifest | blob("manifest.v1+json") + {
    platform: {architecture: "amd64", os: "linux"},
    annotations: {"org.opencontainers.image.ref.name": "chimera:\($version)"}
  }]
} end
