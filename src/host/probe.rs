//! Asking the kernel by a call that it must refuse in the end.
//!
//! No file tells whether a rule was ported back, how many namespaces and tasks are left, or what a security module thinks. The
//! descriptor of such a call is to be stored where nothing may be stored, which the kernel finds out when all else is done:
//! so no task is made by asking.

use super::namespace;

use crate::board::TidWords;
use crate::clone::asm::PidfdAt;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{At, Failure, Step};
use crate::sys::{Errno, Result as Answer, control, file};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What the kernel says to a call that it must refuse; success if it accepts it all the same, with a task that ends at once. A
/// failure is a step before the call: then the kernel was not asked.
fn ask(call: &Call) -> Result<Answer<()>, Failure> {
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    extern "C" fn end(_: &'static ()) -> i32 {
        0
    }
    let mut task = Task::new(call, TidWords::new(&WORDS));
    task.pidfd_at = PidfdAt::Nowhere;
    match task.make_on_stack(end, &()) {
        Ok(child) => {
            // It has ended, or will be reaped with the caller.
            let _ = child.join();
            Ok(Ok(()))
        }
        Err(failure) => failure.of_call().map(Err).ok_or(failure),
    }
}

/// What the kernel says to these flags and ids in a call that shares memory and whose descriptor cannot be stored: EFAULT
/// if nothing stands against them.
///
/// A PID namespace whose first process is still to come would be lost with that one: it is asked by a base of FS that no
/// task may have, which the kernel finds out before it takes an id. What rights are missing is not learned there.
pub fn probe(api: Api, flags: Flags, signal: u64, ids: &'static [AtomicU32]) -> Result<Answer<()>, Failure> {
    let call = Call { set_tid: ids, exit_signal: signal, ..Call::usual(api, flags | Flags::VM | Flags::PIDFD) };
    if !is_first_to_come()? {
        return ask(&call);
    }
    let said = ask(&Call { flags: call.flags | Flags::SETTLS, tls: Some(usize::MAX), ..call })?;
    // Of the ids only this is known there: the first process has the id 1.
    let is_first = ids.first().is_none_or(|id| id.load(Relaxed) == 1);
    Ok(match is_first {
        _ if said != Err(Errno::EPERM) => said,
        true => Err(Errno::EFAULT),
        false => Err(Errno::EINVAL),
    })
}

/// Whether the first process of the PID namespace for children is still to come: then that namespace cannot be seen, but the
/// caller's own can. Where neither can be seen, there is no proc(5) to be asked.
fn is_first_to_come() -> Result<bool, Failure> {
    let childrens = || file::inode(c"/proc/self/ns/pid_for_children");
    match childrens() {
        Ok(_) => Ok(false),
        Err(_) if file::inode(c"/proc/self/ns/pid").is_err() => Ok(false),
        Err(errno) if errno == Errno::ENOENT && childrens() == Err(errno) => Ok(true),
        Err(errno) => Err(errno).at(Step::StatChildren),
    }
}

/// What a seccomp filter, or a kernel that lacks the call, answers instead of looking at it; none if it looks. clone(2) is asked
/// with a set that every kernel refuses at its first look; clone3(2) with a struct of no size.
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

/// Whether the caller's children are in another PID namespace than the caller; not if that cannot be seen.
pub fn are_children_elsewhere() -> bool {
    let own = || namespace::own_by_name("pid").ok();
    let Some(inode) = own() else { return false };
    let is_other = || match namespace::own_by_name("pid_for_children") {
        Ok(childrens) => childrens != inode,
        // The first process of that namespace is still to come.
        Err(errno) => errno == Errno::ENOENT,
    };
    // Read twice: where it is another each time, it says nothing.
    is_other() && own() == Some(inode) && is_other()
}
