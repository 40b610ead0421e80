//! Three processes that watch each other, whatever two of them share: an examiner, which the user started, a subject
//! that it makes by a plain clone(2), and the child, which the subject makes by the call in question.

use crate::board::record::Roles;
use crate::sys::{Fd, Pid, Result, Signal, control, file, ids, process};

/// What the examiner opens before it makes the subject: a file whose owner the child becomes, and a descriptor of
/// itself. Both stand on the board, and are closed when this is dropped.
pub struct Opened {
    _owner: Result<Fd>,
    _examiner: Result<Fd>,
}

impl Opened {
    /// Opens both; a refusal leaves an examiner that knows the child by the answer of the call, and tasks that end a
    /// little later than it.
    pub fn open(roles: &Roles) -> Self {
        let [owner, examiner] = [file::event(), process::own_pidfd()];
        roles.owner.lend(&owner);
        roles.examiner.lend(&examiner);
        Self { _owner: owner, _examiner: examiner }
    }
}

/// The child becomes the owner of the examiner's file, by which the examiner learns its id: in whatever PID namespaces
/// the two are, the kernel translates it.
pub fn announce(roles: &Roles) {
    if let (Some(file), Ok(tid)) = (roles.owner.descriptor(), ids::gettid()) {
        // A refusal leaves a child that the examiner knows by the answer of the call.
        let _ = file::set_owner(file, tid);
    }
}

/// The child's id in the examiner's PID namespace: the one that the kernel tells of the owner of the examiner's file,
/// and before the child has become that, the call's result, if the subject is in the same namespace.
pub fn child_of(roles: &Roles, subject: Pid) -> Option<Pid> {
    let owner = roles.owner.descriptor().and_then(|file| file::owner(file).ok().flatten());
    let is_same = roles.subject.pid() == Some(subject);
    owner.or_else(|| roles.result.pid().filter(|_| is_same))
}

/// Subject and child end with the task that made them, or, if the examiner had ended before they could ask for that, at
/// once.
pub fn end_with_examiner(roles: &Roles) {
    // A refusal leaves a task that ends by itself, a little later.
    let _ = control::signal_at_parents_end(Some(Signal::KILL));
    end_without_examiner(roles);
}

/// Ends the caller if the examiner has ended.
pub fn end_without_examiner(roles: &Roles) {
    if roles.examiner.descriptor().map(file::is_readable) == Some(Ok(true)) {
        process::exit_group(1);
    }
}
