//! The tasks of the modes, one after another, then the table of what each of them shares.
//!
//! A single mode is a short tour, so both take the same path.

use super::command::{Command, Example, Group};
use super::common::board;
use super::form::{Opt, Section};
use super::misuse::{Misuse, keep};
use super::options::{Options, Program, Word};
use super::output::Output;
use super::refusal::{self, About};
use super::status::Status;
use super::words::Words;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, PTHREAD, THREAD};
use crate::error::Step;
use crate::experiment::findings::Findings;
use crate::experiment::trial;
use crate::host::cause::Told;
use crate::host::filter;
use crate::host::proc::Own;
use crate::report::json;
use crate::report::lesson::{self, Lesson, View};
use crate::report::names::Names;
use crate::report::page::Console;
use crate::report::picture::{self, Language};
use crate::report::table::{self, Shown, TASKS};
use crate::sys::initial::InitialStack;
use crate::text::table::Column;
use crate::text::{self, Joined, Show, Sink, With, Wrapped, out};
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
    /// What is said about the task besides the findings.
    lesson: &'static Lesson,
    /// The turn in which the task leaves the table of a page that is too narrow.
    turn: u8,
    api: Api,
    flags: Flags,
}

/// All tasks, in the order of the tour. A narrow page has no room for fork(2), then for the thread with more flags.
#[rustfmt::skip]
static STOPS: [Stop; TASKS] = [
    Stop { mode: Mode::Fork, lesson: &lesson::FORK, turn: 5, api: Api::Clone, flags: Flags::empty() },
    Stop { mode: Mode::Fork, lesson: &lesson::REAL_FORK, turn: 1, api: Api::Fork, flags: Flags::empty() },
    Stop { mode: Mode::Chimera, lesson: &lesson::CHIMERA, turn: 6, api: Api::Clone, flags: Flags::VM },
    Stop { mode: Mode::Thread, lesson: &lesson::THREAD, turn: 4, api: Api::Clone, flags: THREAD },
    Stop { mode: Mode::Thread, lesson: &lesson::PTHREAD, turn: 2, api: Api::Clone, flags: PTHREAD },
    Stop { mode: Mode::User, lesson: &lesson::USER, turn: 3, api: Api::Clone, flags: Flags::NEWUSER },
];

