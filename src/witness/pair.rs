//! The two tasks that a witness speaks of, and the call that made one of them.

use crate::board::Board;
use crate::board::record::Experiment;
use crate::clone::call::Call;
use crate::host::proc::Tasks;
use crate::sys::Pid;

/// Parent and child, by the ids that they have where the witness is asked.
#[derive(Clone, Copy)]
pub struct Pair<'call> {
    /// What was asked for.
    pub call: &'call Call,
    /// Where both leave what they see.
    pub board: Board<Experiment>,
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
    /// What both have left.
    pub fn facts(&self) -> &'static Experiment {
        self.board.record()
    }
}
