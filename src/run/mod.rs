//! Running a program in namespaces of its own: what unshare(1) does, by one system call; and the program of
//! `clone FLAGS -- CMD`.
//!
//! Where no process has to stay (no PID or time namespace, no `--fork`, no `--kill-child`) the caller enters the
//! namespaces itself and becomes the program. Else one clone with all the namespaces among its flags makes the
//! program's process. Both ways then take the same steps, and the first that is refused is told. Nothing is printed
//! here: each engine answers with an [`End`].

pub mod dispositions;
pub mod executing;
pub mod ids;
pub mod init;
pub mod maps;
pub mod plan;
pub mod program;
pub mod steps;
pub mod trial;
pub mod watch;

mod end;
mod enter;
mod parent;
mod stay;
mod work;

pub use end::{About, End};
pub use work::Work;

use crate::board::Board;
use crate::board::record::Running;
use crate::host::id_map;
use plan::Plan;

/// Runs the program that was remembered ([`remember`](crate::sys::exec::remember)), or the user's shell. It comes back
/// with the program's end or with a refusal; a program that is run in place does not let it come back.
pub fn run(plan: &Plan) -> End<'static> {
    let board = match Board::<Running>::new() {
        Ok(board) => board,
        Err(failure) => return End::failed(failure, About::Nothing),
    };
    if plan.has_users() {
        id_map::brief(&board.record().outer);
    }
    steps::brief(plan, board);
    match maps::helper(plan, board) {
        Ok(helper) if plan.forks => stay::stay(plan, board, helper),
        Ok(helper) => enter::enter(plan, board, helper),
        Err(failure) => End::failed(failure, About::Nothing),
    }
}
