//! The kernel's word: kcmp(2), the inodes of namespaces, tgkill(2), waitid(2), and what proc(5) says of a task.
//!
//! Asked while both tasks live: of two dead ones kcmp says "same" because both pointers are gone. A witness says true
//! for one object, and of an effect that it is as in a plain copy; false for two objects, or for the effect.

use super::board::Word;
use super::pair::Pair;
use super::resource::Resource;
use crate::scan::parts;
use crate::sys::{Answer, Errno, file, namespace, proc, process};

/// The address space.
pub fn memory(pair: &Pair, _: &Resource) -> Option<bool> {
    compare(pair, process::KCMP_VM)
}

/// The table of file descriptors.
pub fn files(pair: &Pair, _: &Resource) -> Option<bool> {
    compare(pair, process::KCMP_FILES)
}

/// The root directory, the working directory and the umask, which are one object.
pub fn fs(pair: &Pair, _: &Resource) -> Option<bool> {
    compare(pair, process::KCMP_FS)
}

/// The table of signal handlers.
pub fn handlers(pair: &Pair, _: &Resource) -> Option<bool> {
    compare(pair, process::KCMP_SIGHAND)
}

pub(super) fn compare(pair: &Pair, kind: u32) -> Option<bool> {
    process::kcmp(pair.parent?, pair.child?, kind).ok().map(|order| order == 0)
}

/// The thread group: whether a signal to the caller's group could name the task. The subject of the laboratory is alone in its
/// group, which has its id.
pub fn thread_group(pair: &Pair, _: &Resource) -> Option<bool> {
    let group = if pair.from_outside { pair.parent } else { pair.board.parent().get(Word::Pid).pid() };
    yes_or(process::is_in_group(group?, pair.child?), Errno::ESRCH)
}

/// The parent: a caller that may not wait for the task is not its parent, and then the caller's own parent is. From outside
/// proc(5) tells.
pub fn parent(pair: &Pair, _: &Resource) -> Option<bool> {
    if pair.from_outside {
        let tasks = pair.tasks?;
        let parent = |task| tasks.stat(task, proc::PPID).ok();
        let subject = pair.parent?;
        return super::behaviour::one_of(parent(pair.child?)?, parent(subject)?, subject.number());
    }
    yes_or(process::has_ended(pair.child?), Errno::ECHILD).map(|waits| !waits)
}

/// Success is yes, the one errno is no, every other refusal is no answer.
fn yes_or(answer: Answer, no: Errno) -> Option<bool> {
    match answer.split() {
        Ok(_) => Some(true),
        Err(errno) if errno == no => Some(false),
        Err(_) => None,
    }
}

/// The namespace that a resource is named after: the inodes of both. The parent's is read twice, and from outside the
/// asker's own too, of which the parent is a plain copy: where these differ, the inode says nothing. The IPC namespace that a
/// subject has made for itself is no copy.
pub fn namespace(pair: &Pair, resource: &Resource) -> Option<bool> {
    let name = parts(resource.names[0].bytes(), b" ").next()?;
    // A new time namespace is that of the children at first.
    let name = if name == b"time" { b"time_for_children" } else { name };
    let tasks = pair.tasks?;
    let inode = |task| tasks.at(task, [b"ns/", name], &mut file::inode).ok();
    let parents = || if pair.from_outside { inode(pair.parent?) } else { namespace::own(name).ok() };
    let own = parents()?;
    let childs = inode(pair.child?)?;
    let is_made = name == b"ipc" && pair.of_parent(Word::OwnIpc).is_some();
    let plain = if pair.from_outside && !is_made { namespace::own(name).ok()? } else { own };
    (parents()? == own && plain == own).then_some(own == childs)
}
