//! `chimera inspect`: what existing tasks share. Other tasks are only read.

use super::command::{Command, Example, Group};
use super::form::{Known, Opt, Section, Values};
use super::misuse::{Misuse, keep};
use super::options::{Options, Program, Word};
use super::output::Output;
use super::refusal::{self, About};
use super::status::Status;
use super::words::Words;
use crate::error::{At, Failure, Step};
use crate::host::filter;
use crate::host::proc::Own;
use crate::inspect::choice::{self, Choice, Missing, Named};
use crate::inspect::files::Files;
use crate::inspect::scan::Scan;
use crate::report::inspect::picture::{self, Syntax};
use crate::report::inspect::{all, files, json, page, pair, svg};
use crate::report::page::{Console, Page};
use crate::report::picture::Language;
use crate::report::show::Name;
use crate::sys::Pid;
use crate::sys::initial::InitialStack;
use crate::text::out;
use crate::text::read::{leading, number};
use alloc::vec::Vec;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Id {
    All,
    Tree,
    Threads,
    Files,
    Output(Output),
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[
    Section {
        title: "which tasks",
        options: &[
            Opt::flag("--all", Id::All, "a summary of the machine").letter(b'a'),
            Opt::value("--tree", TASK, Id::Tree, "a process and its descendants").letter(b'T'),
        ],
    },
    Section {
        title: "what is shown",
        options: &[
            Opt::flag("--threads", Id::Threads, "a line for every thread").letter(b't'),
            Opt::flag("--files", Id::Files, "which open files are shared, too"),
            Opt::json(Id::Output(Output::Json), "for programs: one object a task, and a last one"),
            Opt::flag(
                "--svg",
                Id::Output(Output::Picture(Language::Svg)),
                "who shares what, as a picture; of two PIDs: what both share and what is their own",
            ),
            Opt::flag("--dot", Id::Output(Output::Picture(Language::Dot)), "the same as a graph for dot(1)"),
            Opt::flag(
                "--mermaid",
                Id::Output(Output::Picture(Language::Mermaid)),
                "the same as a flow chart for Mermaid",
            ),
            Opt::flag("--graph", Id::Output(Output::Picture(Language::Text)), "with two PIDs: the same, drawn in text"),
        ],
    },
];

/// A task.
const TASK: Values =
    Values::new("PID", "a task's id from 1 to 2147483647, or ID:INODE with that of its pidfd").of(Known::Tasks);

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "inspect",
    group: Group::Measures,
    purpose: "what existing tasks share",
    about: "\
Shows what existing tasks share: memory, open files, directories, signal handlers, semaphore undos, I/O contexts and \
namespaces. Other tasks are only read: none is stopped, signalled or changed. Memory counts as shared if it is one \
address space; pages that two address spaces have in common do not count.",
    usage: "[PID..] [OPTION..]",
    operands: "\
PID is a process or a thread; with PID:INODE, the inode of its pidfd, no later task with the same id is meant. Tasks that \
share something with it are shown too. Without PID the tasks are those of the caller's session.",
    operand: Some(TASK),
    options: &OPTIONS,
    examples: &[
        Example("inspect", "the processes of this session"),
        Example("inspect --tree $$", "the shell and what it has started"),
        Example("inspect --all", "who shares anything on this machine"),
        Example("inspect $$ --json", "the shell, for a program"),
    ],
    statuses: &[
        ("0", "all named tasks were seen"),
        ("1", "a step failed"),
        ("2", "the command line is wrong"),
        ("4", "a named task could not be seen"),
    ],
    program: Program::Nowhere,
    run: command,
};

/// What was asked for.
struct Request {
    choice: Choice,
    /// What is written instead of the page.
    output: Option<Output>,
    each: bool,
    with_files: bool,
}

/// Scans, and reports.
pub fn command(console: &mut Console, _: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let request = parse(words)?;
    filter::avoid_deadly_calls(&Own::read());
    let (scan, files) = match look(&request) {
        Ok(found) => found,
        Err(failure) => {
            refusal::explain(console, About::Nothing, failure);
            return Ok(Status::Failed as i32);
        }
    };
    show(&mut console.out, &scan, files.as_ref(), &request);
    let mut status = Status::Proven;
    for named in request.choice.named() {
        if let Some(missing) = choice::missing(&scan, *named) {
            explain(&mut console.err, *named, missing);
            status = Status::Skipped;
        }
    }
    Ok(status as i32)
}

/// Takes the scan, and compares the open files if that was asked for.
fn look(request: &Request) -> Result<(Scan, Option<Files>), Failure> {
    let mut scan = Scan::take(&request.choice, request.output == Some(Output::Json))?;
    let files = request.with_files.then(|| Files::read(&mut scan).at(Step::ReadTask)).transpose()?;
    Ok((scan, files))
}

