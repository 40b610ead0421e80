//! The modes, one after another, and then the table of what each new task shares.
//!
//! The decision behind it: a single mode is a tour of one, so there is one way from a plan to its page.

use super::args::Request;
use super::mode::Mode;
use super::{Status, refusal};
use crate::clone::task::Step;
use crate::report::print::Printer;
use crate::report::text;
#[cfg(feature = "laboratory")]
use crate::report::{json, table};
use crate::witness::board::Board;
use crate::witness::trial::{self, Trial};
use crate::witness::verdict::Tally;
#[cfg(feature = "laboratory")]
use alloc::vec::Vec;

static BOARD: Step = Step::new("mmap of the board");

/// What the modes have come to so far.
#[derive(Default)]
struct Tour {
    tally: Tally,
    failed: bool,
    #[cfg(feature = "laboratory")]
    columns: Vec<table::Column>,
}

/// Runs the modes that were asked for.
pub fn run(request: Request, out: &mut Printer) -> Status {
    let board = match Board::new() {
        Ok(board) => board,
        Err(errno) => {
            refusal::explain(None, &BOARD.failed(errno));
            return Status::Failed;
        }
    };
    let mut tour = Tour::default();
    for mode in request.modes {
        tour.visit(mode, request, board, out);
    }
    if !request.json {
        #[cfg(feature = "laboratory")]
        if request.modes.len() > 1 {
            table::tour(out, &tour.columns);
        }
        text::tally(out, tour.tally);
    }
    match tour.tally {
        _ if tour.failed => Status::Failed,
        Tally { wrong: 1.., .. } => Status::Failed,
        Tally { proven: 0, .. } => Status::Skipped,
        _ => Status::Proven,
    }
}

impl Tour {
    /// Makes the tasks of one mode and shows each.
    fn visit(&mut self, mode: &'static Mode, request: Request, board: Board, out: &mut Printer) {
        if !request.json {
            out.text(mode.name).text(": ").text(mode.about).end();
        }
        let mut twin = None;
        for (place, plan) in mode.plans.iter().enumerate() {
            let trial = trial::run(*plan, board);
            self.show(&trial, request, out);
            // Two tasks with the same flags must show the same facts, whichever call has made them.
            match twin.replace((plan.flags, trial.seen)) {
                Some((flags, seen)) if flags == plan.flags && trial.failure.is_none() => {
                    self.compare(seen == trial.seen, request, out);
                }
                _ => {}
            }
            #[cfg(feature = "laboratory")]
            if let Some(title) = mode.columns.get(place) {
                self.columns.push((title, trial));
            }
        }
    }

    /// Counts a task and shows it, or tells on fd 2 why there is nothing to show.
    fn show(&mut self, trial: &Trial, request: Request, out: &mut Printer) {
        self.tally.add(trial.tally());
        let why = trial.failure.and_then(|failure| {
            // A place may forbid user namespaces: that is no fault of the kernel's nor of ours.
            self.failed |= !trial.is_forbidden();
            refusal::explain(Some(&trial.call), &failure)
        });
        #[cfg(feature = "laboratory")]
        if request.json {
            return json::trial(out, trial, why);
        }
        if trial.failure.is_none() {
            text::call_made(out, trial);
            #[cfg(feature = "laboratory")]
            if request.verbose {
                text::stack(out, &trial.call);
            }
            text::facts(out, trial);
        }
    }

    fn compare(&mut self, same: bool, request: Request, out: &mut Printer) {
        self.tally.add(Tally {
            proven: same.into(),
            wrong: (!same).into(),
            unknown: 0,
        });
        if !request.json {
            text::agreement(out, same);
        }
    }
}
