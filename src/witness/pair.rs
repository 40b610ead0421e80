//! The two tasks about which a witness speaks, and the call that made one of them.

use crate::board::Board;
use crate::board::record::Experiment;
use crate::clone::call::Call;
use crate::host::proc::Tasks;
use crate::sys::Pid;

/// Parent and child, by their ids in the PID namespace of the task that asks the witness.
#[derive(Clone, Copy)]
pub struct Pair<'call> {
    /// The call.
    pub call: &'call Call,
    /// The board on which both leave what they see.
    pub board: Board<Experiment>,
    /// The id of the task that made the call, if known.
    pub parent: Option<Pid>,
    /// The id of the child, if known.
    pub child: Option<Pid>,
    /// Access to both tasks' files in proc(5), if /proc shows the right PID namespace.
    pub tasks: Option<Tasks>,
    /// Whether the asking task is the parent's parent, the laboratory's examiner, rather than the parent itself.
    pub from_outside: bool,
}

impl Pair<'_> {
    /// The record of both tasks.
    pub fn facts(&self) -> &'static Experiment {
        self.board.record()
    }
}
