//! The four modes: one table of the tasks that they make.

use crate::clone::call::Api;
use crate::clone::flags::{Flags, PTHREAD, THREAD};
use crate::words::Text;

/// A task of a mode.
pub struct Stop {
    /// The word on the command line; a mode's tasks stand together.
    pub mode: Text,
    /// What the task is, in a line.
    pub about: Text,
    /// What it is called in a table.
    pub name: Text,
    /// By which system call.
    pub api: Api,
    /// With which flags; all else is as usual.
    pub flags: Flags,
}

const fn stop(mode: Text, about: Text, name: Text, api: Api, flags: Flags) -> Stop {
    Stop { mode, about, name, api, flags }
}

/// All of them, in the order of the tour.
#[rustfmt::skip]
pub static STOPS: [Stop; 6] = [
    stop(Text::Fork, Text::AboutFork, Text::Fork, Api::Clone, Flags::empty()),
    stop(Text::Fork, Text::AboutFork2, Text::Fork2, Api::Fork, Flags::empty()),
    stop(Text::Chimera, Text::AboutChimera, Text::Chimera, Api::Clone, Flags::VM),
    stop(Text::Thread, Text::AboutThread, Text::Thread, Api::Clone, THREAD),
    stop(Text::Thread, Text::AboutPthread, Text::Pthread, Api::Clone, PTHREAD),
    stop(Text::User, Text::AboutUser, Text::User, Api::Clone, Flags::NEWUSER),
];
