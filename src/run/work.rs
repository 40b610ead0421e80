//! What the tasks of a run are told.

use super::plan::Plan;
use crate::board::Board;
use crate::board::record::Running;
use crate::clone::call::Call;
use crate::error::{At, Failure, Step};
use crate::sys::memory;

/// What the tasks of a run are told.
#[derive(Clone, Copy)]
pub struct Work {
    /// What is to be run.
    pub plan: Plan,
    /// The call that makes the child.
    pub call: Call,
    /// What the tasks leave for each other.
    pub board: Board<Running>,
}

impl Work {
    /// Work that lives as long as the process.
    pub(super) fn new(plan: &Plan, call: Call, board: Board<Running>) -> Result<&'static Self, Failure> {
        memory::keep(Self { plan: *plan, call, board }).at(Step::Plan)
    }
}
