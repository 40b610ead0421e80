//! A seccomp filter that kills, seccomp(2): SECCOMP_RET_KILL_PROCESS, KILL_THREAD, and TRAP without a handler.
//!
//! Such a filter would end this program at a call with which it only looks. The calls are tried in children first, and
//! those that kill are avoided: what they would have told is unknown then.

use super::aside::{Aside, aside};
use super::proc::Own;
use crate::sys::filter::{COUNT, NOT_DUMPABLE, avoid, try_call};
use crate::sys::wait::Change;
use crate::sys::{Signal, control};

/// Finds the calls that a filter answers by killing the caller, and avoids them from now on. Without a filter nothing
/// is tried.
pub fn avoid_deadly_calls(own: &Own) {
    if own.has_filter == Some(false) {
        return;
    }
    // First what every child begins with.
    if kills(|| ()) {
        avoid(NOT_DUMPABLE);
    }
    if kills(|| (0..COUNT).for_each(try_one)) {
        (0..COUNT).filter(|index| kills(|| try_one(*index))).for_each(avoid);
    }
}

/// Makes one of the calls.
fn try_one(index: usize) {
    // The result does not matter: only whether the caller survives.
    let _ = try_call(index);
}

/// Whether a child that calls `act` is killed by SIGSYS; no if no child can be made or waited for.
pub fn kills(act: impl FnOnce()) -> bool {
    let ended = aside(|| {
        // A filter's signal leaves a core file. If refused, there may be one.
        let _ = control::not_dumpable();
        act();
        0
    });
    ended == Aside::Ended(Change::Killed(Signal::SYS))
}
