//! The two tasks that a witness speaks of, and the call that made one of them.

use super::board::{Board, Word};
use crate::clone::call::Call;
use crate::sys::Pid;
use crate::sys::proc::Tasks;

/// Parent and child, by the ids that they have where the witness is asked.
pub struct Pair<'call> {
    /// What was asked for.
    pub call: &'call Call,
    /// The facts that both have left.
    pub board: Board,
    /// The id of the task that made the call, if it is known.
    pub parent: Option<Pid>,
    /// The id of the task that it made, if it is known.
    pub child: Option<Pid>,
    /// The files of proc(5) of both, where these can be told from those of other tasks.
    pub tasks: Option<Tasks>,
    /// Whether a third task asks, which is the parent's parent: the examiner of the laboratory.
    pub from_outside: bool,
}

impl Pair<'_> {
    /// What the parent has left; none if it is an errno.
    pub fn of_parent(&self, word: Word) -> Option<usize> {
        self.board.parent().get(word).ok()
    }

    /// What the child has left; none if it is an errno.
    pub fn of_child(&self, word: Word) -> Option<usize> {
        self.board.child().get(word).ok()
    }
}
