//! A fault: what makes a call break one rule, and whether an attempt breaks it.

use crate::check::case::What;
use crate::check::own::Rights;
use crate::clone::attempt::{Attempt, Edge, Pointer};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::sys::{Errno, Signal};
use core::sync::atomic::AtomicU32;

/// One id, which is 0 and so out of range.
static IDS: [AtomicU32; 1] = [const { AtomicU32::new(0) }; 1];

/// A fault.
pub struct Fault {
    /// The name of its leaf for each call; empty if the call cannot have it.
    pub of_clone: &'static str,
    pub of_clone3: &'static str,
    /// The name of the rule that it breaks.
    pub rule: &'static str,
    /// The errno of that.
    pub errno: Errno,
    /// Flags that it needs, and flags beside which it is none.
    pub flags: Flags,
    pub without: Flags,
    /// The rights that it needs.
    pub rights: Rights,
    /// The argument that it needs, as diagnostics name it.
    pub argument: (What, u64),
    /// Gives the call this argument.
    pub give: fn(&mut Attempt, Edge),
    /// Whether the call has such an argument.
    pub has: fn(&Attempt) -> bool,
}

/// A call without a fault. In clone(2) the usual exit signal is none beside any flag.
pub fn none(api: Api) -> Attempt {
    let exit_signal = if api == Api::Clone { Some(Signal::CHLD) } else { None };
    let call = Call { set_tid: &IDS, ..Call::new(api, Flags::empty(), exit_signal) };
    Attempt { set_tid: Some(Pointer::Null), set_tid_size: Some(0), ..Attempt::new(call) }
}

impl Fault {
    /// Whether a call can have it.
    pub fn is_of(&self, api: Api) -> bool {
        !(if api == Api::Clone3 { self.of_clone3 } else { self.of_clone }).is_empty()
    }

    /// The attempt with the fault.
    pub fn put(&self, mut attempt: Attempt, edge: Edge) -> Attempt {
        attempt.call.flags |= self.flags;
        (self.give)(&mut attempt, edge);
        attempt
    }

    /// Whether an attempt has the fault, made by a task with these rights.
    pub fn is_in(&self, attempt: &Attempt, rights: Rights) -> bool {
        let flags = attempt.call.flags;
        let is_by_flags = flags.contains(self.flags) && (self.without.is_empty() || !flags.contains(self.without));
        let is_seen = self.flags.is_empty() || attempt.call.api != Api::Clone3 || is_read(attempt, size_of::<Flags>());
        self.is_of(attempt.call.api) && is_by_flags && is_seen && self.is_with(rights) && (self.has)(attempt)
    }

    /// Whether a task with these rights can have the fault.
    fn is_with(&self, rights: Rights) -> bool {
        match self.rights {
            Rights::Own => true,
            Rights::All => matches!(rights, Rights::All | Rights::Unmapped),
            Rights::None => matches!(rights, Rights::None | Rights::NoTask),
            rights_needed => rights == rights_needed,
        }
    }
}

/// Whether the kernel can read the first bytes of clone3(2)'s struct, as far as the size goes.
pub fn is_read(attempt: &Attempt, bytes: usize) -> bool {
    let is_there = match attempt.structure {
        Pointer::Edge(_, room) => bytes <= room,
        structure => structure.fixed().is_none(),
    };
    is_there && bytes <= attempt.call.size
}
