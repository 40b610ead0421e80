//! `chimera bench`: the cost of each kind of task on this machine.
//!
//! A cell is one kind with one heap size, one number of live tasks, on one processor or all. Each cell is measured
//! together with the bare call (see `bench`) and printed when it is complete.

use super::call;
use super::command::{Command, Example, Group};
use super::common::{alone, board};
use super::form::{Known, Opt, Section, Values};
use super::misuse::Misuse;
use super::options::{Given, Options, Program, Word};
use super::refusal::{self, About};
use super::status::Status;
use super::words::Words;
use crate::bench::sample::{self, Cell};
use crate::bench::sleepers::Sleepers;
use crate::board::Board;
use crate::board::record::Becoming;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, PTHREAD, THREAD};
use crate::error::{At, Failure, Step};
use crate::host::limits;
use crate::host::refused::Circumstances;
use crate::report::page::Console;
use crate::report::show::{self, Name};
use crate::report::{bench as page, json};
use crate::rules::spelling::{self, Wrong};
use crate::sys::initial::InitialStack;
use crate::sys::memory::{self, Touched};
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{self, Errno, RawFd, Signal, schedule, terminal};
use crate::text::json::Object;
use crate::text::nearest::nearest;
use crate::text::read::{leading, parts};
use crate::text::{Outside, Repeat, Sink, out};
use core::sync::atomic::AtomicU32;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `--json`
    Json,
    /// `--heap SIZE,..`
    Heap,
    /// `--tasks N,..`
    Tasks,
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[Section {
    title: "options",
    options: &[
        Opt::json(Id::Json, "for programs: one object a measurement"),
        Opt::value("--heap", SIZES, Id::Heap, "measures while the caller has touched so much memory").default("0"),
        Opt::value("--tasks", NUMBERS, Id::Tasks, "measures while so many tasks of the kind are alive").default("0"),
    ],
}];

const SIZES: Values = Values::new("SIZE,..", "sizes from 0 to 65536G, as in 0,64M");
const NUMBERS: Values = Values::new("N,..", "numbers from 0 to 4194304");
const SUITABLE: Values = Values::new(
    "KIND",
    "a kind whose tasks can be waited for: no PARENT, PIDFD, PIDFD_AUTOKILL, AUTOREAP, INTO_CGROUP, KILL or STOP",
);

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "bench",
    group: Group::Measures,
    purpose: "what each kind of task costs here",
    about: "\
Measures what each kind of task costs here: to make it, to let it end and to reap it. Each is compared with the bare \
system call, on one processor and on all.",
    usage: "[KIND..] [OPTION..]",
    operands: "\
KIND is fork, clone, clone3, vfork, chimera, sharing, thread, pthread or user, the name of a namespace as in NEWPID, or \
one word of FLAGS as for `chimera clone`. Without KIND all of these names are measured.",
    operand: Some(Values::named("KIND").with(&NAMES).of(Known::Flags)),
    options: &OPTIONS,
    examples: &[
        Example("bench fork vfork", "two kinds side by side"),
        Example("bench fork --heap 0,64M", "what touched memory costs fork(2)"),
        Example("bench thread --json", "for a program"),
    ],
    statuses: &[("0", "measured"), ("1", "a step failed"), ("2", "the command line is wrong")],
    program: Program::Nowhere,
    run: command,
};

/// A kind of task to measure.
#[derive(Clone, Copy)]
struct Kind<'a> {
    /// The word on the command line.
    name: &'a [u8],
    call: Call,
    /// Whether the task becomes root of its user namespace.
    becomes_root: bool,
}

const fn kind(name: &str, api: Api, flags: Flags) -> Kind<'_> {
    Kind { name: name.as_bytes(), call: Call::usual(api, flags), becomes_root: false }
}

const SHARING: Flags = Flags::VM.union(Flags::FS).union(Flags::FILES).union(Flags::SIGHAND).union(Flags::SYSVSEM);

/// All named kinds.
#[rustfmt::skip]
static KINDS: [Kind; 17] = [
    kind("fork", Api::Fork, Flags::empty()),
    kind("clone", Api::Clone, Flags::empty()),
    kind("clone3", Api::Clone3, Flags::empty()),
    kind("vfork", Api::Clone, Flags::VM.union(Flags::VFORK)),
    kind("chimera", Api::Clone, Flags::VM),
    kind("sharing", Api::Clone, SHARING),
    kind("thread", Api::Clone, THREAD),
    kind("pthread", Api::Clone, PTHREAD),
    kind("NEWUTS", Api::Clone, Flags::NEWUTS),
    kind("NEWIPC", Api::Clone, Flags::NEWIPC),
    kind("NEWNS", Api::Clone, Flags::NEWNS),
    kind("NEWPID", Api::Clone, Flags::NEWPID),
    kind("NEWCGROUP", Api::Clone, Flags::NEWCGROUP),
    kind("NEWTIME", Api::Clone3, Flags::NEWTIME),
    kind("NEWNET", Api::Clone, Flags::NEWNET),
    kind("NEWUSER", Api::Clone, Flags::NEWUSER),
    Kind { becomes_root: true, ..kind("user", Api::Clone, Flags::NEWUSER) },
];