/// What to try after a mode, or after the tour, and what that shows.
const fn next(mode: Option<Mode>) -> &'static [[&'static str; 2]] {
    match mode {
        None => &[
            ["chimera thread -v", "one of these pages with its notes, and the stack of the task"],
            ["chimera rules THREAD", "what the kernel says to CLONE_THREAD alone, and why"],
            ["chimera clone vm,files --graph", "any other set of flags, drawn"],
            ["chimera explain counter", "what a word of these pages means"],
        ],
        Some(Mode::Fork) => &[
            ["chimera chimera", "one flag more, and the two have one memory"],
            ["chimera clone fork --graph", "the same task, drawn"],
            ["chimera explain fork", "what the mode makes, and how it is proven"],
        ],
        Some(Mode::Chimera) => &[
            ["chimera chimera -v", "the stack of the child, word for word"],
            ["chimera thread", "two flags more, and it is a thread"],
            ["chimera clone vm,files --graph", "the files shared as well, drawn"],
            ["chimera explain CLONE_VM", "the flag that makes the difference"],
        ],
        Some(Mode::Thread) => &[
            ["chimera rules THREAD", "what the kernel says to CLONE_THREAD alone, and why"],
            ["chimera thread -v", "the stacks of the threads, word for word"],
            ["chimera clone pthread --graph", "the second thread, drawn"],
            ["chimera explain CLONE_THREAD", "what the flag does, and what it needs"],
        ],
        Some(Mode::User) => &[
            ["chimera run -r -- id", "a program as root of a new user namespace"],
            ["chimera doctor", "whether this machine allows it, and what to change if not"],
            ["chimera clone container", "a process in seven new namespaces"],
            ["chimera explain CLONE_NEWUSER", "what a user namespace is"],
        ],
    }
}

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Id {
    Verbose,
    Stable,
    Output(Output),
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[
    Section {
        title: "options",
        options: &[
            Opt::flag("--verbose", Id::Verbose, "each task's stack too, address by address").letter(b'v'),
            Opt::flag("--stable", Id::Stable, "ids by role and no addresses, so that each run prints the same"),
            Opt::json(Id::Output(Output::Json), "for programs: one object a task, on one line"),
        ],
    },
    Section {
        title: "pictures, of one mode",
        options: &[
            Opt::flag(
                "--graph",
                Id::Output(Output::Picture(Language::Text)),
                "the mode's first task and what the two share, drawn in text",
            ),
            Opt::flag("--svg", Id::Output(Output::Picture(Language::Svg)), "the same as a picture in SVG"),
            Opt::flag("--dot", Id::Output(Output::Picture(Language::Dot)), "the same as a graph for dot(1)"),
            Opt::flag(
                "--mermaid",
                Id::Output(Output::Picture(Language::Mermaid)),
                "the same as a flow chart for Mermaid",
            ),
        ],
    },
];

/// The row of the table of commands for the tour.
pub const COMMAND: Command = Command {
    name: "tour",
    group: Group::Lessons,
    purpose: "the four kinds of task below, then one table of what each shares",
    about: "\
Makes the tasks of fork, chimera, thread and user, one after another, shows for each what the kernel says and what the \
tasks see of each other, and compares them in one table. `chimera` alone does the same.",
    usage: "[-v] [--stable|--json]",
    operands: "",
    operand: None,
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
    Command { name, purpose, about, usage: "[OPTION..]", examples, statuses: STATUSES, run, ..COMMAND }
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

/// What a picture cannot do without.
const ONE_TASK: &str = "one mode (fork, chimera, thread, user), since a picture shows one task";

/// The parsed arguments.
#[derive(Default)]
pub struct Request {
    /// The only mode to run; none for all of them.
    pub mode: Option<Mode>,
    /// What is written instead of the page, and the option that asks for it.
    pub output: Option<(Output, &'static str)>,
    /// `-v`: show the stacks too.
    pub verbose: bool,
    /// `--stable`: ids by role, and no addresses.
    pub stable: bool,
}

/// Parses the words after the command; an error is the first word that makes no sense.
pub fn parse<'a>(mode: Option<Mode>, words: impl Iterator<Item = &'a [u8]>) -> Result<Request, Misuse<'a>> {
    let mut request = Request { mode, ..Request::default() };
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        let (option, given) = match word? {
            Word::Option(option, given) => (option, given),
            Word::Plain(word) => return Err(Misuse::Extra(word)),
        };
        match option {
            Id::Verbose => request.verbose = true,
            Id::Stable => request.stable = true,
            Id::Output(output) => keep(&mut request.output, output, given.form.long)?,
        }
    }
    match request.output {
        Some((Output::Json, option)) if request.stable => Err(Misuse::Excludes("--stable", option)),
        Some((Output::Picture(_), option)) if mode.is_none() => Err(Misuse::Needs(option, ONE_TASK)),
        Some((Output::Picture(_), option)) if request.verbose => Err(Misuse::Excludes("--verbose", option)),
        _ => Ok(request),
    }
}

/// What has been counted, by what it is about.
#[derive(Default)]
struct Counted {
    rows: Tally,
    steps: Tally,
    comparisons: Tally,
}

/// The request, and the results so far.
struct Tour<'a> {
    console: &'a mut Console,
    request: Request,
    counted: Counted,
    /// The worst of the tasks' statuses.
    status: Status,
    /// Whether a page has explained the words of its tables.
    has_legend: bool,
    /// Why a user namespace was refused, as far as that was found by looking.
    reason: Option<Told>,
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
    let mut tour = Tour::new(console, request);
    let calls = STOPS.each_ref().map(|stop| Call::usual(stop.api, stop.flags));
    let mut findings = calls.each_ref().map(|call| trial::not_run(call, board));
    for ((stop, call), findings) in STOPS.iter().zip(&calls).zip(&mut findings) {
        if tour.request.mode.is_none_or(|mode| mode == stop.mode) {
            *findings = trial::run(call, board, &own);
            tour.show(stop, findings);
            // A picture shows one task. One that could not be waited for may still act, and would disturb the next
            // one's board.
            if matches!(tour.request.output, Some((Output::Picture(_), _))) {
                return tour.status;
            }
            if findings.failure.is_some_and(|failure| failure.step == Step::AwaitEnd) {
                break;
            }
        }
    }
    tour.compare(&findings);
    if tour.request.output.is_none() {
        tour.close(&findings);
    }
    tour.status
}

impl<'a> Tour<'a> {
    fn new(console: &'a mut Console, request: Request) -> Self {
        let (counted, status) = (Counted::default(), Status::Proven);
        Self { console, request, counted, status, has_legend: false, reason: None }
    }

