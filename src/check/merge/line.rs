//! The lines of a sweep that have numbers: what came of the sets of a leaf, its result, and the claim at the end.

use super::fault::Fault;
use crate::check::judge::Tally;
use crate::clone::flags::By;
use crate::rules::rule::RULES;
use crate::text::read::{leading, parts};
use core::ops::Range;

/// A leaf: sets that stand beside each other in the order of the sweep.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// Their positions.
    pub range: Range<usize>,
    /// What came of them; of rules with the same number the first has all that they refused.
    pub tally: Tally,
}

/// How many sets were asked, and how many had which answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Numbers {
    asked: usize,
    accepted: usize,
    refused: usize,
    disagree: usize,
    unknown: usize,
}

impl Numbers {
    /// Those of sets of which this came.
    fn of(tally: &Tally) -> Self {
        Self {
            asked: tally.asked(),
            accepted: tally.accepted(),
            refused: tally.refused(),
            disagree: tally.wrong,
            unknown: tally.skipped,
        }
    }

    /// Whether each set that was asked has one answer.
    fn agree(&self) -> bool {
        let Self { accepted, refused, disagree, unknown, .. } = *self;
        let sum = [refused, disagree, unknown].into_iter().try_fold(accepted, usize::checked_add);
        sum == Some(self.asked)
    }
}

/// What is to be read of a line.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    /// Reads a text.
    fn text(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text.as_bytes())?;
        Some(())
    }

    /// Reads a text, and a number behind it.
    fn number(&mut self, before: &str) -> Option<usize> {
        self.text(before)?;
        let (number, rest) = leading(self.0, 10)?;
        self.0 = rest;
        Some(number)
    }

    /// Reads how many sets had which answer, of so many.
    fn answers(&mut self, asked: usize) -> Option<Numbers> {
        Some(Numbers {
            asked,
            accepted: self.number(" accepted ")?,
            refused: self.number(" refused ")?,
            disagree: self.number(" disagree ")?,
            unknown: self.number(" unknown ")?,
        })
    }

    /// Whether nothing is left.
    fn is_end(&self) -> bool {
        self.0.is_empty()
    }
}

impl Leaf {
    /// Reads the line of a leaf, without what it is indented by; its numbers agree with each other.
    pub fn parse(line: &[u8]) -> Result<Self, Fault> {
        let strange = || Fault::Strange(line.to_vec());
        let mut rest = Rest(line);
        let (first, last, numbers) = Self::numbers(&mut rest).ok_or_else(strange)?;
        let range = first..last.checked_add(1).filter(|end| first < *end).ok_or(Fault::Sets)?;
        if numbers.asked != range.len() {
            return Err(Fault::Asked);
        }
        if !numbers.agree() {
            return Err(Fault::Answers);
        }
        let Numbers { accepted, refused, disagree, unknown, .. } = numbers;
        let mut tally = Tally { right: accepted + refused, wrong: disagree, skipped: unknown, ..Tally::default() };
        if !rest.is_end() {
            rest.text(" rules ").ok_or_else(strange)?;
            parts(rest.0, b",").try_for_each(|part| {
                add_rule(&mut tally, part, refused).map_err(|fault| fault.unwrap_or_else(strange))
            })?;
        }
        if tally.refused() == refused { Ok(Self { range, tally }) } else { Err(Fault::Refused) }
    }

    /// Reads all but the rules: the first set, the last, and how many had which answer.
    fn numbers(rest: &mut Rest) -> Option<(usize, usize, Numbers)> {
        let (first, last) = (rest.number("# sets ")?, rest.number("-")?);
        let asked = rest.number(" asked ")?;
        Some((first, last, rest.answers(asked)?))
    }
}

/// Adds how many sets a rule has refused, `D1=5`: all rules together this many at most. An error is what is wrong; none
/// for a text that is none of that kind.
fn add_rule(tally: &mut Tally, text: &[u8], most: usize) -> Result<(), Option<Fault>> {
    let mut parts = parts(text, b"=");
    let (Some(id), Some(count), None) = (parts.next(), parts.next(), parts.next()) else { return Err(None) };
    let (count, b"") = leading(count, 10).ok_or(None)? else { return Err(None) };
    let place = place_of(id).ok_or_else(|| Some(Fault::NoRule(id.to_vec())))?;
    let sum = tally.refused().checked_add(count).filter(|sum| *sum <= most);
    let counter = tally.refused.get_mut(place).filter(|_| sum.is_some()).ok_or(Some(Fault::Refused))?;
    *counter += count;
    Ok(())
}

/// The place of a rule of clone(2) in [`RULES`] by its number: the first if several have it.
pub fn place_of(id: &[u8]) -> Option<usize> {
    RULES.iter().position(|rule| rule.id.as_bytes() == id && rule.calls.contains(&By::Clone))
}

/// The line of a result.
pub struct Outcome<'a> {
    /// Whether it is `ok`.
    pub is_ok: bool,
    /// The number of the test.
    pub number: usize,
    /// What the result is of.
    pub name: &'a [u8],
}

impl<'a> Outcome<'a> {
    /// Reads the line of a result, without what it is indented by. A directive behind the name is passed over.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let (is_ok, line) = line.strip_prefix(b"not ").map_or((true, line), |line| (false, line));
        let mut rest = Rest(line);
        let number = rest.number("ok ")?;
        rest.text(" ")?;
        let mut words = parts(rest.0, b" ");
        let name = words.next()?;
        words.next().is_none_or(|word| word == b"#").then_some(Self { is_ok, number, name })
    }

    /// Whether this is the name of the sets at these positions, of which there are some.
    pub fn is_of_sets(&self, range: &Range<usize>) -> bool {
        let mut rest = Rest(self.name);
        let (first, last) = (rest.number("sets-"), rest.number("-"));
        first == Some(range.start) && last == Some(range.end - 1) && rest.is_end()
    }
}

/// Whether a claim is that of all sets of which this came; none if the line is no claim.
pub fn is_claim(line: &[u8], of: usize, tally: &Tally) -> Option<bool> {
    let mut rest = Rest(line);
    let (asked, all) = (rest.number("# sets asked ")?, rest.number(" of ")?);
    let numbers = rest.answers(asked)?;
    rest.is_end().then_some(all == of && numbers == Numbers::of(tally))
}
