//! The tasks of the modes, one after another, then the table of what each of them shares.
//!
//! A single mode is a short tour, so both take the same path.

use super::command::{Command, Example, Group};
use super::common::board;
use super::form::{Opt, Section};
use super::misuse::Misuse;
use super::options::{Options, Program, Word};
use super::refusal::{self, About};
use super::status::Status;
use super::words::Words;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, PTHREAD, THREAD};
use crate::error::Step;
use crate::experiment::findings::Findings;
use crate::experiment::trial;
use crate::host::filter;
use crate::host::proc::Own;
use crate::report::page::Console;
use crate::report::{json, table, task};
use crate::sys::initial::InitialStack;
use crate::text::out;
use crate::witness::verdict::{Tally, Verdict};

/// The four modes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the mode of its name")]
pub enum Mode {
    Fork,
    Chimera,
    Thread,
    User,
}

/// A task of a mode.
struct Stop {
    mode: Mode,
    /// The task's name in the table.
    name: &'static str,
    /// A description in one line.
    about: &'static str,
    api: Api,
    flags: Flags,
}

/// All tasks, in the order of the tour.
#[rustfmt::skip]
static STOPS: [Stop; 6] = [
    Stop { mode: Mode::Fork, name: "fork", about: "a copy of everything", api: Api::Clone, flags: Flags::empty() },
    Stop { mode: Mode::Fork, name: "fork(2)", about: "by fork(2)", api: Api::Fork, flags: Flags::empty() },
    Stop { mode: Mode::Chimera, name: "chimera", about: "a process in this memory", api: Api::Clone, flags: Flags::VM },
    Stop { mode: Mode::Thread, name: "thread", about: "the barest thread", api: Api::Clone, flags: THREAD },
    Stop { mode: Mode::Thread, name: "pthread", about: "by pthread_create(3)", api: Api::Clone, flags: PTHREAD },
    Stop { mode: Mode::User, name: "user", about: "root of a user namespace", api: Api::Clone, flags: Flags::NEWUSER },
];

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Id {
    Verbose,
    Json,
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[Section {
    title: "options",
    options: &[
        Opt::flag("--verbose", Id::Verbose, "each task's stack too, address by address").letter(b'v'),
        Opt::json(Id::Json, "for programs: one object a task, on one line"),
    ],
}];

/// The row of the table of commands for the tour.
pub const COMMAND: Command = Command {
    name: "tour",
    group: Group::Lessons,
    purpose: "the four kinds of task below, then one table of what each shares",
    about: "\
Makes the tasks of fork, chimera, thread and user, one after another, shows for each what the kernel says and what the \
tasks see of each other, and compares them in one table. `chimera` alone does the same.",
    usage: "[-v] [--json]",
    operands: "",
    options: &OPTIONS,
    examples: &[
        Example("tour", "all four kinds of task"),
        Example("tour -v", "the same, with the stacks"),
        Example("tour --json", "one object a task"),
    ],
    statuses: &[
        ("0", "all is proven; a forbidden user namespace is skipped"),
        ("1", "a row is not honoured, or a step failed"),
        ("2", "the command line is wrong"),
        ("3", "a task was refused, as predicted"),
        ("4", "a row that was asked for could not be seen here"),
    ],
    program: Program::Nowhere,
    run: |console, _, words| tour(console, None, words),
};

/// The exit statuses of a single mode.
const STATUSES: &[(&str, &str)] = &[
    ("0", "made, and every row is proven"),
    ("1", "a row is not honoured, or a step failed"),
    ("2", "the command line is wrong"),
    ("3", "refused, as predicted"),
    ("4", "a row that was asked for could not be seen here"),
];

/// The row of the table of commands for a mode.
const fn mode(
    (name, purpose, about): (&'static str, &'static str, &'static str),
    examples: &'static [Example],
    run: fn(&mut Console, &InitialStack, Words) -> Result<i32, Misuse<'static>>,
) -> Command {
    Command { name, purpose, about, examples, statuses: STATUSES, run, ..COMMAND }
}

/// `chimera fork`
pub const FORK: Command = mode(
    (
        "fork",
        "a copy of the caller, by clone(2) and by fork(2)",
        "\
Makes a copy of the caller twice, by clone(2) with SIGCHLD alone and by fork(2), and shows that both are the same kind of \
task. Memory, table of open files, directories and signal handlers of the child are copies: neither task sees what the \
other one changes in them.",
    ),
    &[
        Example("fork", "both copies, and whether they differ"),
        Example("fork --json", "one object a copy"),
        Example("clone fork --graph", "the same task, drawn"),
    ],
    |console, _, words| tour(console, Some(Mode::Fork), words),
);

/// `chimera chimera`
pub const CHIMERA: Command = mode(
    (
        "chimera",
        "a process of its own in the caller's memory",
        "\
Makes a task with CLONE_VM and without CLONE_THREAD: a process of its own, with its own process id, that runs in the \
memory of its parent. What one of the two writes to a variable, the other one reads; open files, directories and signal \
handlers are copies.",
    ),
    &[
        Example("chimera", "two processes, one memory"),
        Example("chimera -v", "with the stack that it needs"),
        Example("clone chimera --graph", "the same task, drawn"),
    ],
    |console, _, words| tour(console, Some(Mode::Chimera), words),
);

/// `chimera thread`
pub const THREADS: Command = mode(
    (
        "thread",
        "another task of the same process: two kinds of thread",
        "\
Makes two threads: one with the flags without which there is no thread (CLONE_VM, CLONE_SIGHAND, CLONE_THREAD), and one \
with those that pthread_create(3) uses. Both have the process id of the caller and a task id of their own; the second \
also shares open files and directories.",
    ),
    &[
        Example("thread", "both threads"),
        Example("thread -v", "with their stacks"),
        Example("rules THREAD", "why CLONE_THREAD needs two more flags"),
    ],
    |console, _, words| tour(console, Some(Mode::Thread), words),
);

/// `chimera user`
pub const USER: Command = mode(
    (
        "user",
        "a process in a new user namespace that becomes root there",
        "\
Makes a process in a new user namespace, for which no rights are needed where it is allowed. At first the process has no \
user there (getuid(2) says 65534); then it writes its own id map and is root, in this namespace alone.",
    ),
    &[
        Example("user", "from nobody to root"),
        Example("user --json", "the same as one object"),
        Example("run -r id", "a program as such a root"),
    ],
    |console, _, words| tour(console, Some(Mode::User), words),
);

/// The parsed arguments.
#[derive(Default)]
pub struct Request {
    /// The only mode to run; none for all of them.
    pub mode: Option<Mode>,
    /// `--json`: one object per task and nothing else.
    pub json: bool,
    /// `-v`: show the stacks too.
    pub verbose: bool,
}

/// Parses the words after the command; an error is the first word that makes no sense.
pub fn parse<'a>(mode: Option<Mode>, words: impl Iterator<Item = &'a [u8]>) -> Result<Request, Misuse<'a>> {
    let mut request = Request { mode, ..Request::default() };
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        match word? {
            Word::Option(Id::Verbose, _) => request.verbose = true,
            Word::Option(Id::Json, _) => request.json = true,
            Word::Plain(word) => return Err(Misuse::Extra(word)),
        }
    }
    Ok(request)
}

