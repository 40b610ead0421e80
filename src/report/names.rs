//! How ids and addresses are written: as they are, or by role, so that two runs print the same (`--stable`).

use crate::clone::flags::Flags;
use crate::experiment::findings::Findings;
use crate::sys::Pid;
use crate::sys::memory::PAGE;
use crate::text::{Hex, Show, Sink, out};

/// The names for the ids and addresses of a task.
#[derive(Clone, Copy, Default)]
pub struct Names {
    is_stable: bool,
    /// The parent of the task that made the call.
    caller: Option<usize>,
    parent: Option<usize>,
    child: Option<usize>,
    /// The user of the parent.
    user: Option<usize>,
    /// Whether the child has a PID namespace of its own, whose ids start at 1.
    has_own_ids: bool,
}

impl Names {
    /// The names for a task; `is_stable` is whether ids are written by role, and addresses not at all.
    pub fn of(findings: &Findings, is_stable: bool) -> Self {
        Self {
            is_stable,
            caller: findings.parent.ppid,
            parent: findings.parent.pid,
            child: findings.task.tid.map(Pid::number),
            user: findings.parent.uid,
            has_own_ids: findings.task.call.flags.contains(Flags::NEWPID),
        }
    }

    /// An id that the parent has read.
    pub fn id(self, id: Option<usize>) -> Id {
        match id {
            Some(1..) if !self.is_stable => Id::Number(id),
            Some(1..) if id == self.parent => Id::Role("PARENT"),
            Some(1..) if id == self.child => Id::Role("CHILD"),
            Some(1..) if id == self.caller => Id::Role("CALLER"),
            Some(1..) => Id::Role("OTHER"),
            Some(0) | None => Id::Number(id),
        }
    }

    /// An id that the child has read, in its own PID namespace.
    pub fn id_of_child(self, id: Option<usize>) -> Id {
        match id {
            Some(1) if self.has_own_ids => Id::Number(id),
            Some(1..) if self.has_own_ids && self.is_stable => Id::Role("CHILD"),
            _ => self.id(id),
        }
    }

    /// A user that a task has read.
    pub fn user(self, user: Option<usize>) -> Id {
        if self.is_stable && user.is_some() && user == self.user { Id::Role("USER") } else { Id::Number(user) }
    }

    /// An address.
    pub fn address(self, address: usize) -> Address {
        Address(address, self.is_stable.then_some("ADDRESS"))
    }

    /// The address of the child's stack.
    pub fn stack(self, address: usize) -> Address {
        Address(address, self.is_stable.then_some("STACK"))
    }

    /// An address of the child's stack, whose top is known too.
    pub fn place(self, address: usize, top: usize) -> Place {
        if self.is_stable { Place::Below(top - address) } else { Place::At(address) }
    }

    /// A word on the child's stack: an address of the program, unless it is small.
    pub fn word(self, word: usize) -> Address {
        Address(word, (self.is_stable && word >= PAGE).then_some("ADDRESS"))
    }
}

/// A task's id; `?` for an unknown one.
#[derive(Clone, Copy)]
pub enum Id {
    /// As the kernel numbers it.
    Number(Option<usize>),
    /// By the role of the task.
    Role(&'static str),
}

impl Show for Id {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Number(Some(number)) => number.show(out),
            Self::Number(None) => "?".show(out),
            Self::Role(role) => role.show(out),
        }
    }
}

/// An address, or a word for it.
#[derive(Clone, Copy)]
pub struct Address(usize, Option<&'static str>);

impl Show for Address {
    fn show(&self, out: &mut dyn Sink) {
        match self.1 {
            Some(word) => word.show(out),
            None => out!(out, Hex(self.0)),
        }
    }
}

/// An address of a stack.
#[derive(Clone, Copy)]
pub enum Place {
    /// As it is.
    At(usize),
    /// So many bytes below the top.
    Below(usize),
}

impl Show for Place {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::At(address) => out!(out, Hex(*address)),
            Self::Below(0) => out!(out, "TOP"),
            Self::Below(bytes) => out!(out, "TOP-", Hex(*bytes)),
        }
    }
}
