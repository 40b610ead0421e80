//! Reading the output of a sweep line by line.

use super::fault::Fault;
use super::head::{About, space};
use super::line::{Leaf, Outcome, is_claim};
use crate::check::judge::Tally;
use crate::check::sweep::{SETS, Space};
use crate::text::read::{leading, number};
use alloc::vec::Vec;
use core::ops::Range;

/// What the lines of leaves are indented by.
const INDENT: &[u8] = b"    ";

/// The first line.
pub const FIRST: &[u8] = b"KTAP version 1";

/// What is to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    /// Lines of the head, then the plan.
    Head,
    /// The first line of the test that has the leaves.
    Test,
    /// The name of that test.
    Name,
    /// The plan of that test.
    Plan,
    /// A leaf, or the result of all.
    Leaf,
    /// The result of a leaf.
    Result,
    /// The claim.
    Claim,
    /// Nothing but comments.
    End,
}

/// What has been read of an output.
pub struct Output {
    next: Next,
    /// What each line of the head says.
    head: [Option<Vec<u8>>; About::COUNT],
    space: Space,
    /// How many leaves there were.
    leaves: usize,
    /// The last of them.
    leaf: Option<Leaf>,
    /// The positions of the sets of all leaves.
    sets: Option<Range<usize>>,
    tally: Tally,
}

/// What a line tells.
pub enum Told {
    /// Nothing that counts.
    Nothing,
    /// The head says something.
    Said(About),
    /// The head is whole.
    Head,
    /// What came of more sets, as the last leaf says.
    Leaf,
}

impl Output {
    /// Nothing has been read but the first line.
    pub fn begin() -> Self {
        Self {
            next: Next::Head,
            head: [const { None }; _],
            space: Space::All,
            leaves: 0,
            leaf: None,
            sets: None,
            tally: Tally::default(),
        }
    }

    /// What the head says of this, if it has been read.
    pub fn says(&self, about: About) -> Option<&[u8]> {
        self.head.get(about.index())?.as_deref()
    }

    /// What a whole sweep of this kind asks. The head must be whole.
    pub fn space(&self) -> Space {
        self.space
    }

    /// The last leaf.
    pub fn leaf(&self) -> Option<&Leaf> {
        self.leaf.as_ref()
    }

    /// The positions of the sets of all leaves, if there is any.
    pub fn sets(&self) -> Option<Range<usize>> {
        self.sets.clone()
    }

    /// Whether the head is whole.
    pub fn has_head(&self) -> bool {
        self.next != Next::Head
    }

    /// Reads a line.
    pub fn line(&mut self, line: &[u8]) -> Result<Told, Fault> {
        match self.next {
            Next::Head => self.of_head(line),
            _ => self.of_body(line),
        }
    }

    /// Reads a line of the head.
    fn of_head(&mut self, line: &[u8]) -> Result<Told, Fault> {
        if line == b"1..1" {
            self.end_head()?;
            return Ok(Told::Head);
        }
        match About::of(line) {
            Some((about, said)) => self.keep(about, said).map(|()| Told::Said(about)),
            None if line.starts_with(b"#") => Ok(Told::Nothing),
            None => Err(Fault::Strange(line.to_vec())),
        }
    }

    /// Keeps what a line of the head says.
    fn keep(&mut self, about: About, said: &[u8]) -> Result<(), Fault> {
        match self.head.get_mut(about.index()) {
            Some(place @ None) => {
                *place = Some(said.to_vec());
                Ok(())
            }
            _ => Err(Fault::Twice(about)),
        }
    }

    /// Ends the head, which must be whole.
    fn end_head(&mut self) -> Result<(), Fault> {
        if let Some(about) = About::ALL.iter().find(|about| self.says(**about).is_none()) {
            return Err(Fault::Missing(*about));
        }
        let name = self.says(About::Space).unwrap_or_default();
        self.space = space(name).ok_or_else(|| Fault::NoSpace(name.to_vec()))?;
        self.next = Next::Test;
        Ok(())
    }

    /// Reads a line behind the head.
    fn of_body(&mut self, line: &[u8]) -> Result<Told, Fault> {
        let inner = line.strip_prefix(INDENT);
        let mut told = Told::Nothing;
        self.next = match (self.next, inner) {
            (Next::Test, Some(FIRST)) => Next::Name,
            (Next::Name, Some(b"# Subtest: sweep")) => Next::Plan,
            (Next::Plan, Some(text)) if is_plan(text) => Next::Leaf,
            (Next::Leaf, Some(text)) if text.starts_with(b"# sets ") => {
                self.add(text)?;
                told = Told::Leaf;
                Next::Result
            }
            (Next::Result, Some(text)) if !text.starts_with(b"#") => {
                self.result(text)?;
                Next::Leaf
            }
            (Next::Leaf, None) if !line.starts_with(b"#") => self.end(line)?,
            (Next::Claim, None) if line.starts_with(b"# sets ") => {
                self.claim(line)?;
                Next::End
            }
            (next, _) if is_comment(inner.unwrap_or(line)) => next,
            _ => return Err(Fault::Strange(line.to_vec())),
        };
        Ok(told)
    }

    /// Reads what came of the sets of a leaf, which must follow those before.
    fn add(&mut self, text: &[u8]) -> Result<(), Fault> {
        let leaf = Leaf::parse(text)?;
        let before = self.sets.clone().unwrap_or(leaf.range.start..leaf.range.start);
        if leaf.range.start != before.end || leaf.range.end > self.space.size() {
            return Err(Fault::Sets);
        }
        self.sets = Some(before.start..leaf.range.end);
        self.leaves += 1;
        self.tally.add(&leaf.tally);
        self.leaf = Some(leaf);
        Ok(())
    }

    /// Reads the result of the last leaf.
    fn result(&self, text: &[u8]) -> Result<(), Fault> {
        let outcome = Outcome::parse(text).ok_or_else(|| Fault::Strange(text.to_vec()))?;
        let is_its = |leaf: &Leaf| {
            outcome.number == self.leaves && outcome.is_of_sets(&leaf.range) && outcome.is_ok == (leaf.tally.wrong == 0)
        };
        if self.leaf.as_ref().is_some_and(is_its) { Ok(()) } else { Err(Fault::Result) }
    }

    /// Reads what ends the leaves: the result of all, or that a step of the sweep's own has failed.
    fn end(&self, line: &[u8]) -> Result<Next, Fault> {
        if line.starts_with(b"Bail out!") {
            return Ok(Next::End);
        }
        match Outcome::parse(line) {
            Some(Outcome { is_ok, number: 1, name: b"sweep" }) if is_ok == (self.tally.wrong == 0) => Ok(Next::Claim),
            Some(Outcome { number: 1, name: b"sweep", .. }) => Err(Fault::Result),
            _ => Err(Fault::Strange(line.to_vec())),
        }
    }

    /// Reads the claim, which must be that of the leaves.
    fn claim(&self, line: &[u8]) -> Result<(), Fault> {
        match is_claim(line, SETS, &self.tally) {
            Some(true) => Ok(()),
            Some(false) => Err(Fault::Sums),
            None => Err(Fault::Strange(line.to_vec())),
        }
    }
}

/// Whether this is the plan of a test.
fn is_plan(text: &[u8]) -> bool {
    leading(text, 10).is_some_and(|(first, rest)| first == 1 && rest.strip_prefix(b"..").and_then(number).is_some())
}

/// Whether this is a comment, and says nothing of sets.
fn is_comment(text: &[u8]) -> bool {
    text.starts_with(b"#") && !text.starts_with(b"# sets ")
}
