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
    println!("cargo::rerun-if-changed=linker.ld");
    println!("cargo::rerun-if-changed=build.rs");
}
