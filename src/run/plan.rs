//! The plan: what to run, and in which environment.

use super::environment::Environment;
use super::ids::Ids;
use super::owner::Owner;
use crate::clone::flags::{Flags, Kind};
use crate::host::id_map;
use crate::rules::spelling;
use crate::sys::{Signal, namespace};
use crate::text::read::number;

/// All that the options say.
#[derive(Clone, Copy, Default)]
pub struct Plan {
    /// The new namespaces.
    pub namespaces: Flags,
    /// The files at which new namespaces are kept, in the order of [`Kind::ALL`].
    pub kept: [Option<&'static [u8]>; 8],
    /// The owner of a new user namespace; none for the caller.
    pub owner: Option<Owner>,
    /// The users of a new user namespace.
    pub users: Ids,
    /// The groups of a new user namespace.
    pub groups: Ids,
    /// What to write to setgroups; none for nothing.
    pub setgroups: Option<Setgroups>,
    /// The propagation of mounts; none means private in a new mount namespace.
    pub propagation: Option<Propagation>,
    /// The host name.
    pub hostname: Option<&'static [u8]>,
    /// The offset of the monotonic clock, in seconds, as text.
    pub monotonic: Option<&'static [u8]>,
    /// The offset of the boot-time clock, in seconds, as text.
    pub boottime: Option<&'static [u8]>,
    /// The root directory.
    pub root: Option<&'static [u8]>,
    /// The working directory.
    pub directory: Option<&'static [u8]>,
    /// Where to mount the proc file system.
    pub proc: Option<&'static [u8]>,
    /// Where to mount a binfmt_misc file system of the new user namespace.
    pub binfmt: Option<&'static [u8]>,
    /// The line for an interpreter that is registered there.
    pub interpreter: Option<&'static [u8]>,
    /// The user id for the program.
    pub setuid: Option<usize>,
    /// The group id for the program.
    pub setgid: Option<usize>,
    /// Whether the program keeps its capabilities without being root.
    pub keeps_capabilities: bool,
    /// Whether the program gets no_new_privs.
    pub renounces: bool,
    /// The variables that the program gets.
    pub environment: Environment,
    /// Whether this process stays, as the parent.
    pub forks: bool,
    /// Whether process 1 of the new PID namespace is this program, and the executed program its child.
    pub has_init: bool,
    /// The signal that the program gets when its parent dies.
    pub kill: Option<Signal>,
    /// The number of words before the program's own, including the program name and the command.
    pub command: usize,
}

/// Options that do not fit together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Misfit {
    /// The first has no effect without the second.
    Needs(&'static str, &'static str),
    /// The kernel does not allow for both.
    Excludes(&'static str, &'static str),
}

impl Plan {
    /// Mounts a binfmt_misc file system there, or at its usual place in a proc that is mounted too.
    pub fn mount_binfmt(&mut self, place: Option<&'static [u8]>) {
        if place.is_none() {
            self.proc = self.proc.or(Some(b"/proc"));
        }
        self.binfmt = Some(place.unwrap_or(b"/proc/sys/fs/binfmt_misc"));
    }

    /// Adds what the options imply; an error is the option that does not fit the others.
    pub fn complete(&mut self) -> Result<(), Misfit> {
        if self.interpreter.is_some() && self.binfmt.is_none() {
            self.mount_binfmt(None);
        }
        self.namespaces |= self.implied();
        // From inside no group can be mapped while setgroups(2) is allowed, user_namespaces(7).
        if self.setgroups == Some(Setgroups::Allow) && self.groups.own.is_some() && !self.has_ranges() {
            return Err(Misfit::Excludes("--setgroups=allow", "a map of the own group alone (-r, -c, --map-group)"));
        }
        let has_time = self.namespaces.contains(Flags::NEWTIME);
        for (option, offset) in [("--monotonic", self.monotonic), ("--boottime", self.boottime)] {
            if offset.is_some() && !has_time {
                return Err(Misfit::Needs(option, "--time"));
            }
        }
        let has_mounts = self.namespaces.contains(Flags::NEWNS);
        // Without a new mount namespace the caller's own mounts would change.
        if self.propagation.and_then(Propagation::flag).is_some() && !has_mounts {
            return Err(Misfit::Needs("--propagation", "--mount"));
        }
        // With `--fork` the program itself is process 1, as with unshare(1).
        self.has_init |= self.namespaces.contains(Flags::NEWPID) && !self.forks;
        // What is kept is taken away if the program is not executed: somebody has to stay to see that.
        let stays = self.kill.is_some() || self.namespaces.contains(Flags::NEWTIME) || self.keeps();
        self.forks |= self.has_init || stays;
        if has_mounts {
            self.propagation = self.propagation.or(Some(Propagation::Private));
        }
        Ok(())
    }

