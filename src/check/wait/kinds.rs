//! Which children a wait is for: __WALL for all, __WCLONE for those without SIGCHLD as exit signal, neither for those
//! with it; wait4(2) and waitid(2), eligible_child of the kernel.

use super::child::{case, ended, of_wait, plain};
use crate::check::judge::Judge;
use crate::check::leaf::Leaf;
use crate::check::step::Step;
use crate::sys::wait::{__WALL, __WCLONE, WEXITED, Waited, wait4, waitid};
use crate::sys::{Pid, Result, Signal};

/// The exit signals of the children.
const SIGNALS: [Option<Signal>; CASES] = [None, Some(Signal::CHLD), Some(Signal::USR1)];

/// One for each exit signal.
pub const CASES: usize = 3;

/// The leaves, for each call: without an option, with __WCLONE, with __WALL; and whether it is for a child whose exit
/// signal is not SIGCHLD, or is.
const OPTIONS: [(u32, [bool; 2]); 3] = [(0, [false, true]), (__WCLONE, [true, false]), (__WALL, [true, true])];

/// Waits by wait4(2).
pub fn by_wait4(leaf: &Leaf, judge: Judge) {
    ask(leaf, judge, |child, options| wait4(Waited::One(child), options).map(|_| ()));
}

/// Waits by waitid(2).
pub fn by_waitid(leaf: &Leaf, judge: Judge) {
    ask(leaf, judge, |child, options| waitid(child, options | WEXITED).map(|_| ()));
}

/// Waits for a child with each exit signal.
fn ask(leaf: &Leaf, judge: Judge, wait: fn(Pid, u32) -> Result<()>) {
    let (options, is_for) = OPTIONS[leaf.row % OPTIONS.len()];
    for signal in SIGNALS {
        case(judge, || {
            let child = ended(judge, signal)?;
            let is_for = is_for[usize::from(signal == Some(Signal::CHLD))];
            of_wait(&plain(signal), Step::Wait, is_for, wait(child.pid(), options))
        });
    }
}