    /// Counts a task's facts and shows them; explains a failure on fd 2.
    fn show(&mut self, stop: &Stop, findings: &Findings) {
        findings.count_rows(&mut self.counted.rows);
        findings.count_steps(&mut self.counted.steps);
        // The tour goes on where user namespaces are forbidden, and its table says so.
        if self.request.mode.is_some() || !findings.is_forbidden() {
            self.status = self.status.worse(Status::of(findings));
        }
        let explain = |failure| refusal::explain(self.console, About::Task(&findings.task), failure);
        let told = findings.failure.and_then(explain);
        if findings.is_forbidden() {
            self.reason = told;
        }
        let (cause, remedy) = (told.map(|told| told.cause()), told.map(|told| told.remedy()));
        let page = &mut self.console.out;
        match self.request.output {
            Some((Output::Json, _)) => json::findings(page, Some(stop.lesson.name), findings, cause, remedy),
            Some((Output::Picture(language), _)) => {
                let cause = cause.as_ref().map(|cause| cause as &dyn Show);
                let remedy = remedy.as_ref().map(|remedy| remedy as &dyn Show);
                let names = Names::of(findings, self.request.stable);
                picture::findings::write(page, findings, language, (Some(&stop.lesson.name), names), [cause, remedy]);
            }
            None => self.page(stop, findings),
        }
    }

    /// Prints a task's page; before the first, what the tour is about.
    fn page(&mut self, stop: &Stop, findings: &Findings) {
        let is_first = !self.has_legend;
        self.has_legend |= findings.is_told();
        let Request { mode, verbose, stable, .. } = self.request;
        let page = &mut self.console.out;
        if mode.is_none() && stop.lesson.name == lesson::FORK.name {
            out!(page, Wrapped { text: OPENING, indent: 0 }, "\n\n");
        }
        let names = Names::of(findings, stable);
        let view = View { names, has_stack: verbose, has_legend: is_first, has_notes: mode.is_some() };
        lesson::page(page, stop.lesson, findings, view);
        out!(page, "\n");
    }

    /// fork(2) must show the same facts as the clone(2) before it. A difference alone proves nothing: one silent
    /// witness causes a difference, and a disproven fact has already been counted.
    fn compare(&mut self, findings: &[Findings]) {
        let [clone, fork, ..] = findings else { return };
        if clone.is_told() && fork.is_told() {
            let is_same = clone.rows == fork.rows;
            self.counted.comparisons.count(if is_same { Verdict::Honoured } else { Verdict::Unknown });
            if self.request.output.is_none() {
                let word = if is_same { "same" } else { "different" };
                out!(&mut self.console.out, "clone(2) and fork(2): ", word, " facts\n");
            }
        }
    }

    /// Prints the table of the tour, what was counted, and what to try next.
    fn close(&mut self, findings: &[Findings; TASKS]) {
        let page = &mut self.console.out;
        if self.request.mode.is_none() {
            let shown = |place: usize| {
                let Stop { lesson, turn, .. } = STOPS[place];
                Shown { name: lesson.name, turn, findings: &findings[place] }
            };
            let rule = findings.iter().find(|findings| findings.is_forbidden()).and_then(|of| of.predicted.rule());
            let reason = self.reason;
            let reason = With(|out: &mut dyn Sink| match (reason, rule) {
                (Some(told), _) => out!(out, ": ", told.cause()),
                (None, Some(rule)) => out!(out, ": ", rule.why),
                (None, None) => {}
            });
            table::tour(page, core::array::from_fn(shown), &reason);
        }
        let all = Wrapped { text: With(|out: &mut dyn Sink| self.counted.show(out)), indent: 2 };
        out!(page, all, "\n\n");
        let columns = [Column::text("try next"), Column::prose("to see").leaves(1)];
        text::table::table(page, &columns, &|row| {
            next(self.request.mode).iter().for_each(|[command, what]| row(&[command, what]));
        });
    }
}

/// What the tour is about.
const OPENING: &str = "\
A task shares with the task that made it what the flags of clone(2) say. These pages show six tasks of four kinds: the \
call, what both tasks say of themselves, and for each resource whether it is shared, as the kernel and the tasks \
themselves prove it in this run. A table at the end compares all six.";

impl Show for Counted {
    fn show(&self, out: &mut dyn Sink) {
        let parts = [&self.rows, &self.steps, &self.comparisons];
        let sum = |of: fn(&Tally) -> usize| parts.map(of).iter().sum::<usize>();
        let (proven, wrong, open) = (sum(|tally| tally.proven), sum(|tally| tally.wrong), sum(|tally| tally.open));
        out!(out, proven, " facts proven, ", wrong, " not as claimed, ", open, " unknown");
        let names =
            [["row", "rows"], ["step of becoming root", "steps of becoming root"], ["comparison", "comparisons"]];
        let numbers = parts.map(|tally| tally.proven + tally.wrong + tally.open);
        let counted = numbers.into_iter().zip(names).filter(|(number, _)| *number > 0);
        let named = counted.map(|(number, [one, many])| (number, " ", if number == 1 { one } else { many }));
        if named.clone().next().is_some() {
            out!(out, ": ", Joined(", ", named));
        }
    }
}
