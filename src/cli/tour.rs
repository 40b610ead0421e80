//! The tasks of the modes, one after another, then the table of what each of them shares.
//!
//! A single mode is a short tour, so both take the same path.

use super::command::{Command, Example};
use super::common::board;
use super::options::{Misuse, Opt, Options, Word};
use super::refusal::{self, About};
use super::status::Status;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, PTHREAD, THREAD};
use crate::error::Step;
use crate::experiment::findings::Findings;
use crate::experiment::trial;
use crate::host::filter;
use crate::host::proc::Own;
use crate::report::page::Console;
use crate::report::{json, table, task};
use crate::sys::initial::{InitialStack, Strings};
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

impl Mode {
    /// The word on the command line.
    const fn name(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::Chimera => "chimera",
            Self::Thread => "thread",
            Self::User => "user",
        }
    }
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
    Help,
    Version,
    Verbose,
    Json,
}

/// All options.
pub static OPTIONS: [Opt<Id>; 4] = [
    Opt::help(Id::Help),
    Opt::flag("--version", Id::Version, "the version").letter(b'V'),
    Opt::flag("--verbose", Id::Verbose, "each task's stack too").letter(b'v'),
    Opt::json(Id::Json, "one object a task"),
];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "",
    about: "\
Makes tasks with clone(2), and proves what each of them shares with its parent:
by asking the kernel, and by watching what the tasks do.",
    usage: "[fork|chimera|thread|user] [-v] [--json]",
    operands: "\
A mode makes one kind of task: a copy of this process (fork), a process in the
memory of this one (chimera), a thread, or a process that becomes root of a new
user namespace (user). Without a mode all four are made, and compared in one
table. Each command has a --help of its own.",
    options: &OPTIONS,
    examples: &[
        Example("", "all four kinds of task"),
        Example("chimera -v", "two processes, one address space"),
        Example("user --json", "root of a new user namespace"),
    ],
    statuses: &[
        ("0", "everything is proven"),
        ("1", "a flag is not honoured, or a step failed"),
        ("2", "the command line makes no sense"),
        ("3", "refused as predicted"),
        ("4", "refused, or not to be seen here"),
    ],
    prepares: true,
    run: command,
};

/// The parsed arguments.
#[derive(Default)]
pub struct Request {
    /// The only mode to run; none for all of them.
    pub mode: Option<Mode>,
    /// `--json`: one object per task and nothing else.
    pub json: bool,
    /// `-v`: show the stacks too.
    pub verbose: bool,
    /// `--version`: print the version instead.
    pub version: bool,
}

/// Parses the words after the program's name; an error is the first word that makes no sense.
pub fn parse<'a>(words: impl Iterator<Item = &'a [u8]>) -> Result<Request, &'a [u8]> {
    let mut request = Request::default();
    for word in Options::new(&OPTIONS, words) {
        match word? {
            Word::Option(Id::Help, _) => {} // handled before
            Word::Option(Id::Version, _) => request.version = true,
            Word::Option(Id::Verbose, _) => request.verbose = true,
            Word::Option(Id::Json, _) => request.json = true,
            Word::Plain(word) => {
                let named = STOPS.iter().find(|stop| stop.mode.name().as_bytes() == word);
                // A second mode is as invalid as an unknown one.
                request.mode = Some(named.filter(|_| request.mode.is_none()).ok_or(word)?.mode);
            }
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

/// The tour, a mode, or the version.
pub fn command(console: &mut Console, _: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let request = parse(words)?;
    if request.version {
        out!(&mut console.out, "chimera ", env!("CARGO_PKG_VERSION"), "\n");
        return Ok(Status::Proven as i32);
    }
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
