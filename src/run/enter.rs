//! Running a program in place: the caller itself enters the namespaces and becomes the program, so no extra process
//! stays.

use super::plan::Plan;
use super::steps::{self, NAMESPACE_STEPS, PROGRAM_STEPS};
use super::{About, End, detour, program, stay};
use crate::board::Board;
use crate::board::record::Running;
use crate::clone::process::Process;
use crate::error::{Failure, Step};
use crate::sys::namespace;

/// Enters the namespaces and becomes the program; returns only on failure.
pub(super) fn enter(plan: &Plan, board: Board<Running>, helper: Option<Process>) -> End<'static> {
    let flags = plan.namespaces;
    steps::begin(Step::Unshare, board);
    if !flags.is_empty()
        && let Err(errno) = namespace::unshare(flags.bits() as usize)
    {
        let failure = Failure::new(Step::Unshare, errno);
        let refused = (failure, About::Namespaces(flags));
        return if detour::may_help(failure, flags) {
            stay::stay_after(Some(refused), plan, board, helper)
        } else {
            End::failed(failure, refused.1)
        };
    }
    let taken = steps::take_all(&NAMESPACE_STEPS, plan, board);
    drop(helper); // the program must not find a child that it did not make
    match taken.and_then(|()| steps::take_all(&PROGRAM_STEPS, plan, board)) {
        Ok(()) => {
            steps::begin(Step::Execute, board);
            End::not_executed(program::execute_or_shell(), flags)
        }
        Err(failure) => End::failed(failure, steps::about(plan, board, failure)),
    }
}
