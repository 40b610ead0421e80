//! `--version`: the version, and what is known of the build without any tool but cargo.
//!
//! The same source, built by the same compiler, says the same: there is no date, no path, and no commit, which would not
//! be that of a changed source.

use crate::text::{Sink, out};

/// How the program was compiled.
const PROFILE: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

/// Prints the version, the target, the compiler and the profile.
pub fn show(page: &mut dyn Sink) {
    out!(page, "chimera ", env!("CARGO_PKG_VERSION"), " (", env!("CHIMERA_TARGET"));
    out!(page, ", rustc ", env!("CHIMERA_RUSTC"), ", ", PROFILE, ")\n");
}
