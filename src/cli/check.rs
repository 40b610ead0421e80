//! `chimera check`: asks whether this kernel keeps the rules, and honours what it accepts.

use super::command::{Command, Example, Group as Heading};
use super::common::{alone, board, fail};
use super::form::{Known, Opt, Section, Values};
use super::merge::merge;
use super::misuse::{Misuse, keep};
use super::options::{Options, Program, Word};
use super::status::Status;
use super::sweep;
use super::words::Words;
use crate::board::Board;
use crate::board::record::{Checking, Experiment};
use crate::check::ground::Ground;
use crate::check::group::{GROUPS, Group};
use crate::check::sum::{self, Sum};
use crate::check::worker;
use crate::error::{At, Failure, Step};
use crate::host::filter;
use crate::host::proc::Own;
use crate::report::check::head::Head;
use crate::report::check::ktap::Ktap;
use crate::report::check::objects::{self, Objects};
use crate::report::check::progress::Progress;
use crate::report::check::summary::Summary;
use crate::report::check::{Plan, Report, Total, list};
use crate::report::page::{Console, Page};
use crate::sys::clock::now;
use crate::sys::control;
use crate::sys::initial::InitialStack;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `--summary`
    Summary,
    /// `--json`
    Json,
    /// `--list`
    List,
    /// `--merge`
    Merge,
    /// An option about all sets.
    Sweep(sweep::Id),
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[
    Section {
        title: "options",
        options: &[
            Opt::flag("--summary", Id::Summary, "for people: one page of groups, and what deviates, in words"),
            Opt::json(
                Id::Json,
                "for programs: one object a leaf, after one for the place and before one for the totals",
            ),
            Opt::flag("--list", Id::List, "asks nothing: lists groups and leaves; with --json their flags too"),
        ],
    },
    Section {
        title: "all sets, instead of groups",
        options: &[
            Opt::flag(
                "--sweep",
                Id::Sweep(sweep::Id::Sweep),
                "asks clone(2) all 16777216 sets of its flags; takes ten minutes to an hour",
            ),
            Opt::flag(
                "--no-netns",
                Id::Sweep(sweep::Id::NoNetns),
                "only the sets without CLONE_NEWNET, which take a third of the time",
            ),
            Opt::value(
                "--shard",
                sweep::SHARD,
                Id::Sweep(sweep::Id::Shard),
                "asks only share K of N equal shares, counted from 0",
            ),
            Opt::value(
                "--from",
                sweep::FROM,
                Id::Sweep(sweep::Id::From),
                "only the sets from this position of the order on",
            ),
            Opt::value("--jobs", sweep::JOBS, Id::Sweep(sweep::Id::Jobs), "how many processes ask at once")
                .default("1"),
            Opt::flag(
                "--verdicts",
                Id::Sweep(sweep::Id::Verdicts),
                "makes no task, and takes less time: for a process that is alone in a cgroup with a pids.max of 1, \
                 where EAGAIN stands for an accepted set",
            ),
            Opt::flag(
                "--merge",
                Id::Merge,
                "asks nothing: adds up the sweeps in FILE.., which must come from one kernel and together have all sets",
            ),
        ],
    },
];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "check",
    group: Heading::Calls,
    purpose: "does this kernel keep the rules, and honour what it accepts?",
    about: "\
Asks the kernel many thousand calls of clone(2) and clone3(2), compares each answer with the rules, and looks whether the \
flags do what they are for. It writes KTAP, the format of the kernel's own tests: a group is a test, with a line for each of \
its leaves. What a filter, a missing right or an older kernel forbids is skipped, and is no failure.",
    usage: "[GROUP..] [OPTION..] | --merge FILE..",
    operands: "\
GROUP is one of the groups that --list shows, or all. Without GROUP every group runs except those that --list marks \
`only if it is named`. Groups run in the order of the list, each once. With --merge, each FILE has the output of one sweep or \
more, and - is standard input.",
    operand: Some(Values::named("GROUP").with(&NAMES).of(Known::Files)),
    options: &OPTIONS,
    examples: &[
        Example("check pairs", "all sets of two flags"),
        Example("check pairs --summary", "the same for people"),
        Example("check --list", "what is asked"),
        Example("check --sweep --shard 5/4096", "a small share of all sets"),
    ],
    statuses: &[
        ("0", "all is right, or was skipped"),
        ("1", "something is otherwise, files are not added up, or chimera failed"),
        ("2", "the command line is wrong"),
        ("4", "nothing could be tested"),
    ],
    program: Program::Nowhere,
    run: command,
};

