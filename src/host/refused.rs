//! A refusal as the table of causes sees it: what failed, and what was asked for.

use super::id_map::IdMap;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::error::Failure;
use core::ffi::CStr;

/// What was asked for when a step was refused, as far as the one who looks knows it.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The call that made the task, or that was to make it; of unshare(2) the flags.
    pub call: Call,
    /// The map that was to be written, seen from outside.
    pub map: Option<&'a IdMap>,
    /// Whether setgroups(2) was denied in the new user namespace.
    pub denies_groups: bool,
    /// Whether setgroups(2) was to be allowed in the new user namespace.
    pub allows_groups: bool,
    /// The file that the step was about.
    pub file: Option<&'a CStr>,
    /// The file of the namespace that the step was about.
    pub namespace: Option<&'a CStr>,
    /// The line for an interpreter that was to be registered.
    pub line: Option<&'a [u8]>,
    /// The id that the program was to get.
    pub id: Option<usize>,
    /// Bytes of memory, beyond what the step needs by itself.
    pub bytes: usize,
}

impl From<Call> for Circumstances<'_> {
    fn from(call: Call) -> Self {
        Self {
            call,
            map: None,
            denies_groups: false,
            allows_groups: false,
            file: None,
            namespace: None,
            line: None,
            id: None,
            bytes: 0,
        }
    }
}

/// The namespaces of a call, of which only clone3(2) can make a new time namespace.
impl From<Flags> for Circumstances<'_> {
    fn from(flags: Flags) -> Self {
        Call::usual(if flags.contains(Flags::NEWTIME) { Api::Clone3 } else { Api::Clone }, flags).into()
    }
}

impl Circumstances<'_> {
    /// Whether a new user namespace was asked for, in which every caller has privileges.
    pub(super) fn has_users(&self) -> bool {
        self.call.flags.contains(Flags::NEWUSER)
    }
}

/// A refusal: what failed, and what was asked for.
#[derive(Clone, Copy)]
pub struct Refusal<'a> {
    /// The failure.
    pub failure: Failure,
    /// What was asked for.
    pub asked: Circumstances<'a>,
}
