//! The four modes: one table of the tasks that they make.

use crate::clone::flags::{Flags, PTHREAD};
use crate::clone::task::{Api, Plan};
use crate::words::Text;
use linux_raw_sys::general::SIGCHLD;

/// A task of a mode.
pub struct Stop {
    /// The word on the command line; a mode's tasks stand together.
    pub mode: Text,
    /// What the task is, in a line.
    pub about: Text,
    /// How it is made.
    pub plan: Plan,
}

/// The flags of the exercise's bare thread; the last one tells when it is gone, for nobody can wait for a thread.
const THREAD: Flags = Flags::VM.union(Flags::SIGHAND).union(Flags::THREAD).union(Flags::CHILD_CLEARTID);

const fn plan(name: Text, api: Api, flags: Flags, exit_signal: u32) -> Plan {
    Plan { name, api, flags, exit_signal: exit_signal as u8 }
}

/// All of them, in the order of the tour.
pub static STOPS: [Stop; 6] = [
    Stop { mode: Text::Fork, about: Text::AboutFork, plan: plan(Text::Fork, Api::Clone, Flags::empty(), SIGCHLD) },
    Stop { mode: Text::Fork, about: Text::AboutFork2, plan: plan(Text::Fork2, Api::Fork, Flags::empty(), SIGCHLD) },
    Stop { mode: Text::Chimera, about: Text::AboutChimera, plan: plan(Text::Chimera, Api::Clone, Flags::VM, SIGCHLD) },
    Stop { mode: Text::Thread, about: Text::AboutThread, plan: plan(Text::Thread, Api::Clone, THREAD, 0) },
    Stop { mode: Text::Thread, about: Text::AboutPthread, plan: plan(Text::Pthread, Api::Clone, PTHREAD, 0) },
    Stop { mode: Text::User, about: Text::AboutUser, plan: plan(Text::User, Api::Clone, Flags::NEWUSER, SIGCHLD) },
];
