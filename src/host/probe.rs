//! Asking the kernel with a call that it must refuse in the end.
//!
//! No file says whether a rule was backported, how many namespaces and tasks are left, or what a security module
//! decides. The probing call asks for a descriptor to be stored at an unmapped address. The kernel notices this only
//! after all other checks, so the probe makes no task.

use super::namespace;

use crate::board::TidWords;
use crate::clone::asm::PidfdAt;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{At, Failure, Step};
use crate::sys::{Errno, Result as SysResult, control, file};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Makes a call that the kernel must refuse and returns its answer; success if the kernel accepts the call all the
/// same, with a task that ends at once. A failure is a step before the call: the kernel was not asked.
fn ask(call: &Call) -> Result<SysResult<()>, Failure> {
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    extern "C" fn end(_: &'static ()) -> i32 {
        0
    }
    let mut task = Task::new(call, TidWords::new(&WORDS));
    task.pidfd_at = PidfdAt::Nowhere;
    match task.make_on_stack(end, &()) {
        Ok(child) => {
            // The task has ended, or process 1 reaps it after the caller's end.
            let _ = child.join();
            Ok(Ok(()))
        }
        Err(failure) => failure.call_errno().map(Err).ok_or(failure),
    }
}

/// The kernel's answer to these flags and ids, in a call that shares memory and whose descriptor cannot be stored:
/// EFAULT if nothing else stands against them.
///
/// A failed call would use up the first process of a PID namespace that has none yet, and the namespace with it. For
/// such a namespace the probe uses an invalid FS base instead, which the kernel checks before it allocates an id.
/// Missing privileges for choosing ids are not detected then.
pub fn probe(api: Api, flags: Flags, signal: u64, ids: &'static [AtomicU32]) -> Result<SysResult<()>, Failure> {
    let call = Call { set_tid: ids, exit_signal: signal, ..Call::usual(api, flags | Flags::VM | Flags::PIDFD) };
    if !is_first_to_come()? {
        return ask(&call);
    }
    let said = ask(&Call { flags: call.flags | Flags::SETTLS, tls: Some(usize::MAX), ..call })?;
    // About the ids only this is known: the first process must have id 1.
    let is_first = ids.first().is_none_or(|id| id.load(Relaxed) == 1);
    Ok(match is_first {
        _ if said != Err(Errno::EPERM) => said,
        true => Err(Errno::EFAULT),
        false => Err(Errno::EINVAL),
    })
}

/// Whether the PID namespace for children has no process yet: its file cannot be read then, although the file of the
/// caller's own namespace can. If neither can be read, there is no proc(5) to ask.
fn is_first_to_come() -> Result<bool, Failure> {
    let childrens = || file::inode(c"/proc/self/ns/pid_for_children");
    match childrens() {
        Ok(_) => Ok(false),
        Err(_) if file::inode(c"/proc/self/ns/pid").is_err() => Ok(false),
        Err(errno) if errno == Errno::ENOENT && childrens() == Err(errno) => Ok(true),
        Err(errno) => Err(errno).at(Step::StatChildren),
    }
}

/// The errno that a seccomp filter, or a kernel without the call, returns instead of examining the call; none if the
/// kernel examines it. clone(2) is probed with flags that every kernel refuses at its first check, clone3(2) with a
/// size of 0.
pub fn filtered(call: &Call) -> Result<Option<Errno>, Failure> {
    let mut asked = *call;
    if call.api == Api::Clone3 {
        asked.size = 0;
    } else if control::seccomp_mode() != Ok(2) {
        return Ok(None);
    }
    asked.flags |= match (call.flags.contains(Flags::VM), call.flags.contains(Flags::SIGHAND)) {
        (false, _) => Flags::SIGHAND,
        (true, false) => Flags::THREAD,
        (true, true) => Flags::PIDFD | Flags::DETACHED,
    };
    Ok(ask(&asked)?.err().filter(|errno| *errno != Errno::EINVAL))
}

/// Whether the caller's children are made in a different PID namespace from the caller's; no if that cannot be read.
pub fn are_children_elsewhere() -> bool {
    let own = || namespace::own_by_name("pid").ok();
    let Some(inode) = own() else { return false };
    let is_other = || match namespace::own_by_name("pid_for_children") {
        Ok(childrens) => childrens != inode,
        // The namespace for children has no process yet.
        Err(errno) => errno == Errno::ENOENT,
    };
    // Read twice: an inode that changes between readings proves nothing.
    is_other() && own() == Some(inode) && is_other()
}
