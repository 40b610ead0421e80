//! The place in which a call is judged: this one, or another kernel, or another user.
//!
//! The decision behind it: nothing is looked at before a rule asks. What no file tells (whether a rule was ported back,
//! how many namespaces and tasks are left, what a security module thinks) the kernel is asked by a call that it must
//! refuse in the end: its descriptor is to be stored where nothing may be stored, which it finds out when all else is
//! done. So no task is ever made by asking.

use super::call::{Api, Call};
use super::flags::Flags;
use super::task::{Failure, Task, TidWords};
use crate::scan::leading;
use crate::sys::{Answer, Errno, file, namespace, privilege, process};
use crate::words::Text;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Where a call would be made.
#[derive(Clone, Copy)]
pub struct Place {
    /// The kernel's version: two numbers.
    pub version: [u8; 2],
    /// Whether it is this place: what a version does not tell may be found out.
    pub is_here: bool,
    /// Whether it is an ordinary user's, whoever asks.
    pub is_unprivileged: bool,
}

/// No memory is ever there.
const NOWHERE: usize = 8;

impl Place {
    /// This one.
    pub fn here() -> Self {
        let mut version = [0; 2];
        namespace::uname(|names| {
            let Some((major, rest)) = leading(&names.release, 10) else { return };
            let Some((minor, _)) = leading(rest.get(1..).unwrap_or_default(), 10) else { return };
            version = [major as u8, minor as u8];
        });
        Self { version, is_here: true, is_unprivileged: false }
    }

    /// Whether the caller has CAP_SYS_ADMIN, or may have it; another kernel's does.
    pub fn is_privileged(&self) -> bool {
        !self.is_unprivileged && (!self.is_here || privilege::is_administrator() != Some(false))
    }
}

/// What the kernel says to a call that it must refuse; 0 if it accepts it all the same, with a task that ends at once. A
/// failure is a step before the call: then the kernel was not asked.
fn ask(call: &Call) -> Result<Answer, Failure> {
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    extern "C" fn end(_: &'static ()) -> i32 {
        0
    }
    let [parent_tid, child_tid, pidfd] = WORDS.each_ref();
    let mut task = Task::new(call, TidWords { parent_tid, child_tid, pidfd });
    task.pidfd_at = NOWHERE;
    match task.make_on_stack(end, &()) {
        Ok(child) => {
            // It has ended, or will be reaped with the caller.
            let _ = child.join();
            Ok(Answer(0))
        }
        Err(failure) => failure.of_call().map(Answer::error).ok_or(failure),
    }
}

/// What the kernel says to these flags and ids in a call that shares memory and whose descriptor cannot be stored: EFAULT
/// if nothing stands against them.
///
/// A PID namespace whose first process is still to come would be lost with that one: it is asked by a base of FS that no
/// task may have, which the kernel finds out before it takes an id. What rights are missing is not learned there.
pub fn probe(api: Api, flags: Flags, signal: u32, ids: &'static [AtomicU32]) -> Result<Answer, Failure> {
    let call = Call { set_tid: ids, ..Call::new(api, flags | Flags::VM | Flags::PIDFD, signal) };
    if !is_first_to_come()? {
        return ask(&call);
    }
    let said = ask(&Call { flags: call.flags | Flags::SETTLS, tls: Some(usize::MAX), ..call })?;
    // Of the ids only this is known there: the first process has the id 1.
    let is_first = ids.first().is_none_or(|id| id.load(Relaxed) == 1);
    Ok(match is_first {
        _ if !said.is(Errno::EPERM) => said,
        true => Answer::error(Errno::EFAULT),
        false => Answer::error(Errno::EINVAL),
    })
}

/// Whether the first process of the PID namespace for children is still to come: then that namespace is not to be seen, but the
/// caller's own is. Where neither is, there is no proc(5) to be asked.
fn is_first_to_come() -> Result<bool, Failure> {
    let childrens = || file::inode(c"/proc/self/ns/pid_for_children").split();
    match childrens() {
        Ok(_) => Ok(false),
        Err(_) if file::inode(c"/proc/self/ns/pid").is_error() => Ok(false),
        Err(errno) if errno == Errno::ENOENT && childrens() == Err(errno) => Ok(true),
        Err(errno) => Err(Failure { step: Text::StepChildren, errno }),
    }
}

/// What a seccomp filter, or a kernel that lacks the call, answers instead of looking at it; none if it looks. clone(2) is asked
/// with a set that every kernel refuses at its first look; clone3(2) with a struct of no size.
pub fn filtered(call: &Call) -> Result<Option<Errno>, Failure> {
    let mut asked = *call;
    if call.api == Api::Clone3 {
        asked.size = 0;
    } else if process::seccomp_mode() != Answer(2) {
        return Ok(None);
    }
    asked.flags |= match (call.flags.contains(Flags::VM), call.flags.contains(Flags::SIGHAND)) {
        (false, _) => Flags::SIGHAND,
        (true, false) => Flags::THREAD,
        (true, true) => Flags::PIDFD | Flags::DETACHED,
    };
    Ok(ask(&asked)?.split().err().filter(|errno| *errno != Errno::EINVAL))
}
