//! A seccomp filter that kills, seccomp(2): SECCOMP_RET_KILL_PROCESS, KILL_THREAD, and TRAP without a handler.
//!
//! Such a filter would end this program at a call with which it only looks. The calls are tried in children first, and
//! those that kill are avoided: what they would have told is unknown then.

use super::aside::{Aside, By, aside_by};
use super::proc::Own;
use crate::sys::harmless::Harmless;
use crate::sys::wait::Change;
use crate::sys::{Signal, control};

/// Finds the calls that a filter answers by killing the caller, and avoids them from now on. Without a filter nothing
/// is tried.
pub fn avoid_deadly_calls(own: &Own) {
    if own.has_filter == Some(false) {
        return;
    }
    // First what every child begins with.
    if kills(By::Clone, || ()) {
        Harmless::Dumpable.avoid();
    }
    if kills(By::Clone, || Harmless::DISPENSABLE.iter().for_each(try_call)) {
        Harmless::DISPENSABLE.iter().filter(|call| kills_at(**call)).for_each(|call| call.avoid());
    }
}

/// Whether a child is killed at this call.
pub fn kills_at(call: Harmless) -> bool {
    kills(By::Clone, || try_call(&call))
}

/// Makes a call.
fn try_call(call: &Harmless) {
    // The answer does not matter: only whether the caller survives.
    let _ = call.foreign_answer();
}

/// Whether a child that calls `act` is killed by SIGSYS; no if no child can be made or waited for.
pub fn kills(by: By, act: impl FnOnce()) -> bool {
    let ended = aside_by(by, || {
        // A filter's signal leaves a core file. If refused, there may be one.
        let _ = control::not_dumpable();
        act();
        0
    });
    ended == Aside::Ended(Change::Killed(Signal::SYS))
}
