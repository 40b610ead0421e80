//! A process of a worker's own, with other rights than the worker, or as process 1 of a PID namespace.
//!
//! What the process changes is its own: its ids, its capabilities, its limits, and into which new namespaces it goes.

use super::ground::Ground;
use super::skip::Skip;
use crate::clone::bare::attempt;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::process::Process;
use crate::sys::limit::{self, Limited};
use crate::sys::signal::{Set, block};
use crate::sys::wait::Change;
use crate::sys::{Errno, Result, Signal, control, ids, namespace, privilege, process};

/// The rights of a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rights {
    /// Those of the caller, which needs no process of its own.
    Own,
    /// All, over the namespaces that the process makes.
    All,
    /// All, over the namespaces that the process makes, and ids that are not mapped.
    Unmapped,
    /// No capability.
    None,
    /// No capability, and no further task.
    NoTask,
}

/// The user and the group that root becomes: those that own nothing, linux/highuid.h.
const NOBODY: usize = 65_534;

/// How a process ends that could not be prepared.
const UNPREPARED: i32 = 1;

/// Does something in a process with these rights. A reason if there is no such process; a signal that kills the process
/// kills the caller too.
pub fn with(rights: Rights, ground: &Ground, act: &dyn Fn()) -> core::result::Result<(), Skip> {
    let prepare = || match rights {
        Rights::Own => Ok(()),
        Rights::All if privilege::is_administrator() == Some(true) => Ok(()),
        Rights::All | Rights::Unmapped => unshare(Flags::NEWUSER),
        Rights::None => privilege::renounce(None),
        Rights::NoTask => take_no_task(),
    };
    if rights == Rights::Own {
        act();
        return Ok(());
    }
    aside(&prepare, ground, act)
}

/// Does something as process 1 of a new PID namespace, with all rights over that.
pub fn as_process_1(ground: &Ground, act: &dyn Fn()) -> core::result::Result<(), Skip> {
    let enter = || unshare(Flags::NEWUSER | Flags::NEWPID).or_else(|_| unshare(Flags::NEWPID));
    // The next process is the namespace's first.
    aside(&enter, ground, &|| _ = aside(&|| Ok(()), ground, act))
}

/// Does something in a process, once that is prepared.
fn aside(prepare: &dyn Fn() -> Result<()>, ground: &Ground, act: &dyn Fn()) -> core::result::Result<(), Skip> {
    // With SIGCHLD, without which an emulator of this call takes it for one that it cannot make.
    let made = Process::make(Signal::CHLD.number(), || {
        if prepare().is_err() {
            return UNPREPARED;
        }
        // After the change of ids, which would undo it. If refused, the process still ends by itself, later.
        let _ = control::signal_at_parents_end(Some(Signal::KILL));
        act();
        0
    });
    match made.and_then(Process::await_end).map(|status| status.change()) {
        Ok(Change::Exited(0)) => Ok(()),
        Ok(Change::Killed(signal)) => follow(signal),
        _ if ground.may_be_filtered => Err(Skip::Filter),
        _ if ground.user.is_some() => Err(Skip::UserNamespaces),
        _ => Err(Skip::Rights),
    }
}

/// Ends by the same signal as a process of the caller's, so that the case in which that ended is known.
fn follow(signal: Signal) -> core::result::Result<(), Skip> {
    // If refused, the caller goes on, and the cases that were not asked are skipped.
    let _ = block(Set::MAX & !signal.set());
    let _ = ids::getpid().and_then(|own| process::kill(own, signal));
    Err(Skip::NoWitness)
}

/// unshare(2) of namespaces.
fn unshare(kinds: Flags) -> Result<()> {
    namespace::unshare(kinds.bits() as usize)
}

/// Gives away all capabilities, and the right to make a task. EPERM: the limit does not hold here.
fn take_no_task() -> Result<()> {
    // A caller that stays root, because its user namespace has no such id, is found below.
    let _ = as_ordinary_user();
    privilege::renounce(None)?;
    limit::set_soft(Limited::Tasks, 0)?;
    match attempt(&Call::new(Api::Clone, Flags::empty(), None)) {
        Err(Errno::EAGAIN) => Ok(()),
        _ => Err(Errno::EPERM),
    }
}

/// The caller becomes an ordinary user, if it is root and may. Whether it is none of the machine's administrators now.
pub fn as_ordinary_user() -> bool {
    let is_root = ids::getuid() == Ok(0) || privilege::is_administrator() != Some(false);
    if !is_root {
        return true;
    }
    // A process whose groups are fixed, or that has none to give away, keeps them: they are not asked about.
    let _ = ids::no_groups();
    let is_given = ids::setgid(NOBODY).and_then(|()| ids::setuid(NOBODY)).is_ok();
    // The change of ids has cleared it. If refused, the worker ends by itself.
    let _ = control::signal_at_parents_end(Some(Signal::KILL));
    is_given
}
