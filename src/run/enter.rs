//! Running a program in place: the caller itself enters the namespaces and becomes the program, so no extra process
//! stays.

use super::plan::Plan;
use super::steps::{self, NAMESPACE_STEPS, PROGRAM_STEPS};
use super::{About, End, maps, program};
use crate::board::Board;
use crate::board::record::Running;
use crate::error::{Failure, Step};
use crate::sys::{Pid, namespace};

/// Enters the namespaces and becomes the program; returns only on failure.
pub(super) fn enter(plan: &Plan, board: Board<Running>, helper: Option<Pid>) -> End<'static> {
    let flags = plan.namespaces;
    steps::begin(Step::Unshare, board);
    if !flags.is_empty()
        && let Err(errno) = namespace::unshare(flags.bits() as usize)
    {
        maps::dismiss(helper);
        return End::failed(Failure::new(Step::Unshare, errno), About::Namespaces(flags));
    }
    let taken = steps::take_all(&NAMESPACE_STEPS, plan, board);
    maps::dismiss(helper);
    match taken.and_then(|()| steps::take_all(&PROGRAM_STEPS, plan, board)) {
        Ok(()) => {
            steps::begin(Step::Execute, board);
            End::not_executed(program::execute_or_shell(), flags)
        }
        Err(failure) => End::failed(failure, steps::about(plan, board, failure)),
    }
}
