//! `chimera inspect`: what existing tasks share. Other tasks are only read.

use super::command::{Command, Example};
use super::options::{Misuse, Opt, Options, Word};
use super::refusal::{self, About};
use super::status::Status;
use crate::error::{At, Failure, Step};
use crate::host::filter;
use crate::host::proc::Own;
use crate::inspect::choice::{self, Choice, Missing, Named};
use crate::inspect::files::Files;
use crate::inspect::scan::Scan;
use crate::report::inspect::picture::{self, Language};
use crate::report::inspect::{all, files, json, page};
use crate::report::page::{Console, Page};
use crate::report::show::Name;
use crate::sys::Pid;
use crate::sys::initial::{InitialStack, Strings};
use crate::text::out;
use crate::text::read::{leading, number};
use alloc::vec::Vec;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Id {
    Help,
    All,
    Tree,
    Threads,
    Files,
    Json,
    Dot,
    Mermaid,
}

/// All options.
pub static OPTIONS: [Opt<Id>; 8] = [
    Opt::help(Id::Help),
    Opt::flag("--all", Id::All, "a summary of the machine").letter(b'a'),
    Opt::value("--tree", "PID", Id::Tree, "this process and its descendants").letter(b'T'),
    Opt::flag("--threads", Id::Threads, "a line for every thread").letter(b't'),
    Opt::flag("--files", Id::Files, "which open files are shared, too"),
    Opt::json(Id::Json, "one object a task, and a last one"),
    Opt::flag("--dot", Id::Dot, "who shares what, for dot(1)"),
    Opt::flag("--mermaid", Id::Mermaid, "the same, for Mermaid"),
];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "inspect",
    about: "\
Shows what existing tasks share: memory, open files, directories, signal
handlers, semaphore undos, I/O contexts and namespaces. Other tasks are only
read. The same memory is told, not shared pages of different ones.",
    usage: "[PID..] [OPTION..]",
    operands: "\
PID is a process or a thread; with PID:INO, the inode of its pidfd, no other
task can be meant. Who shares something with it is shown too. Without PID it is
the caller's session.",
    options: &OPTIONS,
    examples: &[
        Example("inspect", "the processes of this session"),
        Example("inspect --tree 1", "all processes, as a tree"),
        Example("inspect --all", "who shares anything on this machine"),
        Example("inspect 1 --json", "for a program"),
    ],
    statuses: &[
        ("0", "all named tasks were seen"),
        ("1", "a step failed"),
        ("2", "the command line makes no sense"),
        ("4", "a named task could not be seen"),
    ],
    prepares: true,
    run: command,
};

/// How to report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Page,
    Json,
    Picture(Language),
}

/// What was asked for.
struct Request {
    choice: Choice,
    form: Form,
    each: bool,
    with_files: bool,
}

/// Scans, and reports.
pub fn command(console: &mut Console, _: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
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
    let mut scan = Scan::take(&request.choice, request.form == Form::Json)?;
    let files = request.with_files.then(|| Files::read(&mut scan).at(Step::ReadTask)).transpose()?;
    Ok((scan, files))
}

/// Parses the words; an error is the word that makes no sense.
fn parse(words: Strings) -> Result<Request, Misuse<'static>> {
    let mut request = Request { choice: Choice::Session, form: Form::Page, each: false, with_files: false };
    let mut named = Vec::new();
    for word in Options::new(&OPTIONS, words) {
        let (form, choice) = match word? {
            Word::Option(Id::Help, _) => continue,
            Word::Option(Id::Threads, _) => {
                request.each = true;
                continue;
            }
            Word::Option(Id::Files, _) => {
                request.with_files = true;
                continue;
            }
            Word::Option(Id::All, _) => (None, Some(Choice::All)),
            Word::Option(Id::Tree, word) => (None, Some(Choice::Tree(task(word)?))),
            Word::Option(Id::Json, _) => (Some(Form::Json), None),
            Word::Option(Id::Dot, _) => (Some(Form::Picture(Language::Dot)), None),
            Word::Option(Id::Mermaid, _) => (Some(Form::Picture(Language::Mermaid)), None),
            Word::Plain(word) => {
                named.push(task(word)?);
                continue;
            }
        };
        if let Some(form) = form {
            if request.form != Form::Page && request.form != form {
                return Err(Misuse { word: b"--json", allowed: Some("one of --json, --dot and --mermaid") });
            }
            request.form = form;
        }
        if let Some(choice) = choice {
            if request.choice != Choice::Session {
                return Err(Misuse { word: b"--all", allowed: Some(ONE_CHOICE) });
            }
            request.choice = choice;
        }
    }
    if !named.is_empty() {
        if request.choice != Choice::Session {
            return Err(Misuse { word: b"PID", allowed: Some(ONE_CHOICE) });
        }
        request.choice = Choice::Named(named);
    }
    let is_page_of_lines = request.form == Form::Page && request.choice != Choice::All;
    if request.each && !is_page_of_lines {
        return Err(Misuse { word: b"--threads", allowed: Some("it goes with the page of PID.. or --tree alone") });
    }
    if request.with_files && matches!(request.form, Form::Picture(_)) {
        return Err(Misuse { word: b"--files", allowed: Some("it goes with the page and with --json") });
    }
    Ok(request)
}

/// What may not be combined.
const ONE_CHOICE: &str = "one of PID.., --tree and --all";

/// Parses PID or PID:INO.
fn task(word: &[u8]) -> Result<Named, Misuse<'_>> {
    let wrong = Misuse { word, allowed: Some("a task is PID or PID:INO, from 1 to 2147483647") };
    let (tid, rest) = leading(word, 10).ok_or(wrong)?;
    let tid = Pid::new(tid).ok_or(wrong)?;
    let inode = match rest {
        [] => None,
        [b':', digits @ ..] if !digits.starts_with(b"0x") => Some(number(digits).ok_or(wrong)?),
        _ => return Err(wrong),
    };
    Ok(Named { tid, inode })
}

/// Prints the scan.
fn show(out: &mut Page, scan: &Scan, list: Option<&Files>, request: &Request) {
    let is_empty = !scan.shown.contains(&true) && !request.choice.named().is_empty();
    match (request.form, &request.choice) {
        // Of each that was named it is told why it is missing.
        (Form::Page, _) if is_empty => return,
        (Form::Json, _) => return json::write(out, scan, list),
        (Form::Picture(language), _) => return picture::write(out, scan, language),
        (Form::Page, Choice::All) => all::write(out, scan),
        (Form::Page, choice) => {
            let is_tree = matches!(choice, Choice::Tree(_));
            page::write(out, scan, page::Form { is_tree, each: request.each });
        }
    }
    if let Some(list) = list {
        files::write(out, scan, list);
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
