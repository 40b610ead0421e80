//! KTAP version 1, Documentation/dev-tools/ktap.rst: a test a group, and in it a test a leaf.
//!
//! prove(1) and kunit.py read it as it is. The totals have kselftest's form.

use super::{Plan, Report, Total};
use crate::check::group::Group;
use crate::check::judge::{Outcome, Tally};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::check::sum::Sum;
use crate::error::Failure;
use crate::text::{Fixed, Show, Sink, out};

/// The report.
pub struct Ktap;

/// What stands before the lines of a group's leaves.
pub(super) const INDENT: &str = "    ";

impl Report for Ktap {
    fn begin(&mut self, out: &mut dyn Sink, plan: &Plan) {
        out!(out, "KTAP version 1\n");
        plan.head.each(&mut |name, value| out!(out, "# ", name, ": ", value, "\n"));
        out!(out, "1..", plan.groups().count(), "\n");
    }

    fn group(&mut self, out: &mut dyn Sink, group: &'static Group) {
        out!(out, INDENT, "KTAP version 1\n");
        out!(out, INDENT, "# Subtest: ", group.name, "\n");
        out!(out, INDENT, "1..", group.leaves().count(), "\n");
    }

    fn leaf(&mut self, out: &mut dyn Sink, _: &'static Group, number: usize, leaf: &Leaf, tally: &Tally) {
        diagnose(out, leaf.cases, tally);
        out!(out, INDENT);
        result(out, tally.outcome(), number, &leaf.name, tally.skip());
    }

    fn end_group(&mut self, out: &mut dyn Sink, number: usize, group: &'static Group, sum: &Sum) {
        result(out, sum.outcome(), number, &group.name, sum.skip());
    }

    fn end(&mut self, out: &mut dyn Sink, _: &Plan, total: &Total) {
        let Total { all, .. } = total;
        for (group, sum) in total.each() {
            out!(out, "# time: ", group.name, " ", seconds(sum.time), " s\n");
        }
        out!(out, "# time: all ", seconds(all.time), " s\n");
        memory(out, total.peak);
        out!(out, "# cases: ", all.cases, " asked:", all.right + all.wrong, " right:", all.right);
        out!(out, " otherwise:", all.wrong, " not-judged:", all.cases - all.right - all.wrong, "\n");
        out!(out, "# Totals: pass:", all.passed, " fail:", all.failed, " xfail:0 xpass:0 skip:", all.skipped);
        out!(out, " error:0\n");
    }

    fn give_up(&mut self, out: &mut dyn Sink, failure: Failure) {
        out!(out, "Bail out! ", failure.step.name(), ": ", failure.why, "\n");
    }
}

/// Writes what stands before the result of a leaf with so many cases.
pub(super) fn diagnose(out: &mut dyn Sink, cases: usize, tally: &Tally) {
    let mut kept = 0;
    for case in tally.deviations.iter().flatten() {
        out!(out, INDENT, "# case", case, "\n");
        kept += 1;
    }
    if let more @ 1.. = tally.wrong.saturating_sub(kept) {
        out!(out, INDENT, "# ", more, if more == 1 { " more case deviates\n" } else { " more cases deviate\n" });
    }
    if tally.outcome() != Outcome::Skipped {
        for (skip, count) in tally.skips.iter().flatten() {
            out!(out, INDENT, "# ", *count, " of ", cases, " cases not judged: ", *skip, "\n");
        }
    }
    if let left @ 1.. = cases.saturating_sub(tally.asked()) {
        out!(out, INDENT, "# ", left, " of ", cases, " cases not asked\n");
    }
}

/// Writes the line of a result.
pub(super) fn result(out: &mut dyn Sink, outcome: Outcome, number: usize, name: &dyn Show, skip: Option<Skip>) {
    let word = if outcome == Outcome::Failed { "not ok " } else { "ok " };
    out!(out, word, number, " ", name);
    if outcome == Outcome::Skipped {
        out!(out, " # SKIP");
        if let Some(skip) = skip {
            out!(out, " ", skip);
        }
    }
    out!(out, "\n");
}

/// Writes the most memory that the check has had at once, in KiB.
pub(super) fn memory(out: &mut dyn Sink, peak: Option<usize>) {
    match peak {
        Some(peak) => out!(out, "# memory: ", peak, " KiB at most\n"),
        None => out!(out, "# memory: unknown\n"),
    }
}

/// Nanoseconds as seconds.
pub fn seconds(nanoseconds: u64) -> Fixed {
    Fixed { number: nanoseconds / 1_000_000, places: 3 }
}
