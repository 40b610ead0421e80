//! The users, and the environment in which they run a program.

use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};

/// A user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Root,
    Nobody,
}

impl Who {
    pub const ALL: [Self; 2] = [Self::Root, Self::Nobody];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Nobody => "nobody",
        }
    }

    /// The id of the user and of the group.
    pub const fn id(self) -> u32 {
        match self {
            Self::Root => 0,
            Self::Nobody => 65534,
        }
    }

    /// Becomes this user.
    pub fn become_it(self) -> nix::Result<()> {
        setgroups(&[])?;
        setgid(Gid::from_raw(self.id()))?;
        setuid(Uid::from_raw(self.id()))
    }
}

/// The same in every place: what differs comes from the place.
pub const ENVIRONMENT: [(&str, &str); 2] =
    [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/")];
