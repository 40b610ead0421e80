//! The tasks of the modes, one after another, and then the table of what each of them shares.
//!
//! The decision behind it: a single mode is a short tour, so there is one way from a plan to its page.

use super::args::Request;
use super::mode::{STOPS, Stop};
use super::{Status, refusal};
use crate::clone::task::{Api, Failure};
use crate::report::print::{end, line, say, tell};
#[cfg(feature = "laboratory")]
use crate::report::{json, table};
use crate::report::text;
use crate::witness::board::Board;
use crate::witness::resource::COUNT;
use crate::witness::trial::Trial;
use crate::witness::verdict::{Seen, Tally, Verdict};
use crate::words::Text;

/// What was asked for, and what it has come to so far.
struct Tour {
    request: Request,
    tally: Tally,
    failed: bool,
    last: [Seen; COUNT],
}

/// Makes the tasks that were asked for.
pub fn run(request: Request) -> Status {
    let board = match Board::new() {
        Ok(board) => board,
        Err(errno) => {
            refusal::explain(None, Failure { step: Text::Board, errno });
            return Status::Failed;
        }
    };
    let mut tour = Tour { request, tally: Tally::default(), failed: false, last: [Seen::default(); COUNT] };
    #[cfg(feature = "laboratory")]
    let mut columns = [[Text::Skip; 1 + COUNT]; STOPS.len()];
    for (place, stop) in STOPS.iter().enumerate() {
        if tour.request.mode.is_none_or(|mode| mode == stop.mode) {
            let trial = Trial::run(&stop.plan, board);
            tour.show(stop, &trial);
            #[cfg(feature = "laboratory")]
            {
                columns[place] = table::of(&trial);
            }
        }
    }
    if !tour.request.json {
        #[cfg(feature = "laboratory")]
        if tour.request.mode.is_none() {
            table::tour(&columns);
        }
        tell(Text::Tally, &tour.tally.0);
        end();
    }
    tour.status()
}

impl Tour {
    /// Counts a task and shows it, or tells on fd 2 why there is nothing to show.
    fn show(&mut self, stop: &Stop, trial: &Trial) {
        trial.count(&mut self.tally);
        if let Some(failure) = trial.failure {
            // A place may forbid user namespaces: that is no fault of the kernel's nor of ours.
            self.failed |= !trial.is_forbidden();
            let _why = refusal::explain(Some(&trial.task), failure);
            #[cfg(feature = "laboratory")]
            if self.request.json {
                json::trial(trial, _why);
            }
            return;
        }
        #[cfg(feature = "laboratory")]
        if self.request.json {
            return json::trial(trial, None);
        }
        say(stop.plan.name);
        say(Text::Colon);
        line(stop.about);
        text::call_made(&trial.task);
        #[cfg(feature = "laboratory")]
        if self.request.verbose {
            text::stack(&trial.task);
        }
        text::facts(trial);
        self.compare(trial);
    }

    /// fork(2) must show the same as the clone(2) before it.
    fn compare(&mut self, trial: &Trial) {
        if trial.task.plan.api == Api::Fork {
            let same = self.last == trial.seen;
            self.tally.add(if same { Verdict::Honoured } else { Verdict::NotHonoured }, 1);
            line(if same { Text::SameFacts } else { Text::OtherFacts });
        }
        self.last = trial.seen;
    }

    fn status(&self) -> Status {
        if self.failed || self.tally.of(Verdict::NotHonoured) > 0 {
            Status::Failed
        } else if self.tally.of(Verdict::Honoured) == 0 {
            Status::Skipped
        } else {
            Status::Proven
        }
    }
}
