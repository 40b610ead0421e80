//! How far a check is, in one line of a terminal that is written over and goes away.

use crate::report::page::Page;
use crate::sys::clock::now;
use crate::text::{Outside, Repeat, Room, Sink, characters, out};

/// The time before which the time left cannot be told, in nanoseconds.
const SOON: u64 = 500_000_000;

/// A second, in nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// The progress.
pub struct Progress {
    /// Whether messages go to a screen: elsewhere there is no such line.
    is_seen: bool,
    /// How many cases there are, and what a case is.
    cases: usize,
    noun: &'static str,
    /// When the check began; none if no time can be had.
    begun: Option<u64>,
    /// How many characters of the terminal's line are written.
    length: usize,
}

impl Progress {
    /// Before the first case.
    pub fn begin(page: &mut Page, cases: usize, noun: &'static str) -> Self {
        Self { is_seen: page.is_screen(), cases, noun, begun: now().ok(), length: 0 }
    }

    /// Shows which group runs, and how many cases were asked.
    pub fn show(&mut self, page: &mut Page, group: &str, asked: usize) {
        if !self.is_seen {
            return;
        }
        self.remove(page);
        let mut line = Room::<128>::new();
        out!(&mut line, "  ", group, ": ", asked, " of ", self.cases, " ", self.noun);
        if let Some(left) = self.left(asked) {
            out!(&mut line, ", about ", left, " s left");
        }
        // A line that wrapped could not be written over.
        let room = page.width() - 1;
        let text = line.bytes().unwrap_or_default();
        let text = text.get(..room.min(text.len())).unwrap_or_default();
        out!(page, Outside(text), "\r");
        page.flush();
        self.length = characters(text);
    }

    /// The seconds that are left, if the cases to come take as long as those before.
    fn left(&self, asked: usize) -> Option<u64> {
        let passed = now().ok()?.checked_sub(self.begun?).filter(|passed| *passed > SOON)?;
        let share = passed.checked_mul(self.cases.saturating_sub(asked) as u64)?.checked_div(asked as u64)?;
        Some(share.div_ceil(SECOND))
    }

    /// Takes the line away.
    pub fn remove(&mut self, page: &mut Page) {
        if self.length > 0 {
            out!(page, Repeat(" ", self.length), "\r");
            page.flush();
            self.length = 0;
        }
    }
}
