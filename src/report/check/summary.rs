//! The page of `check --summary`: the groups with their counts, and what deviates, in words.

use super::head::Head;
use super::ktap::seconds;
use super::sentence::Sentence;
use super::{Plan, Report, Total};
use crate::check::case::{Answer, Case};
use crate::check::group::Group;
use crate::check::judge::{Outcome, Tally};
use crate::check::leaf::Leaf;
use crate::check::sum::Sum;
use crate::text::table::{Column, table};
use crate::text::{Sink, Style, Styled, With, Wrapped, out, paragraph};

/// How many sentences about deviations the page has room for.
const ROOM: usize = 32;

/// The columns of the head.
const OF_HEAD: [Column; 2] = [Column::text(""), Column::prose("")];

/// The columns of the table of groups.
const OF_GROUPS: [Column; 7] = [
    Column::text("group"),
    Column::number("asked"),
    Column::number("right"),
    Column::number("otherwise"),
    Column::number("not judged"),
    Column::number("seconds").leaves(2),
    Column::prose("what is asked").leaves(1),
];

/// A sentence, and for how many leaves it stands.
#[derive(Clone, Copy)]
struct Entry {
    group: &'static Group,
    /// The first leaf, and the number of the last.
    leaf: Leaf,
    last: usize,
    case: Case,
    /// How many leaves of the group have a case like this.
    leaves: usize,
}

impl Entry {
    /// Whether another case of the group would be told in the same words, but for its flags.
    fn is_like(&self, group: &'static Group, case: &Case) -> bool {
        let Case { asked, what, value, want, got, rule } = self.case;
        let is_of_flag = matches!(got, Answer::Seen | Answer::NotSeen);
        let is_same_call = match (asked, case.asked) {
            (Some(own), Some(other)) if !is_of_flag => own.api == other.api,
            (own, other) => own == other,
        };
        let others = (case.what, case.value, case.want, case.got, case.rule);
        core::ptr::eq(self.group, group) && is_same_call && (what, value, want, got, rule) == others
    }
}

/// The report, which keeps what deviates until the page is written.
#[derive(Default)]
pub struct Summary {
    entries: [Option<Entry>; ROOM],
    /// How many other sentences there was no room for.
    more: usize,
}

impl Report for Summary {
    fn leaf(&mut self, _: &mut dyn Sink, group: &'static Group, number: usize, leaf: &Leaf, tally: &Tally) {
        for case in tally.deviations.iter().flatten() {
            let is_its = |place: &&mut Option<Entry>| place.is_none_or(|entry| entry.is_like(group, case));
            match self.entries.iter_mut().find(is_its) {
                Some(Some(entry)) => {
                    entry.leaves += usize::from(entry.last != number);
                    entry.last = number;
                }
                Some(place) => *place = Some(Entry { group, leaf: *leaf, last: number, case: *case, leaves: 1 }),
                None => self.more += 1,
            }
        }
    }

    fn end(&mut self, out: &mut dyn Sink, plan: &Plan, total: &Total) {
        head(out, &plan.head);
        groups(out, total);
        total.each().for_each(|(group, sum)| unjudged(out, group, sum));
        self.deviations(out);
        verdict(out, &total.all);
    }
}

impl Summary {
    /// Writes what deviates.
    fn deviations(&self, out: &mut dyn Sink) {
        for entry in self.entries.iter().flatten() {
            let text = With(|out: &mut dyn Sink| {
                out!(out, Styled(Style::Bad, (entry.group.name, " ", entry.leaf.name)), ": ");
                out!(out, Sentence(&entry.leaf, &entry.case));
                match entry.leaves - 1 {
                    0 => {}
                    1 => out!(out, "; and so in another leaf"),
                    more => out!(out, "; and so in ", more, " other leaves"),
                }
            });
            out!(out, "  ", Wrapped { text, indent: 4 }, "\n");
        }
        if self.more > 0 {
            paragraph(out, 2, ("and ", self.more, " other deviations: see the output without --summary"));
        }
    }
}

/// Writes where the kernel was asked.
fn head(out: &mut dyn Sink, head: &Head) {
    table(out, &OF_HEAD, &|row| head.each(&mut |name, value| row(&[&name, &value])));
    out!(out, "\n");
}

/// Writes what came of each group.
fn groups(out: &mut dyn Sink, total: &Total) {
    table(out, &OF_GROUPS, &|row| {
        let mut line = |name: &str, about: &str, sum: &Sum| {
            let unjudged = sum.cases - sum.right - sum.wrong;
            let style = if sum.wrong > 0 { Style::Bad } else { Style::Plain };
            let (asked, wrong) = (sum.right + sum.wrong, Styled(style, sum.wrong));
            row(&[&name, &asked, &sum.right, &wrong, &unjudged, &seconds(sum.time), &about]);
        };
        total.each().for_each(|(group, sum)| line(group.name, group.about, sum));
        line("all", "", &total.all);
    });
    out!(out, "\n");
}

/// Writes why cases of a group could not be judged.
fn unjudged(out: &mut dyn Sink, group: &Group, sum: &Sum) {
    let left = sum.cases - sum.asked();
    if sum.unjudged + left == 0 {
        return;
    }
    let text = With(|out: &mut dyn Sink| {
        out!(out, Styled(Style::Doubtful, ("not judged in ", group.name)), ": ");
        let mut glue = "";
        for (skip, cases) in sum.skips.iter().flatten() {
            out!(out, core::mem::replace(&mut glue, "; "), *cases, " ", *skip);
        }
        if left > 0 {
            out!(out, glue, left, " not asked, because others did not come to an end");
        }
    });
    out!(out, "  ", Wrapped { text, indent: 4 }, "\n");
}

/// Writes the verdict.
fn verdict(out: &mut dyn Sink, all: &Sum) {
    let text = With(|out: &mut dyn Sink| match all.outcome() {
        Outcome::Passed => {
            out!(out, Styled(Style::Good, "as the rules say"), " in all ", all.right, " cases that could be judged");
        }
        Outcome::Failed => {
            out!(out, Styled(Style::Bad, "otherwise"), " in ", all.wrong, " of ", all.right + all.wrong, " cases");
        }
        Outcome::Skipped => out!(out, Styled(Style::Doubtful, "unknown"), ": no case could be judged here"),
    });
    out!(out, Wrapped { text: ("verdict: ", text), indent: 2 }, "\n");
}
