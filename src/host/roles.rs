//! Three processes that watch each other, whatever two of them share: the examiner, which the user started; the
//! subject, which the examiner makes by a plain clone(2); and the child, which the subject makes by the call under
//! study.

use crate::board::record::Roles;
use crate::sys::{Fd, Pid, Result, Signal, control, file, ids, process};

/// The files that the examiner opens before it makes the subject: a file whose owner the child becomes, and a pidfd of
/// the examiner. Both numbers are on the board; dropping this value closes the files.
pub struct Opened {
    _owner: Result<Fd>,
    _examiner: Result<Fd>,
}

impl Opened {
    /// Opens both files. Without the first, the examiner learns the child's id only from the result of the call;
    /// without the second, the tasks end slightly after the examiner.
    pub fn open(roles: &Roles) -> Self {
        let [owner, examiner] = [file::event(), process::own_pidfd()];
        roles.owner.lend(&owner);
        roles.examiner.lend(&examiner);
        Self { _owner: owner, _examiner: examiner }
    }
}

/// Makes the caller, the child, the owner of the examiner's file. From the file the examiner learns the child's id,
/// which the kernel translates between PID namespaces.
pub fn announce(roles: &Roles) {
    if let (Some(file), Ok(tid)) = (roles.owner.descriptor(), ids::gettid()) {
        // If refused, the examiner knows the child by the result of the call.
        let _ = file::set_owner(file, tid);
    }
}

/// The child's id in the examiner's PID namespace: the owner of the examiner's file or, before the child owns it, the
/// result of the call if the subject is in the same namespace.
pub fn child_of(roles: &Roles, subject: Pid) -> Option<Pid> {
    let owner = roles.owner.descriptor().and_then(|file| file::owner(file).ok().flatten());
    let is_same = roles.subject.pid() == Some(subject);
    owner.or_else(|| roles.result.pid().filter(|_| is_same))
}

/// Makes the caller, subject or child, end with its parent; ends it at once if the examiner has already ended.
pub fn end_with_examiner(roles: &Roles) {
    // If refused, the task still ends by itself, slightly later.
    let _ = control::signal_at_parents_end(Some(Signal::KILL));
    end_without_examiner(roles);
}

/// Ends the caller if the examiner has ended.
pub fn end_without_examiner(roles: &Roles) {
    if roles.examiner.descriptor().map(file::is_readable) == Some(Ok(true)) {
        process::exit_group(1);
    }
}