/// The request, and the results so far.
struct Tour<'a> {
    console: &'a mut Console,
    request: Request,
    tally: Tally,
    /// The worst of the tasks' statuses.
    status: Status,
}

/// The tour, or a mode.
fn tour(console: &mut Console, mode: Option<Mode>, words: Words) -> Result<i32, Misuse<'static>> {
    let request = parse(mode, words)?;
    Ok(run(console, request) as i32)
}

/// Makes the requested tasks.
fn run(console: &mut Console, request: Request) -> Status {
    let Some(board) = board(console) else { return Status::Failed };
    let own = Own::read();
    filter::avoid_deadly_calls(&own);
    let mut tour = Tour { console, request, tally: Tally::default(), status: Status::Proven };
    let calls = STOPS.each_ref().map(|stop| Call::usual(stop.api, stop.flags));
    let mut findings = calls.each_ref().map(|call| trial::not_run(call, board));
    for ((stop, call), findings) in STOPS.iter().zip(&calls).zip(&mut findings) {
        if tour.request.mode.is_none_or(|mode| mode == stop.mode) {
            *findings = trial::run(call, board, &own);
            tour.show(stop, findings);
            // A task that could not be waited for may still act, and would disturb the next task's board.
            if findings.failure.is_some_and(|failure| failure.step == Step::AwaitEnd) {
                break;
            }
        }
    }
    tour.compare(&findings);
    if !tour.request.json {
        let page = &mut tour.console.out;
        if tour.request.mode.is_none() {
            table::tour(page, STOPS.iter().map(|stop| stop.name), &findings);
        }
        let Tally { proven, wrong, open } = tour.tally;
        out!(page, proven, " facts proven, ", wrong, " not as claimed, ", open, " unknown\n");
    }
    tour.status
}

impl Tour<'_> {
    /// Counts a task's facts and shows them, or explains a failure on fd 2.
    fn show(&mut self, stop: &Stop, findings: &Findings) {
        findings.count(&mut self.tally);
        // The tour goes on where user namespaces are forbidden, and its table says so.
        if self.request.mode.is_some() || !findings.is_forbidden() {
            self.status = self.status.worse(Status::of(findings));
        }
        let explain = |failure| refusal::explain(self.console, About::Task(&findings.task), failure);
        let told = findings.failure.and_then(explain);
        let page = &mut self.console.out;
        if self.request.json {
            json::findings(
                page,
                Some(stop.name),
                findings,
                told.map(|told| told.cause()),
                told.map(|told| told.remedy()),
            );
        } else if findings.is_told() {
            out!(page, stop.name, ": ", stop.about, "\n");
            task::page(page, findings, self.request.verbose);
        }
    }

    /// fork(2) must show the same facts as the clone(2) before it. A difference alone proves nothing: one silent
    /// witness causes a difference, and a disproven fact has already been counted.
    fn compare(&mut self, findings: &[Findings]) {
        let [clone, fork, ..] = findings else { return };
        if clone.is_told() && fork.is_told() {
            let is_same = clone.rows == fork.rows;
            self.tally.count(if is_same { Verdict::Honoured } else { Verdict::Unknown });
            if !self.request.json {
                let word = if is_same { "same" } else { "different" };
                out!(&mut self.console.out, "clone(2) and fork(2): ", word, " facts\n");
            }
        }
    }
}
