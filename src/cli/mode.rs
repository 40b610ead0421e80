//! The four modes: one table of the tasks that they make.

use crate::clone::flags::{Flags, PTHREAD};
use crate::clone::task::{Api, Plan};
use linux_raw_sys::general::SIGCHLD;

/// A task of a mode.
pub struct Stop {
    /// The word on the command line; a mode's tasks stand together.
    pub mode: &'static str,
    /// What the task is, in a line.
    pub about: &'static str,
    /// How it is made.
    pub plan: Plan,
}

/// The flags of the exercise's bare thread; the last one tells when it is gone, for nobody can wait for a thread.
const THREAD: Flags = Flags::VM.union(Flags::SIGHAND).union(Flags::THREAD).union(Flags::CHILD_CLEARTID);

const fn plan(name: &'static str, api: Api, flags: Flags, exit_signal: u32) -> Plan {
    Plan { name, api, flags, exit_signal }
}

/// All of them, in the order of the tour.
pub static STOPS: [Stop; 6] = [
    Stop {
        mode: "fork",
        about: "a process of its own: everything is copied",
        plan: plan("fork", Api::Clone, Flags::empty(), SIGCHLD),
    },
    Stop {
        mode: "fork",
        about: "the same by the call of that name",
        plan: plan("fork(2)", Api::Fork, Flags::empty(), SIGCHLD),
    },
    Stop {
        mode: "chimera",
        about: "a process of its own, in the memory of another",
        plan: plan("chimera", Api::Clone, Flags::VM, SIGCHLD),
    },
    Stop {
        mode: "thread",
        about: "the same process: the least that makes a thread",
        plan: plan("thread", Api::Clone, THREAD, 0),
    },
    Stop {
        mode: "thread",
        about: "the same process: a thread as pthread_create(3) makes it",
        plan: plan("pthread", Api::Clone, PTHREAD, 0),
    },
    Stop {
        mode: "user",
        about: "a process that is nobody in a new user namespace, and becomes root there",
        plan: plan("user", Api::Clone, Flags::NEWUSER, SIGCHLD),
    },
];
