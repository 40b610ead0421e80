//! A trial of namespaces with the actual steps of `run`: can they be made on this machine?

use super::ids::Own;
use super::init;
use super::plan::{Plan, Propagation};
use super::steps::{self, NAMESPACE_STEPS, PROGRAM_STEPS};
use crate::board::record::Running;
use crate::board::{Board, Page};
use crate::clone::flags::Flags;
use crate::clone::task::{Ended, Task};
use crate::error::{At, Failure, Step, Why};
use crate::host::{id_map, namespace};
use crate::sys::Errno;

/// Makes a user namespace with others in it, becomes root there and does what only its root may. The board serves one
/// trial after another.
pub fn try_namespaces(board: Board<Running>, flags: Flags) -> Result<(), Failure> {
    board.wipe();
    id_map::brief(&board.record().outer);
    board.record().flags.put(flags.bits());
    steps::brief(&plan(flags), board);
    let call = init::call(flags);
    let ended = Task::new(&call, board.tids()).make_on_stack(enter, board.page())?.join().at(Step::AwaitEnd)?;
    match (ended, steps::refused(board)) {
        (_, Some(failure)) => Err(failure),
        (Ended::Exited(0), None) => Ok(()),
        // A task that ended in the middle of a step has proven nothing.
        (Ended::Exited(_), None) => Err(Failure::new(Step::AwaitEnd, Errno::ECHILD)),
        (Ended::Killed { signal, .. }, None) => Err(Failure { step: Step::Killed, why: Why::Signal(signal) }),
    }
}

/// A plan with something to do in each namespace.
fn plan(namespaces: Flags) -> Plan {
    let mut plan = Plan { namespaces, setuid: Some(0), ..Plan::default() };
    plan.users.own = Some(Own::Is(0));
    plan.groups.own = Some(Own::Is(0));
    plan.propagation = namespaces.contains(Flags::NEWNS).then_some(Propagation::Private);
    plan.hostname = namespaces.contains(Flags::NEWUTS).then_some(namespace::HOST);
    plan.boottime = namespaces.contains(Flags::NEWTIME).then_some(b"0");
    plan
}

/// The task in the namespaces.
extern "C" fn enter(page: &'static Page<Running>) -> i32 {
    let board = Board::of(page);
    let plan = plan(Flags::from_bits_retain(board.record().flags.get()));
    let taken =
        steps::take_all(&NAMESPACE_STEPS, &plan, board).and_then(|()| steps::take_all(&PROGRAM_STEPS, &plan, board));
    taken.is_err().into()
}
