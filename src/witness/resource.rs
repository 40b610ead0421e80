//! The resources of a task: one table of what the flags ask for each and of its two witnesses.

use super::trial::Trial;
use super::{behaviour, kernel};
use crate::clone::flags::Flags;
use crate::words::Text;

/// What the flags ask for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// One object for both tasks.
    Shared,
    /// An object of its own, equal to the caller's at the start.
    Copied,
    /// An object of its own, made fresh.
    New,
}

/// A witness: whether the two tasks have one object; none if it cannot say.
pub type Witness = fn(&Trial) -> Option<bool>;

/// A row of the table.
pub struct Resource {
    /// As people and machines read it.
    pub name: Text,
    /// The flag that decides.
    pub flag: Text,
    /// One of these in the set asks for `with`, none for `without`.
    pub flags: Flags,
    with: Asked,
    without: Asked,
    /// What the kernel says.
    pub kernel: Witness,
    /// What the two do to each other.
    pub behaviour: Witness,
}

/// How many rows there are.
pub const COUNT: usize = RESOURCES.len();

/// The row of the parent.
pub const PARENT: usize = 5;

/// All that the four modes prove. For the parent, "new" is the caller and "shared" is the caller's own parent.
pub static RESOURCES: [Resource; 7] = [
    Resource {
        name: Text::Memory,
        flag: Text::FlagVm,
        flags: Flags::VM,
        with: Asked::Shared,
        without: Asked::Copied,
        kernel: kernel::memory,
        behaviour: behaviour::memory,
    },
    Resource {
        name: Text::Files,
        flag: Text::FlagFiles,
        flags: Flags::FILES,
        with: Asked::Shared,
        without: Asked::Copied,
        kernel: kernel::files,
        behaviour: behaviour::files,
    },
    Resource {
        name: Text::Fs,
        flag: Text::FlagFs,
        flags: Flags::FS,
        with: Asked::Shared,
        without: Asked::Copied,
        kernel: kernel::fs,
        behaviour: behaviour::fs,
    },
    Resource {
        name: Text::Handlers,
        flag: Text::FlagSighand,
        flags: Flags::SIGHAND,
        with: Asked::Shared,
        without: Asked::Copied,
        kernel: kernel::handlers,
        behaviour: behaviour::handlers,
    },
    Resource {
        name: Text::ThreadGroup,
        flag: Text::FlagThread,
        flags: Flags::THREAD,
        with: Asked::Shared,
        without: Asked::New,
        kernel: kernel::thread_group,
        behaviour: behaviour::thread_group,
    },
    Resource {
        name: Text::Parent,
        flag: Text::FlagParent,
        flags: Flags::PARENT.union(Flags::THREAD),
        with: Asked::Shared,
        without: Asked::New,
        kernel: kernel::parent,
        behaviour: behaviour::parent,
    },
    Resource {
        name: Text::UserNamespace,
        flag: Text::FlagNewuser,
        flags: Flags::NEWUSER,
        with: Asked::New,
        without: Asked::Shared,
        kernel: kernel::user_namespace,
        behaviour: behaviour::user_namespace,
    },
];

impl Resource {
    /// What a set of flags asks for.
    pub fn asked(&self, set: Flags) -> Asked {
        if set.intersects(self.flags) { self.with } else { self.without }
    }
}