/// Parses the words; an error is the word that makes no sense.
fn parse(words: Words) -> Result<Request, Misuse<'static>> {
    let (mut choice, mut output) = (None, None);
    let (mut each, mut with_files) = (false, false);
    let mut named = Vec::new();
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        match word? {
            Word::Option(Id::Threads, _) => each = true,
            Word::Option(Id::Files, _) => with_files = true,
            Word::Option(Id::All, all) => keep(&mut choice, Choice::All, all.form.long)?,
            Word::Option(Id::Tree, tree) => {
                let task = task(tree.text()).ok_or(tree.wrong())?;
                keep(&mut choice, Choice::Tree(task), tree.form.long)?;
            }
            Word::Option(Id::Output(asked), given) => keep(&mut output, asked, given.form.long)?,
            Word::Plain(word) => named.push(task(word).ok_or(Misuse::Value("PID", TASK, word))?),
        }
    }
    if !named.is_empty() {
        keep(&mut choice, Choice::Named(named), "PID")?;
    }
    let is_pair = matches!(&choice, Some((Choice::Named(named), _)) if two(named).is_some());
    match (&choice, &output) {
        (_, Some((Output::Picture(Language::Text), option))) if !is_pair => {
            return Err(Misuse::Needs(option, "two different PIDs"));
        }
        (Some((Choice::All, option)), _) | (_, Some((_, option))) if each => {
            return Err(Misuse::Excludes("--threads", option));
        }
        (_, Some((Output::Picture(_), option))) if with_files => return Err(Misuse::Excludes("--files", option)),
        _ => {}
    }
    let choice = choice.map_or(Choice::Session, |(choice, _)| choice);
    Ok(Request { choice, output: output.map(|(output, _)| output), each, with_files })
}

/// Two tasks that are named, and no third.
fn two(named: &[Named]) -> Option<[Named; 2]> {
    <[Named; 2]>::try_from(named).ok().filter(|[one, other]| one.tid != other.tid)
}

/// Parses PID or PID:INODE.
fn task(word: &[u8]) -> Option<Named> {
    let (tid, rest) = leading(word, 10)?;
    let inode = match rest {
        [] => None,
        [b':', digits @ ..] if !digits.starts_with(b"0x") => Some(number(digits)?),
        _ => return None,
    };
    Some(Named { tid: Pid::new(tid)?, inode })
}

/// Prints the scan.
fn show(out: &mut Page, scan: &Scan, list: Option<&Files>, request: &Request) {
    let is_empty = !scan.shown.contains(&true) && !request.choice.named().is_empty();
    match (request.output, &request.choice) {
        // Of each that was named it is told why it is missing.
        (None, _) if is_empty => return,
        (Some(Output::Json), _) => return json::write(out, scan, list),
        (Some(Output::Picture(language)), choice) => return draw(out, scan, choice, language),
        (None, Choice::All) => all::write(out, scan),
        (None, choice) => {
            let is_tree = matches!(choice, Choice::Tree(_));
            page::write(out, scan, page::Form { is_tree, each: request.each });
        }
    }
    if let Some(list) = list {
        files::write(out, scan, list);
    }
}

/// Draws the scan: two tasks that were named beside each other, and otherwise all.
fn draw(out: &mut Page, scan: &Scan, choice: &Choice, language: Language) {
    let pair = two(choice.named()).map(|pair| pair.map(|named| choice::find(scan, named)));
    match (pair, language) {
        (Some([Some(one), Some(other)]), _) => {
            pair::write(out, scan, [one, other].map(|task| &scan.tasks[task]), language)
        }
        (_, Language::Svg) => svg::write(out, scan),
        (_, Language::Dot) => picture::write(out, scan, Syntax::Dot),
        (_, Language::Mermaid) => picture::write(out, scan, Syntax::Mermaid),
        // Of each that was named it is told why it is missing.
        (_, Language::Text) => {}
    }
}

/// Says why a named task is not shown, or not all of it.
fn explain(page: &mut Page, named: Named, missing: Missing) {
    out!(page, "chimera: inspect ", named.tid);
    if let Some(inode) = named.inode {
        out!(page, ":", inode);
    }
    match missing {
        Missing::NoTask => out!(page, ": there is no such task"),
        Missing::Hidden => out!(page, ": /proc hides it, by its mount option hidepid"),
        Missing::OtherInode(inode) => out!(page, ": another task has this id now, with the inode ", inode),
        Missing::NoInodes => out!(page, ": pidfds have inodes since Linux 6.9"),
        Missing::Ended => out!(page, ": it ended during the scan"),
        Missing::Unseen(unseen) => {
            out!(page, ": ", Name(unseen.errno));
            if let Some(cause) = unseen.cause {
                out!(page, ": ", cause.text());
            }
        }
    }
    out!(page, "\n");
}
