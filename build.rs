//! Passes the link arguments to the program alone: the library, the tests and this script stay ordinary std code.
//! That is why a plain `cargo build` from a fresh checkout works, without RUSTFLAGS and without a config folder.

/// Each argument of the link, with what it is for.
const ARGUMENTS: [&str; 6] = [
    "-nostartfiles",       // `_start` is ours
    "-nostdlib",           // so is everything else
    "-static",             // no interpreter, no dynamic section
    "-no-pie",             // ET_EXEC: no relocations to apply at start-up
    "-Wl,--build-id=none", // the same source gives the same bytes
    "-Wl,-z,norelro",      // nothing is relocated, so there is nothing to protect afterwards
];

fn main() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    for argument in ARGUMENTS {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    println!("cargo::rustc-link-arg-bins=-T{root}/linker.ld");
    // What ships has no names and no source lines; its twin for study, from the same compilation, keeps them.
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if is_release && std::env::var_os("CHIMERA_SYMBOLS").is_none() {
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
    // What `--version` says of the build.
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    println!("cargo::rustc-env=CHIMERA_TARGET={target}");
    println!("cargo::rustc-env=CHIMERA_RUSTC={}", compiler().unwrap_or("of unknown version".into()));
    println!("cargo::rustc-env=CHIMERA_COMMIT={}", commit());
    println!("cargo::rerun-if-env-changed=CHIMERA_SYMBOLS");
    println!("cargo::rerun-if-env-changed=CHIMERA_COMMIT");
    println!("cargo::rerun-if-changed=linker.ld");
    println!("cargo::rerun-if-changed=build.rs");
}

/// The version of the compiler, `1.95.0`: the second word of what it says of itself.
fn compiler() -> Option<String> {
    let output = std::process::Command::new(std::env::var_os("RUSTC")?).arg("--version").output().ok()?;
    String::from_utf8(output.stdout).ok()?.split(' ').nth(1).map(Into::into)
}

/// The commit that whoever builds from one names, as `make dist` does; empty in any other build. It is not looked for,
/// because the source may have changes that no commit has.
fn commit() -> String {
    let name = std::env::var("CHIMERA_COMMIT").unwrap_or_default();
    let is_whole = [40, 64].contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(name.is_empty() || is_whole, "CHIMERA_COMMIT takes the whole name of a commit, and not '{name}'");
    name
}
