//! What is to be run, and in what.

use super::ids::Ids;
use crate::clone::flags::Flags;
use crate::host::id_map;
use crate::rules::spelling;
use crate::sys::{Signal, namespace};
use crate::text::read::number;

/// All that the options say.
#[derive(Clone, Copy, Default)]
pub struct Plan {
    /// The new namespaces.
    pub namespaces: Flags,
    /// The users of a new user namespace.
    pub users: Ids,
    /// The groups of a new user namespace.
    pub groups: Ids,
    /// What is written to setgroups.
    pub setgroups: Option<Setgroups>,
    /// How mounts propagate from a new mount namespace; none: privately.
    pub propagation: Option<Propagation>,
    /// The host name.
    pub hostname: Option<&'static [u8]>,
    /// The offset of the monotonic clock, in seconds.
    pub monotonic: Option<&'static [u8]>,
    /// The offset of the boot-time clock, in seconds.
    pub boottime: Option<&'static [u8]>,
    /// The root directory.
    pub root: Option<&'static [u8]>,
    /// The working directory.
    pub directory: Option<&'static [u8]>,
    /// Where the proc file system is mounted.
    pub proc: Option<&'static [u8]>,
    /// The user that the program gets.
    pub setuid: Option<usize>,
    /// The group that the program gets.
    pub setgid: Option<usize>,
    /// Whether it keeps its capabilities without being root.
    pub keeps_capabilities: bool,
    /// Whether it may never gain rights.
    pub renounces: bool,
    /// Whether a parent stays.
    pub forks: bool,
    /// Whether process 1 of the new PID namespace is ours, and the program its child.
    pub has_init: bool,
    /// The signal that the program gets when its parent, this program, dies.
    pub kill: Option<Signal>,
    /// How many words stand before those of the program, the command among them.
    pub command: usize,
}

/// An option that does not go with the others, and what is allowed in its place; none where that is not known.
pub type Misfit = (&'static str, Option<&'static str>);

impl Plan {
    /// Adds what the options imply; an error is the option that contradicts the others.
    pub fn complete(&mut self) -> Result<(), Misfit> {
        self.namespaces |= self.implied();
        // From inside no group can be mapped where setgroups is allowed, user_namespaces(7).
        if self.setgroups == Some(Setgroups::Allow) && self.groups.own.is_some() && !self.has_ranges() {
            return Err(("--setgroups=allow", None));
        }
        let has_mounts = self.namespaces.contains(Flags::NEWNS);
        // Without a new mount namespace it would be the caller's mounts that change.
        if self.propagation.and_then(Propagation::flag).is_some() && !has_mounts {
            return Err(("--propagation", Some(Propagation::ALLOWED)));
        }
        // With `--fork` the program itself is process 1, as with unshare(1).
        self.has_init |= self.namespaces.contains(Flags::NEWPID) && !self.forks;
        self.forks |= self.has_init || self.kill.is_some() || self.namespaces.contains(Flags::NEWTIME);
        if has_mounts {
            self.propagation = self.propagation.or(Some(Propagation::Private));
        }
        Ok(())
    }

    /// The namespaces in which something is to be done.
    fn implied(&self) -> Flags {
        let has_own = self.users.own.is_some() || self.groups.own.is_some();
        let implied = [
            (Flags::NEWUSER, self.setgroups.is_some() || self.has_ranges() || has_own),
            (Flags::NEWNS, self.proc.is_some()),
            (Flags::NEWUTS, self.hostname.is_some()),
            (Flags::NEWPID, self.has_init),
            (Flags::NEWTIME, self.monotonic.is_some() || self.boottime.is_some()),
        ];
        implied.into_iter().filter(|(_, is_implied)| *is_implied).map(|(flag, _)| flag).collect()
    }

    /// Whether the user namespace is new.
    pub fn has_users(&self) -> bool {
        self.namespaces.contains(Flags::NEWUSER)
    }

    /// Whether the id maps have ranges, which no process inside may write.
    pub fn has_ranges(&self) -> bool {
        self.users.has_ranges() || self.groups.has_ranges()
    }

    /// The users or the groups.
    pub fn ids(&self, kind: id_map::Ids) -> &Ids {
        match kind {
            id_map::Ids::Users => &self.users,
            id_map::Ids::Groups => &self.groups,
        }
    }
}

/// Whether setgroups(2) is allowed in a new user namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setgroups {
    /// It is.
    Allow,
    /// It is not.
    Deny,
}

impl Setgroups {
    /// The word that is written to the file.
    pub const fn word(self) -> &'static [u8] {
        match self {
            Self::Allow => b"allow",
            Self::Deny => b"deny",
        }
    }

    /// The one with this word; an error says which there are.
    pub fn named(word: &[u8]) -> Result<Self, &'static str> {
        [Self::Allow, Self::Deny].into_iter().find(|one| one.word() == word).ok_or("it takes allow or deny")
    }
}

/// How mounts propagate from a new mount namespace, mount_namespaces(7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Propagation {
    /// In neither direction.
    Private,
    /// In both directions.
    Shared,
    /// Into the namespace alone.
    Slave,
    /// As before.
    Unchanged,
}

impl Propagation {
    const ALLOWED: &str = "it takes private, shared, slave or unchanged, and with all but that --mount";

    /// The flag of mount(2); none if nothing is to be changed.
    pub const fn flag(self) -> Option<u32> {
        match self {
            Self::Private => Some(namespace::MS_PRIVATE),
            Self::Shared => Some(namespace::MS_SHARED),
            Self::Slave => Some(namespace::MS_SLAVE),
            Self::Unchanged => None,
        }
    }

    /// The one with this name; an error says which there are.
    pub fn named(name: &[u8]) -> Result<Self, &'static str> {
        match name {
            b"private" => Ok(Self::Private),
            b"shared" => Ok(Self::Shared),
            b"slave" => Ok(Self::Slave),
            b"unchanged" => Ok(Self::Unchanged),
            _ => Err(Self::ALLOWED),
        }
    }
}

/// How far a clock can be set ahead or back, in seconds: KTIME_SEC_MAX.
const FARTHEST: usize = 9_223_372_036;

/// The offset of a clock, which the kernel gets as it is written; an error says what is allowed.
pub fn offset(value: &'static [u8]) -> Result<&'static [u8], &'static str> {
    let seconds = number(value.strip_prefix(b"-").unwrap_or(value)).filter(|seconds| *seconds <= FARTHEST);
    seconds.map(|_| value).ok_or("it takes seconds from -9223372036 to 9223372036")
}

/// The signal that the program gets when its parent dies: an empty text is SIGKILL. An error says what is allowed.
pub fn kill_signal(value: &[u8]) -> Result<Signal, &'static str> {
    if value.is_empty() {
        return Ok(Signal::KILL);
    }
    let signal = spelling::signal(value).and_then(Signal::new).filter(|signal| signal.set() != 0);
    signal.ok_or("it takes the name of a signal, or a number from 1 to 64")
}
