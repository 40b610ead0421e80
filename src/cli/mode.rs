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
    /// How its tasks are made.
    pub plans: &'static [Plan],
    /// Their titles in the table of the tour; a task without one is there only to be compared.
    pub columns: &'static [&'static str],
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
        plans: &[
            plan(Api::Clone, Flags::empty(), SIGCHLD),
            plan(Api::Fork, Flags::empty(), SIGCHLD),
        ],
        columns: &["fork"],
    },
    Mode {
        name: "chimera",
        about: "a process of its own, in the memory of another",
        plans: &[plan(Api::Clone, Flags::VM, SIGCHLD)],
        columns: &["chimera"],
    },
    Mode {
        name: "thread",
        about: "the same process: first the bare thread, then all that pthread_create(3) shares",
        plans: &[plan(Api::Clone, THREAD, 0), plan(Api::Clone, PTHREAD, 0)],
        columns: &["thread", "pthread"],
    },
    Mode {
        name: "user",
        about: "a process that is nobody in a new user namespace, and becomes root there",
        plans: &[plan(Api::Clone, Flags::NEWUSER, SIGCHLD)],
        columns: &["user"],
    },
];
