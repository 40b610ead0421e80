//! Running a program in new namespaces, as unshare(1) does, but with one system call; and the program of `clone FLAGS
//! -- CMD`.
//!
//! If no extra process is needed (no PID or time namespace, no `--fork`, no `--kill-child`), the caller enters the
//! namespaces itself and becomes the program. Otherwise one clone with all the namespaces in its flags makes the
//! program's process. Where a filter forbids the one call and not the other, the other way is taken. All ways then take the
//! same steps, and the first refused step is reported. Nothing is printed here: each engine returns an [`End`].

pub mod dispositions;
pub mod environment;
pub mod executing;
pub mod ids;
pub mod init;
pub mod maps;
pub mod owner;
pub mod plan;
pub mod program;
pub mod steps;
pub mod trial;
pub mod watch;

mod binfmt;
mod detour;
mod end;
mod enter;
mod keep;
mod parent;
mod stay;
mod work;

pub use end::{About, End};
pub use keep::Stays;
pub use work::Work;

use crate::board::Board;
use crate::board::record::Running;
use crate::host::id_map;
use plan::Plan;

/// Runs the remembered program ([`remember`](crate::sys::exec::remember)), or the user's shell. Returns the program's
/// end or a failure, and which mounts stay of namespaces that were to be kept; if the program runs in place, returns only
/// on failure.
pub fn run(plan: &Plan) -> (End<'static>, Stays) {
    match Board::new() {
        Ok(board) => (run_on(plan, board), keep::stays(board)),
        Err(failure) => (End::failed(failure, About::Nothing), Stays::default()),
    }
}

/// The same on a board that somebody else can see.
fn run_on(plan: &Plan, board: Board<Running>) -> End<'static> {
    if plan.has_users() {
        id_map::brief(&board.record().outer);
    }
    steps::brief(plan, board);
    let _program = keep::lend_file(plan, board);
    let ready = maps::helper(plan, board).and_then(|helper| {
        // The helper finds its programs in the caller's environment, and has the caller's rights.
        plan.environment.set()?;
        plan.owner.map_or(Ok(()), owner::become_owner)?;
        Ok(helper)
    });
    match ready {
        Ok(helper) if plan.forks => stay::stay(plan, board, helper),
        Ok(helper) => enter::enter(plan, board, helper),
        Err(failure) => End::failed(failure, steps::about(plan, board, failure)),
    }
}
