//! The place for which a call is judged: this machine, another kernel, or another user.

use crate::clone::flags::Version;
use crate::sys::{namespace, privilege};
use crate::text::read::leading;

/// Where a call would be made.
#[derive(Clone, Copy)]
pub struct Place {
    /// The kernel version; [`Version::UNKNOWN`] if it is not known.
    pub version: Version,
    /// Whether the place is this machine, so that the kernel can be asked.
    pub is_here: bool,
    /// Whether the call is judged as an ordinary user's, even if the caller is root.
    pub is_unprivileged: bool,
}

impl Place {
    /// This machine and this caller.
    pub fn here() -> Self {
        let version = namespace::uname().ok().and_then(|names| version_of(names.release()));
        Self { version: version.unwrap_or(Version::UNKNOWN), is_here: true, is_unprivileged: false }
    }

    /// Whether the kernel is known to be older than this version.
    pub fn is_before(&self, version: Version) -> bool {
        self.version != Version::UNKNOWN && self.version < version
    }

    /// Whether the caller has CAP_SYS_ADMIN, or may have it. A caller on another kernel counts as privileged.
    pub fn is_privileged(&self) -> bool {
        !self.is_unprivileged && (!self.is_here || privilege::is_administrator() != Some(false))
    }
}

/// The version at the start of a release: `6.18.44-generic`.
fn version_of(release: &[u8]) -> Option<Version> {
    let (major, rest) = leading(release, 10)?;
    let (minor, _) = leading(rest.get(1..)?, 10)?;
    Some(Version { major: major.try_into().ok()?, minor: minor.try_into().ok()? })
}
