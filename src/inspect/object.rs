//! What a task has a pointer to, and what was found there.

use crate::sys::process::Kcmp;

/// An object that tasks may share, as far as kcmp(2) compares it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resource {
    /// The address space.
    Memory,
    /// The table of open files.
    Files,
    /// The current directory, the root directory and the umask.
    Fs,
    /// The signal handlers.
    Handlers,
    /// The adjustments of System V semaphores, semop(2).
    Undo,
    /// The I/O context.
    Io,
}

/// The number of resources.
pub const COUNT: usize = 6;

impl Resource {
    /// All resources, in the order of their columns.
    pub const ALL: [Self; COUNT] = [Self::Memory, Self::Files, Self::Fs, Self::Handlers, Self::Undo, Self::Io];

    /// The index in [`ALL`](Self::ALL).
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The type of kcmp(2).
    pub const fn kcmp(self) -> Kcmp {
        match self {
            Self::Memory => Kcmp::Vm,
            Self::Files => Kcmp::Files,
            Self::Fs => Kcmp::Fs,
            Self::Handlers => Kcmp::Sighand,
            Self::Undo => Kcmp::Sysvsem,
            Self::Io => Kcmp::Io,
        }
    }

    /// The name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Files => "files",
            Self::Fs => "cwd/root/umask",
            Self::Handlers => "signal handlers",
            Self::Undo => "semaphore undo",
            Self::Io => "I/O context",
        }
    }

    /// The name for machines.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Files => "files",
            Self::Fs => "fs",
            Self::Handlers => "sighand",
            Self::Undo => "sysvsem",
            Self::Io => "io",
        }
    }

    /// Whether all living tasks of a thread group have the same object: CLONE_THREAD is refused without CLONE_SIGHAND,
    /// that without CLONE_VM, and unshare(2) refuses both to a task that has threads beside it.
    pub const fn is_of_group(self) -> bool {
        matches!(self, Self::Memory | Self::Handlers)
    }

    /// Whether a task may be without: every task that is not reaped has signal handlers.
    pub const fn may_be_none(self) -> bool {
        !matches!(self, Self::Handlers)
    }
}

/// Objects that were found to be one: the index in the list of representatives.
pub type Class = u32;

/// What a task has of a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Object {
    /// An object. Tasks with the same class have the same object.
    Class(Class),
    /// None: the pointer is null.
    None,
    /// It could not be seen; the task says why.
    Unseen,
    /// It was another one at each look.
    Changing,
}

impl Object {
    /// The class, if there is one.
    pub const fn class(self) -> Option<Class> {
        match self {
            Self::Class(class) => Some(class),
            _ => None,
        }
    }
}
