//! The sum of all outputs.

use super::fault::{Fault, Place, Refusal};
use super::head::About;
use super::line::Leaf;
use super::output::{FIRST, Output, Told};
use crate::check::judge::Tally;
use crate::check::sweep::Space;
use alloc::vec::Vec;
use core::ops::Range;

/// The longest line that is read, in bytes: far more than any that a sweep writes.
pub const LONGEST: usize = 4096;

/// How many leaves in which something is otherwise are kept.
const KEPT: usize = 8;

/// Sets that one output has, by their positions.
struct Run {
    sets: Range<usize>,
    /// The first line of the output.
    at: Place,
}

/// A leaf in which something is otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Otherwise {
    /// The positions of its sets.
    pub sets: Range<usize>,
    /// How many of them.
    pub disagree: usize,
    /// Its line.
    pub at: Place,
}

/// What all outputs together say.
pub struct Total {
    /// What each line of the head says.
    head: [Vec<u8>; About::COUNT],
    /// What was asked.
    pub space: Space,
    /// What came of it.
    pub tally: Tally,
    /// The first leaves in which something is otherwise.
    pub otherwise: Vec<Otherwise>,
    /// How many others there are.
    pub more: usize,
}

/// The outputs that have been read.
pub struct Union {
    /// The line that is read, and the number of lines before it.
    line: Vec<u8>,
    at: Place,
    /// The output that is read, and its first line.
    output: Option<(Output, Place)>,
    /// What is common to all, from the head of the first, and the file in which that is.
    total: Option<(Total, usize)>,
    runs: Vec<Run>,
}

impl Union {
    /// No output.
    pub fn new() -> Self {
        Self { line: Vec::new(), at: Place { file: 0, line: 0 }, output: None, total: None, runs: Vec::new() }
    }

    /// Reads more bytes of the file.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        for byte in bytes {
            match byte {
                b'\n' => {
                    let mut line = core::mem::take(&mut self.line);
                    self.at.line += 1;
                    self.whole_line(&line)?;
                    line.clear();
                    self.line = line;
                }
                _ if self.line.len() == LONGEST => return Err(self.wrong_in(1, Fault::Long)),
                byte => self.line.push(*byte),
            }
        }
        Ok(())
    }

    /// Ends the file. A line without its end may be part of a longer one, and does not count.
    pub fn end_file(&mut self) -> Result<(), Refusal> {
        if self.output.is_none() {
            return Err(Refusal::Ends(self.at));
        }
        self.end_output()?;
        self.line.clear();
        self.at = Place { file: self.at.file + 1, line: 0 };
        Ok(())
    }

    /// This is wrong with the line that is so many lines below the last whole one.
    fn wrong_in(&self, below: usize, fault: Fault) -> Refusal {
        Refusal::Line(Place { line: self.at.line + below, ..self.at }, fault)
    }

    /// Reads a line.
    fn whole_line(&mut self, line: &[u8]) -> Result<(), Refusal> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !is_plain(line) {
            return Err(self.wrong_in(0, Fault::Binary));
        }
        if line == FIRST {
            self.end_output()?;
            self.output = Some((Output::begin(), self.at));
            return Ok(());
        }
        self.told(line).map_err(|fault| self.wrong_in(0, fault))
    }

    /// Reads a line of an output.
    fn told(&mut self, line: &[u8]) -> Result<(), Fault> {
        let Some((output, _)) = &mut self.output else { return Err(Fault::NotFirst(line.to_vec())) };
        match output.line(line)? {
            Told::Nothing => {}
            Told::Said(about) => {
                if let Some((total, file)) = &self.total {
                    total.is_of(about, output, *file)?;
                }
            }
            Told::Head => {
                self.total.get_or_insert_with(|| (Total::begin(output), self.at.file));
            }
            Told::Leaf => {
                if let Some(((total, _), leaf)) = self.total.as_mut().zip(output.leaf()) {
                    total.add(leaf, self.at);
                }
            }
        }
        Ok(())
    }

    /// Ends the output that is read, whose head must be whole.
    fn end_output(&mut self) -> Result<(), Refusal> {
        let Some((output, at)) = self.output.take() else { return Ok(()) };
        if !output.has_head() {
            return Err(Refusal::Ends(self.at));
        }
        if let Some(sets) = output.sets() {
            self.runs.push(Run { sets, at });
        }
        Ok(())
    }

    /// The sum, if each set of the space was asked once.
    pub fn total(mut self) -> Result<Total, Refusal> {
        let Some((total, _)) = self.total else { return Err(Refusal::Ends(self.at)) };
        self.runs.sort_unstable_by_key(|run| (run.sets.start, run.sets.end, run.at.file, run.at.line));
        for (one, other) in self.runs.iter().zip(self.runs.iter().skip(1)) {
            let both = other.sets.start..one.sets.end.min(other.sets.end);
            if !both.is_empty() {
                return Err(Refusal::Overlap(both, [one.at, other.at]));
            }
        }
        let size = total.space.size();
        let (mut gaps, mut next) = (Vec::new(), 0);
        for sets in self.runs.into_iter().map(|run| run.sets).chain(core::iter::once(size..size)) {
            if next < sets.start {
                gaps.push(next..sets.start);
            }
            next = sets.end;
        }
        if gaps.is_empty() { Ok(total) } else { Err(Refusal::Gaps(total.space, gaps)) }
    }
}

impl Default for Union {
    fn default() -> Self {
        Self::new()
    }
}

impl Total {
    /// Nothing was asked in the place that the head of this output tells of.
    fn begin(output: &Output) -> Self {
        let head = core::array::from_fn(|place| {
            let said = About::ALL.get(place).and_then(|about| output.says(*about));
            said.unwrap_or_default().to_vec()
        });
        Self { head, space: output.space(), tally: Tally::default(), otherwise: Vec::new(), more: 0 }
    }

    /// Whether an output says the same of this as the first one, which is in this file.
    fn is_of(&self, about: About, output: &Output, file: usize) -> Result<(), Fault> {
        let first = self.says(about);
        match output.says(about) {
            Some(own) if own != first => Err(Fault::Differs(about, own.to_vec(), file, first.to_vec())),
            _ => Ok(()),
        }
    }

    /// Adds a leaf, whose line is this.
    fn add(&mut self, leaf: &Leaf, at: Place) {
        self.tally.add(&leaf.tally);
        match leaf.tally.wrong {
            0 => {}
            disagree if self.otherwise.len() < KEPT => {
                self.otherwise.push(Otherwise { sets: leaf.range.clone(), disagree, at });
            }
            _ => self.more += 1,
        }
    }

    /// What the head says of this: plain text.
    pub fn says(&self, about: About) -> &[u8] {
        self.head.get(about.index()).map_or(b"", Vec::as_slice)
    }
}

/// Whether a line is text without control characters: a sweep escapes all others.
fn is_plain(line: &[u8]) -> bool {
    core::str::from_utf8(line).is_ok_and(|text| !text.chars().any(char::is_control))
}
