//! The pages of `rules`: what the kernel refuses, all flags, and the verdict on a call.

use super::advice;
use super::show::{ExitSignal, InShort, Name};
use crate::clone::call::Call;
use crate::clone::flags::{By, FLAGS, Flags, Version};
use crate::rules::amend::Advice;
use crate::rules::expected::Expected;
use crate::rules::rule::{Prediction, RULES, Rule, When};
use crate::text::table::{Column, table};
use crate::text::{Hex, Joined, Show, Sink, Style, Styled, With, Wrapped, out};

/// The columns of the table of rules.
const OF_RULES: [Column; 6] = [
    Column::text("rule"),
    Column::text("calls").leaves(3),
    Column::text("errno"),
    Column::text("kernels").leaves(2),
    Column::text("checked in").leaves(1),
    Column::prose("when, and why"),
];

/// Writes the table of all rules.
pub fn rules(out: &mut dyn Sink) {
    paragraph(
        out,
        "What clone(2) and clone3(2) refuse, in the order in which the kernel looks: the first rule that holds decides.",
    );
    table(out, &OF_RULES, &|row| {
        let mut before = "";
        for rule in &RULES {
            // The answers of one check have one number.
            let id = if rule.id == before { "" } else { rule.id };
            before = rule.id;
            let (calls, errno) = (calls(rule.calls), With(|out: &mut dyn Sink| errno(out, rule)));
            let kernels = With(|out: &mut dyn Sink| kernels(out, rule));
            row(&[&id, &calls, &errno, &kernels, &rule.source, &Why(rule)]);
        }
    });
    paragraph(
        out,
        "\"both\" is clone(2) and clone3(2). A row without a number is another answer of the check above it. \
         \"filter's\" is the errno that the seccomp filter chooses. `chimera rules FLAGS` tells which rule holds for a call.",
    );
}

/// A line of prose, as many lines of the page as it needs.
fn paragraph(out: &mut dyn Sink, text: &str) {
    out!(out, Wrapped { text, indent: 0 }, "\n");
}

/// The calls in one word: each rule and each flag is of one of these sets.
fn calls(calls: &'static [By]) -> &'static str {
    match calls {
        [By::Clone] => "clone",
        [By::Clone3] => "clone3",
        [By::Clone, By::Clone3] => "both",
        [By::Clone3, By::Unshare] => "not clone",
        _ => "all",
    }
}

/// The errno of a rule, in a word.
fn errno(out: &mut dyn Sink, rule: &Rule) {
    match rule.errno {
        Some(errno) => Name(errno).show(out),
        None => "filter's".show(out),
    }
}

/// The kernels that have a rule; nothing for all of them.
fn kernels(out: &mut dyn Sink, rule: &Rule) {
    if rule.since != Version::UNKNOWN {
        out!(out, "from ", rule.since);
    }
    if let Some(until) = rule.until {
        out!(out, if rule.since == Version::UNKNOWN { "" } else { " " }, "before ", until);
    }
}

/// When a rule holds, and why there is one.
pub struct Why<'a>(pub &'a Rule);

impl Show for Why<'_> {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, Condition(&self.0.when), self.0.why);
    }
}

/// A condition on flags alone, with what separates it from the reason; nothing for any other condition.
struct Condition<'a>(&'a When);

impl Show for Condition<'_> {
    fn show(&self, out: &mut dyn Sink) {
        match *self.0 {
            When::Together(one, others) => out!(out, one, " with ", any(others), ": "),
            When::Without(one, others) => out!(out, one, " without ", any(others), ": "),
            When::If(..) => {}
        }
    }
}

/// One of these flags.
fn any(flags: Flags) -> impl Show {
    let bits = (0..u64::BITS).map(|place| Flags::from_bits_retain(1 << place));
    Joined(" or ", bits.filter(move |flag| flags.contains(*flag)))
}

/// The columns of the table of flags.
const OF_FLAGS: [Column; 5] = [
    Column::text("flag"),
    Column::text("bit"),
    Column::text("calls").leaves(1),
    Column::text("since").leaves(2),
    Column::prose("meaning"),
];

/// Writes the table of all flags.
pub fn list_of_flags(out: &mut dyn Sink) {
    table(out, &OF_FLAGS, &|row| {
        for flag in FLAGS {
            let name = ("CLONE_", flag.name);
            row(&[&name, &Hex(flag.bit.bits()), &calls(flag.calls), &flag.since, &flag.about]);
        }
    });
    paragraph(
        out,
        "The calls that take a flag: \"all\" are clone(2), clone3(2) and unshare(2), \"both\" the first two, \
         \"not clone\" the last two. Since: the first kernel with the flag.",
    );
}

/// Writes what is expected of a call, the reason, and what helps.
pub fn verdict(out: &mut dyn Sink, call: &Call, predicted: Prediction, advice: &Advice) {
    let style = if predicted.expected == Expected::Made { Style::Good } else { Style::Bad };
    let answer = Styled(style, predicted.expected);
    let text = With(|out: &mut dyn Sink| out!(out, InShort(call), ": ", answer));
    out!(out, Wrapped { text, indent: 4 }, "\n");
    if call.exit_signal != 0 && call.exit_signal == Call::usual(call.api, call.flags).exit_signal {
        // The call shows the signal, but not where it comes from.
        out!(out, "  exit signal: ", ExitSignal(call.exit_signal), ", the default\n");
    }
    if let Some(rule) = predicted.rule() {
        out!(out, "  rule: ", rule.id, ", checked in ", rule.source, "\n");
    }
    advice::lines(out, call, advice);
}
