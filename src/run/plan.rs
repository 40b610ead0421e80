//! What is to be run, and in what.

use super::maps::Ids;
use crate::clone::flags::Flags;

/// All that the options say.
#[derive(Clone, Copy, Default)]
pub struct Plan {
    /// The new namespaces.
    pub namespaces: Flags,
    /// The users and the groups of a new user namespace.
    pub ids: [Ids; 2],
    /// What is written to setgroups: `allow` or `deny`.
    pub setgroups: Option<&'static [u8]>,
    /// How mounts propagate from a new mount namespace: flags of mount(2); none: as before.
    pub propagation: Option<u32>,
    /// The host name.
    pub hostname: Option<&'static [u8]>,
    /// The offsets of the monotonic and of the boot-time clock, in seconds.
    pub offsets: [Option<&'static [u8]>; 2],
    /// The root directory.
    pub root: Option<&'static [u8]>,
    /// The working directory.
    pub directory: Option<&'static [u8]>,
    /// Where the proc file system is mounted.
    pub proc: Option<&'static [u8]>,
    /// The user and the group that the program gets.
    pub setuid: Option<usize>,
    /// See [`setuid`](Self::setuid).
    pub setgid: Option<usize>,
    /// Whether it keeps its capabilities without being root.
    pub keeps_capabilities: bool,
    /// Whether it may never gain rights.
    pub renounces: bool,
    /// Whether a parent stays.
    pub forks: bool,
    /// Whether process 1 of the new PID namespace is ours, and the program its child.
    pub has_init: bool,
    /// The signal that the program gets when chimera dies.
    pub kill: Option<usize>,
    /// How many words stand before those of the program, the command among them.
    pub command: usize,
}

impl Plan {
    /// Whether the user namespace is new.
    pub fn has_users(&self) -> bool {
        self.namespaces.contains(Flags::NEWUSER)
    }

    /// Whether the id maps have ranges, which nobody inside may write.
    pub fn has_ranges(&self) -> bool {
        self.ids.iter().any(Ids::has_ranges)
    }
}
