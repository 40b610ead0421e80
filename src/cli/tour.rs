//! The tasks of the modes, one after another, and then the table of what each of them shares.
//!
//! The decision behind it: a single mode is a short tour, so there is one way from a plan to its page.

use super::args::Request;
use super::mode::Stop;
use super::{Status, refusal};
use crate::clone::task::Step;
use crate::report::print::Printer;
#[cfg(feature = "laboratory")]
use crate::report::{json, table};
use crate::report::text;
use crate::witness::board::Board;
use crate::witness::trial::Trial;
use crate::witness::verdict::{Tally, Verdict};

static BOARD: Step = Step::new("mmap of the board");

/// What was asked for, and what it has come to so far.
struct Tour<'a> {
    request: &'a Request,
    board: Board,
    out: &'a mut Printer,
    tally: Tally,
    failed: bool,
}

/// Makes the tasks that were asked for.
#[inline(never)]
pub fn run(request: &Request, out: &mut Printer) -> Status {
    let board = match Board::new() {
        Ok(board) => board,
        Err(errno) => {
            refusal::explain(None, BOARD.failed(errno));
            return Status::Failed;
        }
    };
    let mut tour = Tour { request, board, out, tally: Tally::default(), failed: false };
    let trials = request.stops.iter().map(|stop| tour.visit(stop));
    #[cfg(feature = "laboratory")]
    {
        // Leaked, for the program ends with it.
        let trials = trials.collect::<alloc::vec::Vec<_>>().leak();
        tour.compare(trials);
    }
    #[cfg(not(feature = "laboratory"))]
    trials.for_each(drop);
    tour.end()
}

impl Tour<'_> {
    /// Makes one task, counts it and shows it, or tells on fd 2 why there is nothing to show.
    #[inline(never)]
    fn visit(&mut self, stop: &'static Stop) -> Trial {
        let trial = Trial::run(&stop.plan, self.board);
        trial.count(&mut self.tally);
        let why = trial.failure.and_then(|failure| {
            // A place may forbid user namespaces: that is no fault of the kernel's nor of ours.
            self.failed |= !trial.is_forbidden();
            refusal::explain(Some(&trial.task), failure)
        });
        #[cfg(feature = "laboratory")]
        if self.request.json {
            json::trial(self.out, &trial, why);
            return trial;
        }
        if trial.failure.is_none() {
            self.out.text(stop.plan.name).text(": ").text(stop.about).end();
            text::call_made(self.out, &trial.task);
            #[cfg(feature = "laboratory")]
            if self.request.verbose {
                text::stack(self.out, &trial.task);
            }
            text::facts(self.out, &trial);
        }
        trial
    }

    /// The table, and whether fork(2) shows the same as the clone(2) before it.
    #[cfg(feature = "laboratory")]
    fn compare(&mut self, trials: &[Trial]) {
        if trials.len() > 2 && !self.request.json {
            table::tour(self.out, trials);
        }
        if let [clone, fork, ..] = trials
            && clone.task.plan.flags == fork.task.plan.flags && clone.failure.is_none() && fork.failure.is_none() {
            let same = clone.seen == fork.seen;
            self.tally.add(if same { Verdict::Honoured } else { Verdict::NotHonoured }, 1);
            if !self.request.json {
                text::agreement(self.out, same);
            }
        }
    }

    /// The count and the status.
    fn end(&mut self) -> Status {
        if !self.request.json {
            text::tally(self.out, &self.tally);
        }
        if self.failed || self.tally.of(Verdict::NotHonoured) > 0 {
            Status::Failed
        } else if self.tally.of(Verdict::Honoured) == 0 {
            Status::Skipped
        } else {
            Status::Proven
        }
    }
}
