//! What sweeps have found together, as KTAP; and why they are not added up.

use super::ktap::result;
use super::sweep::{NAME, claim};
use crate::check::merge::fault::{Fault, Place, Refusal};
use crate::check::merge::gap::{Share, shares};
use crate::check::merge::head::About;
use crate::check::merge::union::{LONGEST, Total};
use crate::check::sweep::Space;
use crate::clone::flags::By;
use crate::report::rules::Why;
use crate::rules::rule::RULES;
use crate::text::{Joined, Outside, Show, Sink, With, out};
use core::ops::Range;

/// How many gaps, and how many sweeps that ask their sets, are told.
const ROOM: usize = 8;

/// The longest part of a line that is shown, in bytes.
const SHOWN: usize = 60;

/// The files, as the command line names them.
#[derive(Clone, Copy)]
pub struct Files<'a>(pub &'a [&'a [u8]]);

impl<'a> Files<'a> {
    /// The name of a file.
    fn name(self, file: usize) -> impl Show + 'a {
        With(move |out: &mut dyn Sink| match self.0.get(file).copied() {
            Some(b"-") | None => "standard input".show(out),
            Some(name) => Outside(name).show(out),
        })
    }

    /// A line of a file.
    fn line(self, at: Place) -> impl Show + 'a {
        (self.name(at.file), " line ", at.line)
    }

    /// An output, by its first line, which goes without saying if it is the first of the file.
    fn output(self, at: Place) -> impl Show + 'a {
        With(move |out: &mut dyn Sink| match at.line {
            1 => out!(out, self.name(at.file)),
            _ => out!(out, self.line(at)),
        })
    }
}

/// Writes the sum.
pub fn write(out: &mut dyn Sink, total: &Total, files: Files) {
    out!(out, "KTAP version 1\n");
    About::ALL.iter().for_each(|about| out!(out, "# ", about.name(), ": ", Plain(total.says(*about)), "\n"));
    out!(out, "1..1\n");
    for leaf in &total.otherwise {
        out!(out, "# disagree ", leaf.disagree, " of sets ", Sets(&leaf.sets), ": ", files.line(leaf.at), "\n");
    }
    if total.more > 0 {
        out!(out, "# disagree in ", total.more, if total.more == 1 { " more leaf\n" } else { " more leaves\n" });
    }
    result(out, total.tally.outcome(), 1, &NAME, None);
    for (rule, count) in RULES.iter().zip(total.tally.refused).filter(|(_, count)| *count > 0) {
        out!(out, "# refused ", count, " by ", rule.id, ": ", Whys(rule.id), "\n");
    }
    claim(out, &total.tally);
}

/// Bytes that were found to be plain text.
struct Plain<'a>(&'a [u8]);

impl Show for Plain<'_> {
    fn show(&self, out: &mut dyn Sink) {
        out.put(self.0);
    }
}

/// What the rules of clone(2) with this number say.
struct Whys(&'static str);

impl Show for Whys {
    fn show(&self, out: &mut dyn Sink) {
        let rules = RULES.iter().filter(|rule| rule.id == self.0 && rule.calls.contains(&By::Clone));
        Joined("; or ", rules.map(Why)).show(out);
    }
}

/// The positions of sets: of the first and of the last.
struct Sets<'a>(&'a Range<usize>);

impl Show for Sets<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Range { start, end } = *self.0;
        match end - 1 {
            last if last == start => start.show(out),
            last => out!(out, start, "-", last),
        }
    }
}

/// Why outputs are not added up.
pub struct Told<'a>(pub &'a Refusal, pub Files<'a>);

impl Show for Told<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Self(refusal, files) = self;
        match refusal {
            Refusal::Line(at, fault) => {
                out!(out, files.line(*at), ": ");
                self.fault(out, fault);
            }
            Refusal::Ends(at @ Place { line: 0, .. }) => {
                out!(out, files.name(at.file), ": there is no whole line in it")
            }
            Refusal::Ends(at) => out!(out, files.line(*at), ": an output ends here, and its head is not whole"),
            Refusal::Overlap(sets, [one, other]) => {
                out!(out, "sets ", Sets(sets), " were asked twice, in ", files.output(*one), " and in ");
                out!(out, files.output(*other));
            }
            Refusal::Gaps(_, gaps) => {
                let shown = gaps.get(..ROOM).unwrap_or(gaps);
                out!(out, "no file has the sets ", Joined(", ", shown.iter().map(Sets)));
                if let more @ 1.. = gaps.len() - shown.len() {
                    out!(out, ", nor those of ", more, if more == 1 { " more gap" } else { " more gaps" });
                }
            }
        }
    }
}

impl Told<'_> {
    /// Writes what is wrong with a line.
    fn fault(&self, out: &mut dyn Sink, fault: &Fault) {
        match fault {
            Fault::NotFirst(line) => out!(out, "no output of check --sweep begins with ", Quoted(line)),
            Fault::Strange(line) => out!(out, "an output of check --sweep has no ", Quoted(line), " in this place"),
            Fault::Long => out!(out, "it has more than ", LONGEST, " bytes"),
            Fault::Binary => out!(out, "it is not plain text"),
            Fault::Missing(about) => out!(out, "the head ends here, and no line of it says '", about.name(), "'"),
            Fault::Twice(about) => out!(out, "the head says '", about.name(), "' a second time"),
            Fault::NoSpace(name) => out!(out, "there is no space ", Quoted(name)),
            Fault::Differs(about, own, file, first) => {
                out!(out, about.name(), " is '", Plain(own), "', and in ", self.1.name(*file), " '", Plain(first), "'");
            }
            Fault::NoRule(id) => out!(out, "clone(2) has no rule ", Quoted(id)),
            Fault::Sets => out!(out, "the sets do not follow those before, or this space has none of them"),
            Fault::Asked => out!(out, "asked is not the number of these sets"),
            Fault::Answers => out!(out, "accepted, refused, disagree and unknown do not add up to asked"),
            Fault::Refused => out!(out, "the rules do not add up to refused"),
            Fault::Result => out!(out, "it is not the result of what stands above it"),
            Fault::Sums => out!(out, "the numbers are not the sums of those above"),
        }
    }
}

/// A plain text, of which a long one is not shown whole.
struct Quoted<'a>(&'a [u8]);

impl Show for Quoted<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let shown = self.0.get(..SHOWN).unwrap_or(self.0);
        out!(out, "'", Outside(shown), if shown.len() < self.0.len() { ".." } else { "" }, "'");
    }
}

/// Passes on each command line that asks sets which no output has: a few, if there are many.
pub fn each_remedy(refusal: &Refusal, visit: &mut dyn FnMut(&dyn Show)) {
    let Refusal::Gaps(space, gaps) = refusal else { return };
    let shares = gaps.iter().flat_map(|gap| shares(*space, gap.clone()));
    shares.take(ROOM).for_each(|share| visit(&Sweep(*space, share)));
}

/// The command line that asks a part of a space.
struct Sweep(Space, Share);

impl Show for Sweep {
    fn show(&self, out: &mut dyn Sink) {
        let Self(space, Share { shard, of, from, .. }) = self;
        out!(out, "chimera check --sweep", if *space == Space::WithoutNet { " --no-netns" } else { "" });
        if *of > 1 {
            out!(out, " --shard ", *shard, "/", *of);
        }
        if let Some(from) = from {
            out!(out, " --from ", *from);
        }
    }
}