/// The names of all kinds.
static NAMES: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = match str::from_utf8(KINDS[place].name) {
            Ok(name) => name,
            Err(_) => panic!("a name is a word"),
        };
        place += 1;
    }
    names
};

/// The request, except the kinds.
struct Request {
    json: bool,
    /// The heap sizes and the numbers of tasks, as comma-separated text.
    heaps: &'static [u8],
    tasks: &'static [u8],
    has_kinds: bool,
    /// Whether fd 2 is a terminal, which then shows the progress.
    is_seen: bool,
}

/// The conditions of a cell.
#[derive(Clone, Copy)]
struct Setting {
    heap: usize,
    huge: bool,
    tasks: usize,
    pinned: bool,
}

/// What all cells have in common.
#[derive(Clone, Copy)]
struct Place {
    board: Board<Becoming>,
    /// The words for the largest number of sleepers.
    words: &'static [AtomicU32],
}

/// The results of all cells so far.
#[derive(Default)]
struct Tally {
    measured: usize,
    noisy: usize,
    /// Whether there were fewer tasks than requested.
    failed: bool,
    /// The last refusal.
    refusal: Option<Failure>,
}

/// Measures everything that was requested.
pub fn command(console: &mut Console, _: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let request = parse(words.clone())?;
    Ok(alone(console, Status::Failed as i32, |console| measure(console, &request, words) as i32))
}

/// Parses the words; an error is the word that makes no sense.
fn parse(words: Words) -> Result<Request, Misuse<'static>> {
    let is_seen = terminal::foreground(RawFd::ERR).is_ok();
    let mut request = Request { json: false, heaps: b"0", tasks: b"0", has_kinds: false, is_seen };
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        match word? {
            Word::Option(Id::Json, _) => request.json = true,
            Word::Option(Id::Heap, list) => request.heaps = sizes(list, LARGEST)?,
            Word::Option(Id::Tasks, list) => request.tasks = sizes(list, MOST)?,
            Word::Plain(word) => {
                kind_of(word)?;
                request.has_kinds = true;
            }
        }
    }
    Ok(request)
}

/// The largest heap, half of what a process can address; and the largest number of tasks, PID_MAX_LIMIT.
const LARGEST: usize = 1 << 46;
const MOST: usize = 1 << 22;

