//! The modes, one after another, and then the table of what each new task shares.
//!
//! The decision behind it: a single mode is a tour of one, so there is one way from a plan to its page.

use super::args::Request;
use super::mode::Mode;
use super::{Status, refusal};
use crate::clone::task::{Api, Plan, Step};
use crate::report::print::Printer;
use crate::report::text;
#[cfg(feature = "laboratory")]
use crate::report::{json, table};
use crate::witness::board::Board;
use crate::witness::resource::COUNT;
use crate::witness::trial::Trial;
use crate::witness::verdict::{Seen, Tally};
#[cfg(feature = "laboratory")]
use alloc::vec::Vec;

static BOARD: Step = Step::new("mmap of the board");

/// The modes that were asked for, and what they have come to so far.
struct Tour<'a> {
    request: &'a Request,
    board: Board,
    out: &'a mut Printer,
    tally: Tally,
    failed: bool,
    last: [Seen; COUNT],
    #[cfg(feature = "laboratory")]
    columns: Vec<table::Column>,
}

/// Runs the modes that were asked for.
pub fn run(request: &Request, out: &mut Printer) -> Status {
    let board = match Board::new() {
        Ok(board) => board,
        Err(errno) => {
            refusal::explain(None, BOARD.failed(errno));
            return Status::Failed;
        }
    };
    let mut tour = Tour {
        request,
        board,
        out,
        tally: Tally::default(),
        failed: false,
        last: [Seen::default(); COUNT],
        #[cfg(feature = "laboratory")]
        columns: Vec::new(),
    };
    for mode in request.modes {
        tour.visit(mode);
    }
    tour.end()
}

impl Tour<'_> {
    /// Makes the tasks of one mode and shows each.
    fn visit(&mut self, mode: &Mode) {
        if !self.request.json {
            self.out.text(mode.name).text(": ").text(mode.about).end();
        }
        for (title, plan) in mode.tasks {
            let trial = Trial::run(*plan, self.board);
            self.show(&trial);
            self.compare(&trial, *plan);
            #[cfg(feature = "laboratory")]
            if !title.is_empty() {
                self.columns.push(table::Column::new(title, &trial));
            }
        }
    }

    /// Counts a task and shows it, or tells on fd 2 why there is nothing to show.
    fn show(&mut self, trial: &Trial) {
        self.tally.add(trial.tally());
        let why = trial.failure.and_then(|failure| {
            // A place may forbid user namespaces: that is no fault of the kernel's nor of ours.
            self.failed |= !trial.is_forbidden();
            refusal::explain(Some(&trial.task), failure)
        });
        #[cfg(feature = "laboratory")]
        if self.request.json {
            return json::trial(self.out, trial, why);
        }
        if trial.failure.is_none() {
            text::call_made(self.out, &trial.task);
            #[cfg(feature = "laboratory")]
            if self.request.verbose {
                text::stack(self.out, &trial.task);
            }
            text::facts(self.out, trial);
        }
    }

    /// fork(2) must show the same as the clone(2) before it.
    fn compare(&mut self, trial: &Trial, plan: Plan) {
        if plan.api == Api::Fork && trial.failure.is_none() {
            let same = self.last == trial.seen;
            self.tally.add(Tally { proven: same.into(), wrong: (!same).into(), unknown: 0 });
            if !self.request.json {
                text::agreement(self.out, same);
            }
        }
        self.last = trial.seen;
    }

    /// The table, the count and the status.
    fn end(&mut self) -> Status {
        if !self.request.json {
            #[cfg(feature = "laboratory")]
            if self.request.modes.len() > 1 {
                table::tour(self.out, &self.columns);
            }
            text::tally(self.out, self.tally);
        }
        match self.tally {
            _ if self.failed => Status::Failed,
            Tally { wrong: 1.., .. } => Status::Failed,
            Tally { proven: 0, .. } => Status::Skipped,
            _ => Status::Proven,
        }
    }
}
