//! The files of a user namespace in proc(5).

use crate::check::step::Step;
use core::ffi::CStr;

/// A file of a user namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum File {
    Uid = 0,
    Gid = 1,
    Projid = 2,
    Setgroups = 3,
}

impl File {
    /// The name.
    pub fn name(self) -> &'static [u8] {
        match self {
            Self::Uid => b"uid_map",
            Self::Gid => b"gid_map",
            Self::Projid => b"projid_map",
            Self::Setgroups => b"setgroups",
        }
    }

    /// The caller's own.
    pub fn own(self) -> &'static CStr {
        match self {
            Self::Uid => c"/proc/self/uid_map",
            Self::Gid => c"/proc/self/gid_map",
            Self::Projid => c"/proc/self/projid_map",
            Self::Setgroups => c"/proc/self/setgroups",
        }
    }

    /// The step of writing to it on the way to something else.
    pub fn step(self) -> Step {
        match self {
            Self::Uid => Step::WriteUidMap,
            Self::Gid => Step::WriteGidMap,
            Self::Projid => Step::WriteProjidMap,
            Self::Setgroups => Step::WriteSetgroups,
        }
    }
}
