//! The lines of `check`: KTAP version 1.

use crate::check::case::{Answer, Case};
use crate::check::judge::{Outcome, Tally};
use crate::check::leaf::{Leaf, Name};
use crate::check::skip::Skip;
use crate::clone::flags::FLAGS;
use crate::report::show::{ExitSignal, Name as ErrnoName};
use crate::rules::rule::RULES;
use crate::text::{Show, Sink, out};

/// Writes the lines of a leaf.
pub fn leaf(out: &mut dyn Sink, number: usize, leaf: &Leaf, tally: &Tally) {
    for case in tally.deviations.iter().flatten() {
        out!(out, "    # case", case, "\n");
    }
    let word = if tally.outcome() == Outcome::Failed { "not ok " } else { "ok " };
    out!(out, "    ", word, number, " ", leaf.name);
    if let (Outcome::Skipped, Some(skip)) = (tally.outcome(), tally.skip) {
        out!(out, " # SKIP ", skip);
    }
    out!(out, "\n");
}

impl Show for Name {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, self.word);
        let Some(bit) = self.flag else { return };
        if !self.word.is_empty() {
            out!(out, ".");
        }
        // Ids of tests have small letters.
        let name = FLAGS.iter().find(|flag| flag.bit == bit).map_or("", |flag| flag.name);
        name.bytes().for_each(|letter| out.put(&[letter.to_ascii_lowercase()]));
    }
}

impl Show for Skip {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Filter => out!(out, "masked by a filter"),
            Self::Rights => out!(out, "needs more rights"),
            Self::UserNamespaces => out!(out, "user namespaces are refused"),
            Self::Limit => out!(out, "a limit is reached"),
            Self::Since(version) => out!(out, "since Linux ", *version),
            Self::Until(version) => out!(out, "only before Linux ", *version),
            Self::NotHere => out!(out, "nothing here provokes it"),
            Self::Cgroup => out!(out, "needs a prepared cgroup"),
            Self::Proc => out!(out, "needs proc of this PID namespace"),
            Self::NoWitness => out!(out, "cannot be seen here"),
            Self::NoSecond => out!(out, "the second fault is none here"),
        }
    }
}

impl Show for Answer {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Ok => out!(out, "OK"),
            Self::Refused(errno) => out!(out, ErrnoName(*errno)),
            Self::Seen => out!(out, "seen"),
            Self::NotSeen => out!(out, "not-seen"),
            Self::Number(number) => out!(out, *number),
            Self::Killed(signal) => out!(out, *signal),
            Self::Hung => out!(out, "hung"),
            Self::Unknown => out!(out, "unknown"),
        }
    }
}

impl Show for Case {
    fn show(&self, out: &mut dyn Sink) {
        if let Some(asked) = self.asked {
            out!(
                out,
                " call=",
                asked.api.name(),
                " flags=",
                asked.flags,
                " exit_signal=",
                ExitSignal(asked.exit_signal)
            );
        }
        match (self.taken_step(), self.resource()) {
            (Some(step), _) => out!(out, " step=", step.name()),
            (_, Some(resource)) => out!(out, " effect=", resource.prefix(), resource.flag),
            _ => out!(out, " ", self.what.name(), "=", self.value),
        }
        out!(out, " want=", self.want, " got=", self.got);
        if let Some(rule) = self.rule.and_then(|rule| RULES.get(rule)) {
            out!(out, " rule=", rule.id);
        }
    }
}