    /// The namespaces that the other options need.
    fn implied(&self) -> Flags {
        let has_own = self.users.own.is_some() || self.groups.own.is_some();
        let has_users = has_own || self.has_ranges() || self.setgroups.is_some() || self.owner.is_some();
        let has_binfmt = self.binfmt.is_some();
        let implied = [
            (Flags::NEWUSER, has_users || has_binfmt),
            (Flags::NEWNS, self.proc.is_some() || has_binfmt),
            (Flags::NEWUTS, self.hostname.is_some()),
            (Flags::NEWPID, self.has_init),
        ];
        implied.into_iter().filter(|(_, is_implied)| *is_implied).map(|(flag, _)| flag).collect()
    }

    /// What is written to setgroups. An unprivileged gid_map needs a denial first; without a map nothing is denied.
    pub fn written_setgroups(&self) -> Option<Setgroups> {
        let is_implied = self.groups.own.is_some() && !self.has_ranges();
        self.setgroups.or(is_implied.then_some(Setgroups::Deny))
    }

    /// Whether there is a new user namespace.
    pub fn has_users(&self) -> bool {
        self.namespaces.contains(Flags::NEWUSER)
    }

    /// Whether clocks are set.
    pub fn has_offsets(&self) -> bool {
        self.monotonic.or(self.boottime).is_some()
    }

    /// Whether the id maps are written from outside: ranges need privileges there, and an owner that the caller has
    /// become cannot map the caller's ids.
    pub fn has_ranges(&self) -> bool {
        let [users, groups] = [&self.users, &self.groups];
        let has_own = || users.own.is_some() || groups.own.is_some();
        users.has_ranges() || groups.has_ranges() || self.owner.is_some() && has_own()
    }

    /// Requests a new namespace, which is kept at a file.
    pub fn keep(&mut self, flag: Flags, file: &'static [u8]) {
        self.namespaces |= flag;
        let places = Kind::ALL.into_iter().zip(&mut self.kept);
        places.filter(|(kind, _)| kind.flag() == flag).for_each(|(_, place)| *place = Some(file));
    }

    /// The kinds of namespaces that are kept, and where.
    pub fn kept(&self) -> impl Iterator<Item = (Kind, &'static [u8])> {
        Kind::ALL.into_iter().zip(self.kept).filter_map(|(kind, place)| Some((kind, place?)))
    }

    /// Whether a namespace is kept.
    pub fn keeps(&self) -> bool {
        self.kept.iter().any(Option::is_some)
    }

    /// Whether there is a helper outside, which the process inside waits for.
    pub fn has_helper(&self) -> bool {
        self.has_ranges() || self.keeps()
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
    /// It is allowed.
    Allow,
    /// It is denied.
    Deny,
}

impl Setgroups {
    /// The word to write to the file.
    pub const fn word(self) -> &'static [u8] {
        match self {
            Self::Allow => b"allow",
            Self::Deny => b"deny",
        }
    }

    /// The words.
    pub const WORDS: [&str; 2] = ["allow", "deny"];

    /// Parses the word.
    pub fn named(word: &[u8]) -> Option<Self> {
        [Self::Allow, Self::Deny].into_iter().find(|one| one.word() == word)
    }
}

/// The propagation of mounts between a new mount namespace and the old one, mount_namespaces(7).
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
    /// The words.
    pub const WORDS: [&str; 4] = ["private", "shared", "slave", "unchanged"];

    /// The flag of mount(2); none to change nothing.
    pub const fn flag(self) -> Option<u32> {
        match self {
            Self::Private => Some(namespace::MS_PRIVATE),
            Self::Shared => Some(namespace::MS_SHARED),
            Self::Slave => Some(namespace::MS_SLAVE),
            Self::Unchanged => None,
        }
    }

    /// Parses the word.
    pub fn named(word: &[u8]) -> Option<Self> {
        match word {
            b"private" => Some(Self::Private),
            b"shared" => Some(Self::Shared),
            b"slave" => Some(Self::Slave),
            b"unchanged" => Some(Self::Unchanged),
            _ => None,
        }
    }
}

/// The largest clock offset in either direction, in seconds: KTIME_SEC_MAX.
const FARTHEST: usize = 9_223_372_036;

/// Checks the offset of a clock, which the kernel gets as text.
pub fn offset(value: &'static [u8]) -> Option<&'static [u8]> {
    let seconds = number(value.strip_prefix(b"-").unwrap_or(value))?;
    Some(value).filter(|_| seconds <= FARTHEST)
}

/// Parses the signal for the parent's death.
pub fn kill_signal(value: &[u8]) -> Option<Signal> {
    spelling::signal(value).and_then(Signal::new).filter(|signal| signal.set() != 0)
}