/// What stands for all groups, also those that otherwise run only if they are named.
const ALL: &str = "all";

/// The names of all groups.
const NAMES: [&str; GROUPS.len() + 1] = {
    let mut names = [ALL; GROUPS.len() + 1];
    let mut place = 0;
    while place < GROUPS.len() {
        names[place] = GROUPS[place].name;
        place += 1;
    }
    names
};

/// Which groups.
type Chosen = [bool; GROUPS.len()];

/// The parsed words.
struct Asked {
    /// The groups that were named.
    named: Chosen,
    lists: bool,
    /// Whether the words are files to be added up.
    merges: bool,
    /// The form of the output that is not the usual one, and its option.
    form: Option<(Id, &'static str)>,
    /// The options about all sets.
    sweep: sweep::Asked,
}

/// `check`.
pub fn command(console: &mut Console, _: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let asked = parse(words.clone())?;
    let sweep = asked.sweep.checked()?;
    if asked.merges {
        return Ok(merge(console, plain(words)) as i32);
    }
    if asked.lists {
        show_list(&mut console.out, &asked);
        return Ok(Status::Proven as i32);
    }
    if let Some(sweep) = sweep {
        return Ok(alone(console, Status::Failed as i32, |console| sweep::start(console, &sweep) as i32));
    }
    Ok(alone(console, Status::Failed as i32, |console| start(console, &asked) as i32))
}

/// Parses the words.
fn parse(words: Words) -> Result<Asked, Misuse<'static>> {
    let merges = given(words.clone()).any(|word| matches!(word, Ok(Word::Option(Id::Merge, _))));
    let mut asked = Asked { named: [false; _], lists: false, merges, form: None, sweep: sweep::Asked::default() };
    for word in given(words.clone()) {
        match word? {
            Word::Option(Id::Merge, _) => {}
            Word::Plain(_) if merges => {}
            Word::Option(Id::List, _) => asked.lists = true,
            Word::Option(id @ (Id::Summary | Id::Json), given) => keep(&mut asked.form, id, given.form.long)?,
            Word::Option(Id::Sweep(id), given) => asked.sweep.take(id, given)?,
            Word::Plain(word) if word == ALL.as_bytes() => asked.named = [true; _],
            Word::Plain(word) => match GROUPS.iter().position(|group| group.name.as_bytes() == word) {
                Some(place) => asked.named[place] = true,
                None => return Err(Misuse::none_of("group", word, &NAMES)),
            },
        }
    }
    if asked.lists && asked.form.is_some_and(|(form, _)| form == Id::Summary) {
        return Err(Misuse::Excludes("--summary", "--list"));
    }
    if asked.sweep.is_asked() {
        let others = [
            (merges, "--merge"),
            (asked.lists, "--list"),
            (asked.has(Id::Json), "--json"),
            (asked.has(Id::Summary), "--summary"),
            (asked.named.contains(&true), "GROUP"),
        ];
        if let Some((_, other)) = others.iter().find(|(is_there, _)| *is_there) {
            return Err(Misuse::Excludes("--sweep", other));
        }
    }
    match asked.form {
        Some((_, option)) if merges => Err(Misuse::Excludes(option, "--merge")),
        _ if merges && asked.lists => Err(Misuse::Excludes("--list", "--merge")),
        _ if merges && plain(words).next().is_none() => Err(Misuse::Missing("FILE")),
        _ => Ok(asked),
    }
}

