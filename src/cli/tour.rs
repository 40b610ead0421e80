//! The tasks of the modes, one after another, and then the table of what each of them shares.
//!
//! The decision behind it: a single mode is a short tour, so there is one way from a plan to its page.

use super::args::{self, Request};
use super::mode::{STOPS, Stop};
use super::options::Misuse;
use super::refusal::{self, About};
use super::{Status, board};
use crate::clone::call::Call;
use crate::report::print::{say, spell, tell};
use crate::report::text;
use crate::report::{json, table};
use crate::sys::initial::{InitialStack, Strings};
use crate::sys::proc::Tasks;
use crate::witness::trial::Trial;
use crate::witness::verdict::{PROVEN, Tally, WRONG, count};
use crate::words::Text;

/// What was asked for, and what it has come to so far.
struct Tour {
    request: Request,
    tally: Tally,
    failed: bool,
    /// Whether nothing could be seen of a flag that was asked for.
    is_open: bool,
}

/// The tour, a mode, or the version.
pub fn command(_: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let request = args::parse(words)?;
    if request.version {
        say(Text::Version);
        return Ok(Status::Proven as i32);
    }
    Ok(run(request) as i32)
}

/// Makes the tasks that were asked for.
fn run(request: Request) -> Status {
    let Some(board) = board() else { return Status::Failed };
    let mut tour = Tour { request, tally: Tally::default(), failed: false, is_open: false };
    let calls = STOPS.each_ref().map(|stop| Call::usual(stop.api, stop.flags));
    let tasks = Tasks::here();
    let mut trials: [Trial; STOPS.len()] = calls.each_ref().map(|call| Trial::new(call, board, tasks));
    for (stop, trial) in STOPS.iter().zip(&mut trials) {
        if tour.request.mode.is_none_or(|mode| mode == stop.mode) {
            trial.run();
            tour.show(stop, trial);
            // A task that could not be waited for may still act: on the next one's board too.
            if trial.failure.is_some_and(|failure| failure.step == Text::End) {
                break;
            }
        }
    }
    tour.compare(&trials);
    if !tour.request.json {
        if tour.request.mode.is_none() {
            table::tour(STOPS.iter().map(|stop| stop.name), &trials);
        }
        tell(Text::Tally, &tour.tally);
    }
    tour.status()
}

impl Tour {
    /// Counts a task and shows it, or tells on fd 2 why there is nothing to show.
    fn show(&mut self, stop: &Stop, trial: &Trial) {
        trial.count(&mut self.tally);
        self.is_open |= trial.is_open();
        if let Some(failure) = trial.failure {
            // A place may forbid user namespaces: that is no fault of the kernel's nor of ours.
            self.failed |= !trial.is_forbidden();
            let why = refusal::explain(About::Task(&trial.task), failure);
            if self.request.json {
                json::trial(trial, why);
            }
            return;
        }
        if self.request.json {
            return json::trial(trial, None);
        }
        spell(Text::Title, &[stop.name, stop.about]);
        text::call_made(&trial.task);
        if self.request.verbose {
            text::stack(&trial.task);
        }
        text::facts(trial);
    }

    /// fork(2) must show the same as the clone(2) before it. A difference proves nothing by itself: a witness that was
    /// silent once makes one, and a fact that is not as claimed has been counted where it was seen.
    fn compare(&mut self, trials: &[Trial]) {
        let [clone, fork, ..] = trials else { return };
        let told = |trial: &Trial| trial.task.tid.is_some() && trial.failure.is_none();
        if told(clone) && told(fork) {
            let same = clone.words.as_flattened() == fork.words.as_flattened();
            count(&mut self.tally, if same { Text::Honoured } else { Text::Unknown });
            if !self.request.json {
                spell(Text::Compared, &[if same { Text::Same } else { Text::Different }]);
            }
        }
    }

    fn status(&self) -> Status {
        if self.failed || self.tally[WRONG] > 0 {
            Status::Failed
        } else if self.tally[PROVEN] == 0 || self.is_open {
            Status::Skipped
        } else {
            Status::Proven
        }
    }
}
