//! What the kernel says: kcmp(2), the inodes of namespaces, tgkill(2), waitid(2), and proc(5).
//!
//! The kernel is asked while both tasks live: for two dead tasks kcmp(2) says "same", because both pointers are null. A
//! witness says true for one object, or for an effect that is absent; false for two objects, or for an effect.

use super::behaviour::one_of;
use super::pair::Pair;
use crate::clone::flags::Kind;
use crate::host::namespace;
use crate::host::proc::StatField;
use crate::sys::process::{self, Kcmp};
use crate::sys::{Errno, file, wait};

/// How to ask the kernel about a resource.
pub enum Kernel {
    /// kcmp(2) of both tasks' pointers to an object.
    Kcmp(Kcmp),
    /// The inodes of both tasks' namespaces of a kind.
    Namespace(Kind),
    /// A different question.
    Ask(fn(&Pair) -> Option<bool>),
    /// The kernel cannot be asked.
    Silent,
}

impl Kernel {
    /// The kernel's answer for a pair; none if it says nothing.
    pub fn says(&self, pair: &Pair) -> Option<bool> {
        match self {
            Self::Kcmp(kind) => compare(pair, *kind),
            Self::Namespace(kind) => is_same_namespace(pair, *kind),
            Self::Ask(ask) => ask(pair),
            Self::Silent => None,
        }
    }
}

/// Whether the two tasks point to one object.
pub(super) fn compare(pair: &Pair, kind: Kcmp) -> Option<bool> {
    process::kcmp(pair.parent?, pair.child?, kind).ok().map(|order| order == 0)
}

/// The thread group: whether a signal to the caller's group can name the child. The laboratory's subject is alone in
/// its group, which has the subject's id.
pub fn thread_group(pair: &Pair) -> Option<bool> {
    let group = if pair.from_outside { pair.parent } else { pair.facts().parent.pid.pid() };
    process::is_in_group(group?, pair.child?).ok()
}

/// The parent: if the caller may not wait for the child, the child's parent is the caller's own parent. From outside,
/// proc(5) tells.
pub fn parent(pair: &Pair) -> Option<bool> {
    if pair.from_outside {
        let tasks = pair.tasks?;
        let parent = |task| tasks.stat(task, StatField::Ppid).ok();
        let subject = pair.parent?;
        let childs = parent(pair.child?)?;
        // A subject that is a zombie by now may have been one already, and its child an orphan.
        if tasks.stat(subject, StatField::State).ok()? == usize::from(b'Z') {
            return None;
        }
        return one_of(childs, parent(subject)?, subject.number());
    }
    match wait::has_ended(pair.child?) {
        Ok(_) => Some(false),
        Err(Errno::ECHILD) => Some(true),
        Err(_) => None,
    }
}

/// A namespace: both inodes. The parent's is read twice. From outside, the asking task's is read too, because the
/// parent is a plain copy of that task: if these readings differ, the inode proves nothing. An IPC namespace that the
/// subject made for itself is no copy.
fn is_same_namespace(pair: &Pair, kind: Kind) -> Option<bool> {
    // A new time namespace first applies only to the task's children.
    let name = if kind == Kind::Time { "time_for_children" } else { kind.name() };
    let tasks = pair.tasks?;
    let inode = |task| tasks.with_path(task, [b"ns/", name.as_bytes()], file::inode).ok();
    let own = || namespace::own_by_name(name).ok();
    let parents = || if pair.from_outside { inode(pair.parent?) } else { own() };
    let before = parents()?;
    let childs = inode(pair.child?)?;
    let is_made = kind == Kind::Ipc && pair.facts().own_ipc.number().is_some();
    let plain = if pair.from_outside && !is_made { own()? } else { before };
    (parents()? == before && plain == before).then_some(before == childs)
}
