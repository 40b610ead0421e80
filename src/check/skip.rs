//! Why a case is not judged: something other than the kernel's rules decides about it here.

use crate::clone::flags::Version;

/// The reason why a case is skipped. Each has a short constant text, for machines that glue it to the leaf's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Skip {
    /// A seccomp filter answers in the kernel's place.
    Filter,
    /// The caller lacks a right that the case needs.
    Rights,
    /// The kernel refuses user namespaces here.
    UserNamespaces,
    /// A limit of this machine is reached.
    Limit,
    /// The kernel is older than what the case is about.
    Since(Version),
    /// The kernel is newer than what the case is about: this is the first without it.
    Until(Version),
    /// Nothing here provokes what the case is about: no filter, no security module.
    NotHere,
    /// The case needs a cgroup that the caller has prepared.
    Cgroup,
    /// The case needs a proc(5) that shows this PID namespace.
    Proc,
    /// No witness can see it here.
    NoWitness,
    /// The second of two faults is none here.
    NoSecond,
    /// A task was made although a limit was to forbid it.
    Unlimited,
}

impl Skip {
    /// All reasons, with a version that is not known.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=u64::from(u8::MAX)).filter_map(Self::of_bits)
    }

    /// The text; those of [`Skip::Since`] and [`Skip::Until`] are followed by the version.
    pub fn text(self) -> &'static str {
        match self {
            Self::Filter => "masked by a filter",
            Self::Rights => "needs more rights",
            Self::UserNamespaces => "user namespaces are refused",
            Self::Limit => "a limit is reached",
            Self::Since(_) => "since Linux",
            Self::Until(_) => "only before Linux",
            Self::NotHere => "nothing here provokes it",
            Self::Cgroup => "needs a prepared cgroup",
            Self::Proc => "needs proc of this PID namespace",
            Self::NoWitness => "cannot be seen here",
            Self::NoSecond => "the second fault is none here",
            Self::Unlimited => "the limit made way for a task",
        }
    }

    /// The form in which a worker leaves it on the board: not 0.
    pub fn to_bits(self) -> u64 {
        match self {
            Self::Filter => 1,
            Self::Rights => 2,
            Self::UserNamespaces => 3,
            Self::Limit => 4,
            Self::Cgroup => 5,
            Self::Proc => 6,
            Self::NoWitness => 7,
            Self::Since(version) => 8 | of_version(version),
            Self::Until(version) => 9 | of_version(version),
            Self::NotHere => 10,
            Self::NoSecond => 11,
            Self::Unlimited => 12,
        }
    }

    /// What was left in that form; none if nothing was.
    pub fn of_bits(bits: u64) -> Option<Self> {
        Some(match bits as u8 {
            1 => Self::Filter,
            2 => Self::Rights,
            3 => Self::UserNamespaces,
            4 => Self::Limit,
            5 => Self::Cgroup,
            6 => Self::Proc,
            7 => Self::NoWitness,
            8 => Self::Since(version_of(bits)),
            9 => Self::Until(version_of(bits)),
            10 => Self::NotHere,
            11 => Self::NoSecond,
            12 => Self::Unlimited,
            _ => return None,
        })
    }
}

/// A version, beside the number of the reason.
fn of_version(version: Version) -> u64 {
    u64::from(version.major) << 8 | u64::from(version.minor) << 16
}

/// The version beside the number of the reason.
fn version_of(bits: u64) -> Version {
    Version::new((bits >> 8) as u8, (bits >> 16) as u8)
}
