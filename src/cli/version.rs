//! `--version`: the version, and what is known of the build without any tool but cargo.
//!
//! The same source, built by the same compiler, says the same: there is no date, no path, and no commit, which would
//! not be that of a changed source.

use crate::report::page;
use crate::sys::{Errno, RawFd, Result};
use crate::text::{Room, Sink, out};

/// How the program was compiled.
const PROFILE: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

/// Prints the version, the target, the compiler and the profile.
pub fn show(page: &mut dyn Sink) {
    out!(page, "chimera ", env!("CARGO_PKG_VERSION"), " (", env!("CHIMERA_TARGET"));
    out!(page, ", rustc ", env!("CHIMERA_RUSTC"), ", ", PROFILE, ")\n");
}

/// Prints the same line without a page, whose buffer is larger than this line will ever be.
pub fn print() -> Result<()> {
    let mut line = Room::<256>::new();
    show(&mut line);
    page::write(RawFd::OUT, line.bytes().ok_or(Errno::EOVERFLOW)?)
}