/// Checks a list of sizes against the largest.
fn sizes(list: Given<'_>, most: usize) -> Result<&[u8], Misuse<'_>> {
    let is_allowed = |part| size(part).is_some_and(|size| size <= most);
    if parts(list.text(), b",").all(is_allowed) { Ok(list.text()) } else { Err(list.wrong()) }
}

/// Parses a number, optionally in KiB, MiB or GiB.
fn size(text: &[u8]) -> Option<usize> {
    let (number, unit) = leading(text, 10)?;
    let shift = match unit {
        b"" => 0,
        b"K" => 10,
        b"M" => 20,
        b"G" => 30,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

/// Flags that leave a descriptor behind, or make a task that the caller cannot wait for or that its descriptor's close
/// kills.
const UNSUITABLE: Flags =
    Flags::PARENT.union(Flags::PIDFD).union(Flags::PIDFD_AUTOKILL).union(Flags::AUTOREAP).union(Flags::INTO_CGROUP);

/// The kind for a word: a named kind, or flags of a task that ends without harm to the caller and for which the caller
/// can wait.
fn kind_of(word: &[u8]) -> Result<Kind<'_>, Misuse<'_>> {
    if let Some(kind) = KINDS.iter().find(|kind| kind.name == word) {
        return Ok(*kind);
    }
    let mut call = Call::usual(Api::Clone, Flags::empty());
    spelling::parse(&mut [word].into_iter(), &mut call).map_err(|wrong| no_kind(word, wrong))?;
    let is_deadly = matches!(call.signal(), Some(Signal::KILL | Signal::STOP));
    if is_deadly || call.flags.intersects(UNSUITABLE) {
        return Err(Misuse::Value("KIND", SUITABLE, word));
    }
    Ok(Kind { name: word, call, becomes_root: false })
}

/// Says that a word is no kind, and which one may be meant.
fn no_kind<'a>(word: &'a [u8], wrong: Wrong<'a>) -> Misuse<'a> {
    let Wrong::Name(name) = wrong else { return call::misuse(wrong) };
    let names = NAMES.iter().copied();
    let near = if name == word { nearest(word, names) } else { None };
    let near = near.or_else(|| spelling::near(name, &|name| kind_of(name.as_bytes()).is_ok()));
    Misuse::Unknown { what: "kind, flag, preset or signal", word: name, near }
}

/// Measures all settings. The caller has no other children.
fn measure(console: &mut Console, request: &Request, words: Words) -> Status {
    let Some(board) = board::<Becoming>(console) else { return Status::Failed };
    board.wipe();
    if !request.json {
        page::legend(&mut console.out);
    }
    let mut tally = Tally::default();
    if let Err((failure, bytes)) = measure_settings(console, request, words, board, &mut tally) {
        let asked = Circumstances { bytes, ..Flags::empty().into() };
        refusal::explain(console, About::Word(asked, b""), failure);
        return Status::Failed;
    }
    if tally.noisy > 0 && !request.json {
        page::noise(&mut console.out);
    }
    verdict(console, &tally)
}

/// The status for all cells; if none was measured, the last refusal is explained.
fn verdict(console: &mut Console, tally: &Tally) -> Status {
    if tally.failed {
        return Status::Failed;
    }
    if tally.measured > 0 {
        return Status::Proven;
    }
    if let Some(Failure { step, why }) = tally.refusal {
        let step = if step == Step::Call { Step::Kind } else { step };
        refusal::explain(console, About::Nothing, Failure { step, why });
    }
    Status::Failed
}

/// Measures each heap with each number of tasks. A failure means that so many bytes are not available.
fn measure_settings(
    console: &mut Console,
    request: &Request,
    words: Words,
    board: Board<Becoming>,
    tally: &mut Tally,
) -> Result<(), (Failure, usize)> {
    let place = Place { board, words: words_of(request).at(Step::Heap).map_err(|failure| (failure, 0))? };
    for heap in parts(request.heaps, b",").filter_map(size) {
        for huge in [false, true].into_iter().take(1 + usize::from(heap > 0)) {
            let _memory = touch(heap, huge).at(Step::Heap).map_err(|failure| (failure, heap))?;
            for tasks in parts(request.tasks, b",").filter_map(size) {
                for pinned in [true, false] {
                    let setting = Setting { heap, huge, tasks, pinned };
                    measure_kinds(console, request, words.clone(), place, setting, tally);
                }
            }
        }
    }
    Ok(())
}

/// Maps the words for the largest requested number of tasks.
fn words_of(request: &Request) -> sys::Result<&'static [AtomicU32]> {
    match parts(request.tasks, b",").filter_map(size).max() {
        None | Some(0) => Ok(&[]),
        Some(most) => memory::futexes(Sleepers::words(most)),
    }
}

/// Maps and touches this much memory. More than the available memory is refused, because the kernel would swap out or
/// kill other processes.
fn touch(heap: usize, huge: bool) -> sys::Result<Option<Touched>> {
    match heap {
        0 => Ok(None),
        _ if limits::memory().is_some_and(|most| heap > most) => Err(Errno::ENOMEM),
        _ => Touched::new(heap, huge).map(Some),
    }
}

/// Measures all kinds in a setting.
fn measure_kinds(
    console: &mut Console,
    request: &Request,
    words: Words,
    place: Place,
    setting: Setting,
    tally: &mut Tally,
) {
    let all = schedule::processors();
    if setting.pinned && all.is_ok() {
        stay_here();
    }
    let mut layout = page::layout();
    each_kind(request, words.clone(), &mut |kind| page::measure(&mut layout, kind.name));
    if !request.json {
        head(&mut console.out, setting);
        layout.begin(&mut console.out);
    }
    each_kind(request, words, &mut |kind| measure_kind(console, request, &layout, kind, place, setting, tally));
    if !request.json {
        layout.end(&mut console.out);
    }
    if let Ok(all) = all {
        // If refused, everything that follows runs on fewer processors.
        let _ = schedule::stay_on(&all);
    }
}

/// Passes on the kinds that were asked for, or all that have names.
fn each_kind(request: &Request, words: Words, pass: &mut dyn FnMut(&Kind)) {
    if !request.has_kinds {
        return KINDS.iter().for_each(pass);
    }
    for word in Options::new(OPTIONS, Program::Nowhere, words) {
        if let Ok(Word::Plain(word)) = word
            && let Ok(kind) = kind_of(word)
        {
            pass(&kind);
        }
    }
}

/// Restricts the caller, and the tasks that it makes, to the current processor. If refused, the results are noisier.
fn stay_here() {
    let mut set = [0; _];
    if let Ok(own) = schedule::processor()
        && let Some(bits) = set.get_mut(own / 64)
    {
        *bits = 1 << (own % 64);
        let _ = schedule::stay_on(&set);
    }
}

/// The heading of a setting.
fn head(page: &mut dyn Sink, setting: Setting) {
    out!(page, "on ", if setting.pinned { "one processor" } else { "all processors" });
    if setting.heap > 0 {
        out!(page, ", heap ", setting.heap >> 20, " MiB, ", if setting.huge { "huge" } else { "small" }, " pages");
    }
    if setting.tasks > 0 {
        out!(page, ", ", setting.tasks, if setting.tasks == 1 { " task" } else { " tasks" }, " alive");
    }
    out!(page, "\n");
}

/// The room for the line that shows the progress.
const PROGRESS: usize = 40;

/// Measures a kind while its exit signal is ignored, and prints the result.
fn measure_kind(
    console: &mut Console,
    request: &Request,
    layout: &page::OfBench,
    kind: &Kind,
    place: Place,
    setting: Setting,
    tally: &mut Tally,
) {
    if request.is_seen {
        out!(&mut console.err, "  measuring ", Outside(kind.name), "\r");
        console.err.flush();
    }
    if let Some(signal) = kind.call.signal()
        && signal != Signal::CHLD
    {
        // If the signal cannot be ignored, it has its usual effect.
        let _ = dispose(signal, Disposition::IGNORE);
    }
    let cell = measure_among(console, kind, place, setting.tasks, tally);
    match &cell {
        Ok(cell) => {
            tally.measured += 1;
            tally.noisy += usize::from(cell.is_noisy);
        }
        Err(failure) => tally.refusal = Some(*failure),
    }
    if request.is_seen {
        out!(&mut console.err, Repeat(" ", PROGRESS), "\r");
        console.err.flush();
    }
    match &cell {
        _ if request.json => line(&mut console.out, kind, setting, &cell),
        Ok(cell) => page::row(&mut console.out, layout, kind.name, cell),
        Err(failure) => page::refused(&mut console.out, kind.name, &kind.call, *failure),
    }
}

/// Measures a kind while the requested number of tasks is alive; if there are fewer, prints how many there were.
fn measure_among(
    console: &mut Console,
    kind: &Kind,
    Place { board, words }: Place,
    tasks: usize,
    tally: &mut Tally,
) -> Result<Cell, Failure> {
    let sleepers = Sleepers::make(&kind.call, words.get(..Sleepers::words(tasks)).unwrap_or_default());
    let Some(errno) = sleepers.refusal else {
        let cell = sample::measure(&kind.call, board, kind.becomes_root);
        sleepers.end();
        return cell;
    };
    let reached = sleepers.count;
    // While all are alive: only now a limit is seen to be reached.
    refusal::explain(console, About::Word(kind.call.into(), kind.name), Failure::new(Step::Sleeper, errno));
    sleepers.end();
    out!(&mut console.err, "  ", reached, if reached == 1 { " task was alive\n" } else { " tasks were alive\n" });
    tally.failed = true;
    Err(Failure::new(Step::Call, errno))
}

/// Prints a cell as a JSON object on one line.
fn line(page: &mut dyn Sink, kind: &Kind, setting: Setting, cell: &Result<Cell, Failure>) {
    Object::line(page, |object| {
        object.text("kind", Outside(kind.name));
        object.text("flags", show::flags(&kind.call));
        object.number("heap_bytes", setting.heap);
        object.number("tasks", setting.tasks);
        object.bool("huge", setting.huge);
        object.bool("pinned", setting.pinned);
        object.bool("noisy", cell.as_ref().is_ok_and(|cell| cell.is_noisy));
        figures(object, cell.as_ref().ok());
        object.text_or_null("refused", cell.as_ref().err().and_then(|failure| failure.errno()).map(Name));
        json::kernel(object);
    });
}

/// The figures, the times in nanoseconds; null for a kind that was refused.
fn figures(object: &mut Object, cell: Option<&Cell>) {
    object.number("runs", cell.map_or(0, |cell| cell.runs));
    object.number_or_null("p10_ns", cell.map(|cell| cell.own.p10));
    object.number_or_null("p50_ns", cell.map(|cell| cell.own.p50));
    object.number_or_null("p99_ns", cell.map(|cell| cell.own.p99));
    object.number_or_null("floor_p50_ns", cell.map(|cell| cell.floor.p50));
    object.number_or_null("ratio", cell.map(page::ratio_of));
}