/// All words.
fn given(words: Words) -> Options<'static, Id, Words> {
    Options::new(OPTIONS, Program::Nowhere, words)
}

/// The words that are no options.
fn plain(words: Words) -> impl Iterator<Item = &'static [u8]> {
    given(words).filter_map(|word| if let Ok(Word::Plain(word)) = word { Some(word) } else { None })
}

impl Asked {
    /// The groups that were named, or those of `usual` if none was.
    fn chosen(&self, usual: fn(&Group) -> bool) -> Chosen {
        if self.named.contains(&true) { self.named } else { GROUPS.each_ref().map(usual) }
    }

    /// Whether the output has this form.
    fn has(&self, form: Id) -> bool {
        self.form.is_some_and(|(asked, _)| asked == form)
    }
}

/// Lists the groups, and their leaves.
fn show_list(out: &mut Page, asked: &Asked) {
    let chosen = asked.chosen(|_| true);
    for (group, _) in GROUPS.iter().zip(chosen).filter(|(_, is_chosen)| *is_chosen) {
        match asked.has(Id::Json) {
            true => group.leaves().for_each(|leaf| objects::listed(out, group, &leaf)),
            false => list::group(out, group),
        }
    }
}

/// Prepares the check, and runs it. The caller has no other children.
fn start(console: &mut Console, asked: &Asked) -> Status {
    filter::avoid_deadly_calls(&Own::read());
    let Some((board, laboratory)) = board(console).zip(board(console)) else { return Status::Failed };
    // If refused, process 1 reaps orphans.
    let _ = control::reap_orphans(true);
    let plan = Plan { chosen: asked.chosen(|group| group.is_usual), head: Head::look() };
    let (mut ktap, mut objects, mut summary) = (Ktap, Objects, Summary::default());
    let report: &mut dyn Report = match asked.form {
        Some((Id::Json, _)) => &mut objects,
        Some((Id::Summary, _)) => &mut summary,
        _ => &mut ktap,
    };
    let mut progress = Progress::begin(&mut console.err, plan.cases(), "cases");
    report.begin(&mut console.out, &plan);
    let total = check(console, report, &mut progress, &plan, board, laboratory);
    progress.remove(&mut console.err);
    match total {
        Ok(total) => {
            report.end(&mut console.out, &plan, &total);
            Status::of_check(total.all.outcome())
        }
        Err(failure) => {
            report.give_up(&mut console.out, failure);
            fail(console, failure, Status::Failed as i32);
            Status::Failed
        }
    }
}

/// Runs the groups.
fn check(
    console: &mut Console,
    report: &mut dyn Report,
    progress: &mut Progress,
    plan: &Plan,
    board: Board<Checking>,
    laboratory: Board<Experiment>,
) -> Result<Total, Failure> {
    let ground = Ground::look();
    let mut total = Total { groups: [None; _], all: Sum::default(), peak: None };
    for ((place, group), number) in plan.groups().zip(1..) {
        let mut sum = Sum::default();
        progress.remove(&mut console.err);
        report.group(&mut console.out, group);
        for (leaf, number) in group.leaves().zip(1..) {
            progress.show(&mut console.err, group.name, total.all.cases + sum.cases);
            let begun = now().at(Step::Clock)?;
            let tally = worker::run(&leaf, &ground, board, laboratory)?;
            let ended = now().at(Step::Clock)?;
            sum.add(leaf.cases, &tally, ended.saturating_sub(begun));
            progress.remove(&mut console.err);
            report.leaf(&mut console.out, group, number, &leaf, &tally);
        }
        report.end_group(&mut console.out, number, group, &sum);
        total.all.merge(&sum);
        total.groups[place] = Some(sum);
    }
    total.peak = sum::peak();
    Ok(total)
}
