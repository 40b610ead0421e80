//! A task, and what proc_pid_stat(5) says of it.

use super::cause::Unseen;
use super::object::{COUNT, Object, Resource};
use crate::sys::Pid;
use crate::text::read::{number, parts};
use alloc::vec::Vec;

/// A text in [`Texts`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Text {
    start: u32,
    length: u32,
}

/// Texts of any length, in one block of memory.
#[derive(Default)]
pub struct Texts(Vec<u8>);

impl Texts {
    /// Stores a text.
    pub fn keep(&mut self, text: &[u8]) -> Text {
        let start = self.0.len() as u32;
        self.0.extend_from_slice(text);
        Text { start, length: text.len() as u32 }
    }

    /// A stored text.
    pub fn get(&self, Text { start, length }: Text) -> &[u8] {
        let rest = self.0.get(start as usize..).unwrap_or_default();
        rest.get(..length as usize).unwrap_or_default()
    }
}

/// Flags of the kernel that proc_pid_stat(5) shows, PF_* of linux/sched.h.
mod flag {
    pub const EXITING: u32 = 0x4;
    pub const IO_WORKER: u32 = 0x10;
    pub const USER_WORKER: u32 = 0x4000;
    pub const KERNEL_THREAD: u32 = 0x20_0000;
}

/// What proc_pid_stat(5) says of a task, as far as it is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    /// The state: a letter.
    pub state: u8,
    /// The thread group of the parent; 0 if that is not in this PID namespace.
    pub parent: u32,
    /// The session.
    pub session: u32,
    flags: u32,
    /// The number of tasks in the thread group.
    pub threads: u32,
    /// When the task started, in ticks since the boot.
    pub start: u64,
    /// The resident memory, in pages.
    pub resident: u64,
    /// The signal that the task's end sends to its parent; -1 for a task that is not its group's leader.
    pub exit_signal: i32,
}

impl Stat {
    /// Reads the name and the fields; none if the text is not one of proc_pid_stat(5).
    pub fn parse(text: &[u8]) -> Option<(&[u8], Self)> {
        // The name may contain anything, parentheses among it.
        let start = text.iter().position(|byte| *byte == b'(')?;
        let end = text.iter().rposition(|byte| *byte == b')')?;
        let name = text.get(start + 1..end)?;
        let mut stat =
            Self { state: 0, parent: 0, session: 0, flags: 0, threads: 0, start: 0, resident: 0, exit_signal: 0 };
        // The part before the first blank is the end of the second field.
        for (part, field) in parts(text.get(end + 1..)?, b" \n").zip(2..=LAST) {
            match field {
                3 => stat.state = *part.first()?,
                4 => stat.parent = number(part)? as u32,
                // Of a task that is just being reaped the kernel says -1.
                6 => stat.session = number(part).unwrap_or(0) as u32,
                9 => stat.flags = number(part)? as u32,
                20 => stat.threads = number(part)? as u32,
                22 => stat.start = number(part)? as u64,
                24 => stat.resident = number(part)? as u64,
                LAST => {
                    stat.exit_signal = match part {
                        [b'-', digits @ ..] => -(number(digits)? as i32),
                        digits => number(digits)? as i32,
                    };
                    return Some((name, stat));
                }
                _ => {}
            }
        }
        None
    }

    /// Whether the task has ended, or is about to: it gives up its objects one after another.
    pub const fn has_ended(&self) -> bool {
        matches!(self.state, b'Z' | b'X' | b'x') || self.flags & flag::EXITING != 0
    }

    /// Whether the task is a thread of the kernel.
    pub const fn is_kernel(&self) -> bool {
        self.flags & flag::KERNEL_THREAD != 0
    }

    /// Whether the kernel made the task to work for its process, as for io_uring(7).
    pub const fn is_worker(&self) -> bool {
        self.flags & (flag::IO_WORKER | flag::USER_WORKER) != 0
    }
}

/// The last field that is read: the exit signal.
const LAST: usize = 38;

/// A task.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Its id.
    pub tid: Pid,
    /// The id of its thread group.
    pub group: Pid,
    /// Its name, in the texts of the scan.
    pub name: Text,
    /// What proc_pid_stat(5) says.
    pub stat: Stat,
    /// What it has, by the index of the resource.
    pub objects: [Object; COUNT],
    /// Why not all can be seen.
    pub unseen: Option<Unseen>,
    /// Where it is, in the places of the scan; only of tasks that are shown.
    pub place: Option<u32>,
    /// Whether it ended, or became another task, during the scan.
    pub is_gone: bool,
    /// Whether it was in an uninterruptible wait at both looks, as the caller of vfork(2) is until its child goes on.
    pub is_waiting: bool,
}

impl Task {
    /// A task that is not yet compared.
    pub const fn new(tid: Pid, group: Pid, name: Text, stat: Stat) -> Self {
        Self {
            tid,
            group,
            name,
            stat,
            objects: [Object::Unseen; COUNT],
            unseen: None,
            place: None,
            is_gone: false,
            is_waiting: false,
        }
    }

    /// Whether it is the first task of its thread group, whose id is the group's.
    pub fn is_leader(&self) -> bool {
        self.tid == self.group
    }

    /// What it has of a resource.
    pub fn object(&self, resource: Resource) -> Object {
        self.objects[resource.index()]
    }
}
