//! The report of a sweep: KTAP with a leaf for each part of the sets, and counts that can be added up.

use super::head::Head;
use super::ktap::{INDENT, diagnose, memory, result, seconds};
use crate::check::judge::Tally;
use crate::check::sum::Sum;
use crate::check::sweep::plan::{Part, parts};
use crate::check::sweep::{SETS, Space};
use crate::rules::rule::RULES;
use crate::text::{Repeat, Show, Sink, out};
use core::ops::Range;

/// The name of the test.
pub const NAME: &str = "sweep";

/// The head, and the plan for the sets at these positions.
pub fn begin(out: &mut dyn Sink, head: &Head, space: Space, range: &Range<usize>) {
    out!(out, "KTAP version 1\n");
    head.each(&mut |name, value| out!(out, "# ", name, ": ", value, "\n"));
    out!(out, "# space: ", space.name(), "\n1..1\n");
    out!(out, INDENT, "KTAP version 1\n", INDENT, "# Subtest: ", NAME, "\n");
    out!(out, INDENT, "1..", parts(range), "\n");
}

/// A part, whose number begins with 1.
pub fn part(out: &mut dyn Sink, number: usize, part: &Part) {
    let Part { range, tally, .. } = part;
    diagnose(out, range.len(), tally);
    let last = range.end.saturating_sub(1);
    out!(out, INDENT, "# sets ", range.start, "-", last, " ", Counts(tally), ByRule(tally), "\n", INDENT);
    result(out, tally.outcome(), number, &(("sets-", Digits(range.start)), ("-", Digits(last))), tally.skip());
}

/// The end: what came of all parts, and where to go on if sets are left.
pub fn end(out: &mut dyn Sink, sum: &Sum, tally: &Tally, peak: Option<usize>, go_on: Option<usize>) {
    result(out, sum.outcome(), 1, &NAME, sum.skip());
    out!(out, "# time: ", NAME, " ", seconds(sum.time), " s\n");
    memory(out, peak);
    for (rule, count) in RULES.iter().zip(tally.refused).filter(|(_, count)| *count > 0) {
        out!(out, "# refused ", count, " by ", rule.id, ": ", rule.why, "\n");
    }
    out!(out, "# Totals: pass:", sum.passed, " fail:", sum.failed, " xfail:0 xpass:0 skip:", sum.skipped, " error:0\n");
    if let Some(next) = go_on {
        out!(out, "# interrupted: go on with --from ", next, "\n");
    }
    claim(out, tally);
}

/// The claim: how many of all sets were asked, and what came.
pub fn claim(out: &mut dyn Sink, tally: &Tally) {
    out!(out, "# sets asked ", tally.asked(), " of ", SETS, Answers(tally), "\n");
}

/// How many sets were asked, and what came.
struct Counts<'a>(&'a Tally);

impl Show for Counts<'_> {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, "asked ", self.0.asked(), Answers(self.0));
    }
}

/// What came.
struct Answers<'a>(&'a Tally);

impl Show for Answers<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Self(tally) = self;
        out!(out, " accepted ", tally.accepted(), " refused ", tally.refused());
        out!(out, " disagree ", tally.wrong, " unknown ", tally.skipped);
    }
}

/// How many each rule refused, of those that refused any.
struct ByRule<'a>(&'a Tally);

impl Show for ByRule<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let mut before = " rules ";
        for (rule, count) in RULES.iter().zip(self.0.refused).filter(|(_, count)| *count > 0) {
            out!(out, before, rule.id, "=", count);
            before = ",";
        }
    }
}

/// A position in as many digits as the highest has, so that names sort as numbers do.
struct Digits(usize);

impl Show for Digits {
    fn show(&self, out: &mut dyn Sink) {
        let digits = |number: usize| number.checked_ilog10().unwrap_or_default() as usize;
        out!(out, Repeat("0", digits(SETS - 1).saturating_sub(digits(self.0))), self.0);
    }
}
