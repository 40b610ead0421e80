//! The instructions for the tasks of a run.

use super::plan::Plan;
use crate::board::Board;
use crate::board::record::Running;
use crate::clone::call::Call;
use crate::error::{At, Failure, Step};
use crate::sys::memory;

/// The instructions for the tasks of a run.
#[derive(Clone, Copy)]
pub struct Work {
    /// What to run, and in which environment.
    pub plan: Plan,
    /// The call that makes the child.
    pub call: Call,
    /// The board of the tasks.
    pub board: Board<Running>,
}

impl Work {
    /// Copies the instructions to memory that lives as long as the process.
    pub(super) fn new(plan: &Plan, call: Call, board: Board<Running>) -> Result<&'static Self, Failure> {
        memory::keep(Self { plan: *plan, call, board }).at(Step::Plan)
    }
}
