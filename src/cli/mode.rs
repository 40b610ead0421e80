//! The four modes: one table.

use crate::clone::flags::{Flags, PTHREAD};
use crate::clone::task::{Api, Plan};
use linux_raw_sys::general::SIGCHLD;

/// A mode of the exercise: one task, or two that are worth comparing.
pub struct Mode {
    /// The word on the command line.
    pub name: &'static str,
    /// What the task is, in a line.
    pub about: &'static str,
    /// How its tasks are made, each with its title in the table of the tour (none: it is only to be compared).
    pub tasks: &'static [(&'static str, Plan)],
}

const fn plan(api: Api, flags: Flags, exit_signal: u32) -> Plan {
    Plan {
        api,
        flags,
        exit_signal,
    }
}

/// The flags of the exercise's bare thread; the last one tells when it is gone, for nobody can wait for a thread.
const THREAD: Flags = Flags::VM
    .union(Flags::SIGHAND)
    .union(Flags::THREAD)
    .union(Flags::CHILD_CLEARTID);

/// All of them, in the order of the tour.
pub static MODES: [Mode; 4] = [
    Mode {
        name: "fork",
        about: "a process of its own: everything is copied",
        tasks: &[
            ("fork", plan(Api::Clone, Flags::empty(), SIGCHLD)),
            ("", plan(Api::Fork, Flags::empty(), SIGCHLD)),
        ],
    },
    Mode {
        name: "chimera",
        about: "a process of its own, in the memory of another",
        tasks: &[("chimera", plan(Api::Clone, Flags::VM, SIGCHLD))],
    },
    Mode {
        name: "thread",
        about: "the same process: a bare thread, then one as pthread_create(3) makes it",
        tasks: &[("thread", plan(Api::Clone, THREAD, 0)), ("pthread", plan(Api::Clone, PTHREAD, 0))],
    },
    Mode {
        name: "user",
        about: "a process that is nobody in a new user namespace, and becomes root there",
        tasks: &[("user", plan(Api::Clone, Flags::NEWUSER, SIGCHLD))],
    },
];
