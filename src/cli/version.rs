//! `--version`: the version, and what is known of the build without any tool but cargo.
//!
//! The same source, built by the same compiler, says the same: there is no date and no path. A commit is named only in a
//! build that was told one (build.rs): the source of any other may have changed since.

use crate::clone::flags::{FLAGS, NEWEST, Version};
use crate::report::page;
use crate::sys::{Errno, RawFd, Result};
use crate::text::{Room, Sink, out};

/// How the program was compiled.
const PROFILE: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

/// The commit of the source, or an empty text.
const COMMIT: &str = env!("CHIMERA_COMMIT");

/// Prints the version, the target, the compiler and the profile; the flags that it knows; the commit, if it has one.
pub fn show(page: &mut dyn Sink) {
    out!(page, "chimera ", env!("CARGO_PKG_VERSION"), " (", env!("CHIMERA_TARGET"));
    out!(page, ", rustc ", env!("CHIMERA_RUSTC"), ", ", PROFILE, ")\n");
    const NAME: &str = NEWEST.name;
    const SINCE: Version = NEWEST.since;
    out!(page, "flags: ", FLAGS.len(), " known, the newest CLONE_", NAME, " of Linux ", SINCE, "\n");
    if !COMMIT.is_empty() {
        out!(page, "commit: ", COMMIT, "\n");
    }
}

/// Prints the same lines without a page, whose buffer is larger than these lines will ever be.
pub fn print() -> Result<()> {
    let mut lines = Room::<384>::new();
    show(&mut lines);
    page::write(RawFd::OUT, lines.bytes().ok_or(Errno::EOVERFLOW)?)
}
