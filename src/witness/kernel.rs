//! The kernel's word: kcmp(2), the namespace's inode, tgkill(2) and waitid(2).
//!
//! Asked by the parent while both tasks live: of two dead ones kcmp says "same" because both pointers are gone.

use super::board::{Side, Word};
use super::trial::Trial;
use crate::sys::{Answer, Errno, file, process};

/// The address space.
pub fn memory(trial: &Trial) -> Option<bool> {
    compare(trial, process::KCMP_VM)
}

/// The table of file descriptors.
pub fn files(trial: &Trial) -> Option<bool> {
    compare(trial, process::KCMP_FILES)
}

/// The root directory, the working directory and the umask, which are one object.
pub fn fs(trial: &Trial) -> Option<bool> {
    compare(trial, process::KCMP_FS)
}

/// The table of signal handlers.
pub fn handlers(trial: &Trial) -> Option<bool> {
    compare(trial, process::KCMP_SIGHAND)
}

fn compare(trial: &Trial, kind: u32) -> Option<bool> {
    process::kcmp(trial.board.parent().get(Word::Tid).0, trial.task.tid, kind).ok().map(|order| order == 0)
}

/// The thread group: whether a signal to the caller's group could name the task.
pub fn thread_group(trial: &Trial) -> Option<bool> {
    yes_or(process::is_in_group(trial.board.parent().get(Word::Pid).0, trial.task.tid), Errno::ESRCH)
}

/// The parent: whoever may not wait for the task is not its parent, and then the caller's own parent is.
pub fn parent(trial: &Trial) -> Option<bool> {
    yes_or(process::has_ended(trial.task.tid), Errno::ECHILD).map(|waits| !waits)
}

/// Success is yes, the one errno is no, every other refusal is no answer.
fn yes_or(answer: Answer, no: Errno) -> Option<bool> {
    match answer.split() {
        Ok(_) => Some(true),
        Err(errno) if errno == no => Some(false),
        Err(_) => None,
    }
}

/// The user namespace: each task has left the inode of its own. The parent has left it once more, for a kernel that
/// makes up a new inode at each look says nothing by it.
pub fn user_namespace(trial: &Trial) -> Option<bool> {
    let own = trial.board.parent().get(Word::Namespace).ok()?;
    let again = own_user_namespace().ok()?;
    let childs = trial.board.child().get(Word::Namespace).ok()?;
    (own == again).then_some(own == childs)
}

/// Leaves the inode of the caller's user namespace.
pub fn leave_user_namespace(side: Side) {
    side.put(Word::Namespace, own_user_namespace());
}

fn own_user_namespace() -> Answer {
    file::inode(c"/proc/thread-self/ns/user")
}
