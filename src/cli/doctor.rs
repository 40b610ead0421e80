//! `chimera doctor`: what forbids user namespaces on this machine, found by looking, and then by making each kind.
//!
//! The rows are settings that administrators control, in one table. The tries decide, and take the actual steps of
//! `run`. Verdict and remedy come from the first failed try, through the same table of causes that explains any other
//! refusal.

use super::command::{Command, Example};
use super::common::board;
use super::options::{Misuse, Opt, Options, Word};
use super::status::Status;
use crate::board::Board;
use crate::board::record::Running;
use crate::clone::flags::{Flags, Kind};
use crate::clone::task::by_child;
use crate::error::{Failure, Step, Why};
use crate::host::cause::{self, Reason, Told};
use crate::host::id_block::{self, Program};
use crate::host::id_map::Ids;
use crate::host::proc::{self, Line};
use crate::host::{limits, namespace, path};
use crate::report::page::Console;
use crate::report::show::Name;
use crate::run::maps;
use crate::run::trial::try_namespaces;
use crate::sys::initial::{InitialStack, Strings};
use crate::sys::{self, Errno, control, file, ids, namespace as calls, privilege};
use crate::text::json::{List, Object};
use crate::text::{Outside, Room, Show, Sink, Tab, out};

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `--help`
    Help,
    /// `--json`
    Json,
}

/// All options.
pub static OPTIONS: [Opt<Id>; 2] = [Opt::help(Id::Help), Opt::json(Id::Json, "the report as one JSON object")];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "doctor",
    about: "\
Says what forbids user namespaces here: looks at the settings, makes each kind
of namespace, and names one remedy. Nothing of the machine is changed.",
    usage: "[OPTION..]",
    operands: "",
    options: &OPTIONS,
    examples: &[
        Example("doctor", "the settings, and what was made"),
        Example("doctor --json", "the same for a program"),
    ],
    statuses: &[
        ("0", "every kind of namespace can be made"),
        ("1", "at least one cannot"),
        ("2", "the command line makes no sense"),
    ],
    prepares: true,
    run: command,
};

/// A value that was found.
#[allow(clippy::large_enum_variant, reason = "only one is alive at a time, on the stack")]
enum Value {
    /// No value.
    Absent,
    /// A word of this program.
    Word(&'static str),
    Number(usize),
    /// Text from a file.
    Text(Room<1024>),
}

impl Show for Value {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Absent => "-".show(out),
            Self::Word(word) => word.show(out),
            Self::Number(number) => number.show(out),
            Self::Text(room) => match room.bytes() {
                Some(text @ [_, ..]) => Outside(text).show(out),
                _ => "-".show(out),
            },
        }
    }
}

/// A finding: the value, and whether it is good; none if the value by itself neither helps nor harms.
struct Found {
    value: Value,
    good: Option<bool>,
}

/// A finding that neither helps nor harms.
fn neutral(value: Value) -> Found {
    Found { value, good: None }
}

/// `yes` or `no`, which is good if it equals `good`.
fn yes_or_no(holds: bool, good: bool) -> Found {
    Found { value: Value::Word(if holds { "yes" } else { "no" }), good: Some(holds == good) }
}

/// A row: its name, its source, and the function that looks there.
struct Row(&'static str, &'static str, fn(&str) -> Found);

/// All rows; those with the limit of each kind of namespace are printed before them.
#[rustfmt::skip]
static ROWS: [Row; 19] = [
    Row("kernel support", "/proc/self/ns/user", |_| yes_or_no(exists(Kind::User), true)),
    Row("userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", |file| guarded(line(file), b"0")),
    Row("AppArmor limits", "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", |file| guarded(line(file), b"1")),
    Row("security label", "/proc/self/attr/current", |file| neutral(line(file))),
    Row("SELinux enforcing", "/sys/fs/selinux/enforce", |file| neutral(line(file))),
    Row("seccomp mode", "/proc/self/status", |file| neutral(status(file, b"Seccomp:\t"))),
    Row("filter answers", "unshare(2), clone(2)", |_| yes_or_no(cause::is_filtered(Flags::NEWUSER), false)),
    Row("chroot", "setns(2), mountinfo", |_| namespace::chrooted().map_or(neutral(UNKNOWN), |is| yes_or_no(is, false))),
    Row("unmapped uid", "setresuid(2)", |_| yes_or_no(ids::is_unmapped(), false)),
    Row("nesting depth", "unshare(2), again and again", |_| depth()),
    Row("bounding set", "/proc/self/status", |file| neutral(status(file, b"CapBnd:\t"))),
    Row("no_new_privs", "/proc/self/status", |file| neutral(status(file, b"NoNewPrivs:\t"))),
    Row("readable itself", "prctl(PR_GET_DUMPABLE)", |_| yes_or_no(control::is_dumpable() == Ok(true), true)),
    Row("first of subuid", "/etc/subuid", |_| neutral(first_of(Ids::Users))),
    Row("first of subgid", "/etc/subgid", |_| neutral(first_of(Ids::Groups))),
    Row("newuidmap", "PATH", |_| neutral(helper())),
    Row("/proc is writable", "/proc/self/uid_map", |_| yes_or_no(file::open(c"/proc/self/uid_map", file::O_WRONLY).is_ok(), true)),
    Row("RLIMIT_NPROC", "prlimit(2)", |_| neutral(limits::tasks_of_user().map_or(UNLIMITED, Value::Number))),
    Row("pids.max", "/sys/fs/cgroup", |_| pids()),
];

const UNLIMITED: Value = Value::Word("unlimited");
const UNKNOWN: Value = Value::Word("unknown");

/// Looks, tries and reports.
pub fn command(console: &mut Console, _: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let mut json = false;
    for word in Options::new(&OPTIONS, words) {
        match word? {
            Word::Option(Id::Help, _) => {}
            Word::Option(Id::Json, _) => json = true,
            Word::Plain(word) => return Err(word.into()),
        }
    }
    let Some(board) = board(console) else { return Ok(Status::Failed as i32) };
    let page: &mut dyn Sink = &mut console.out;
    let failed = if json { object(page, board) } else { pages(page, board) };
    Ok(if failed.is_some() { Status::Failed } else { Status::Proven } as i32)
}

/// A failed try: the failure, and the flags of the namespaces.
type Failed = (Failure, Flags);

/// Prints everything for people; returns the first failed try.
fn pages(page: &mut dyn Sink, board: Board<Running>) -> Option<Failed> {
    out!(page, "User namespaces here\n  what", Tab, "value", Tab, Tab, "where\n");
    look(&mut |name, source, found| {
        let good = found.good.map_or("-", |good| if good { "good" } else { "bad" });
        out!(page, "  ", name, Tab, found.value, Tab, good, Tab, source, "\n");
    });
    out!(page, "Each kind really made, in a new user namespace, by its root\n");
    let failed = try_all(board, &mut |tried| {
        out!(page, "  ", tried.kind.name(), Tab, tried);
        if let Some(step) = tried.step() {
            out!(page, Tab, step);
        }
        out!(page, "\n");
    });
    match failed {
        None => out!(page, "verdict: usable\n"),
        Some((failure, flags)) => {
            let told = cause::find(failure, flags);
            out!(page, "verdict: forbidden: ", Cause(told), "\n  try: ", Remedy(told), "\n");
        }
    }
    failed
}

/// Prints everything as one JSON object; returns the first failed try.
fn object(page: &mut dyn Sink, board: Board<Running>) -> Option<Failed> {
    let mut failed = None;
    Object::write(page, |object| {
        object.list("rows", rows);
        object.list("tries", |list| failed = tries(list, board));
        object.text("verdict", if failed.is_some() { "forbidden" } else { "usable" });
        let told = failed.map(|(failure, flags)| cause::find(failure, flags));
        object.text_or_null("cause", told.map(Cause));
        object.text_or_null("remedy", told.map(Remedy));
    });
    out!(page, "\n");
    failed
}

/// Writes the rows as objects.
fn rows(list: &mut List) {
    look(&mut |name, source, found| {
        list.object(|row| {
            row.text("name", name);
            row.text("value", &found.value);
            row.bool_or_null("good", found.good);
            row.text("source", source);
        });
    });
}

/// Writes the tries as objects; returns the first failed try.
fn tries(list: &mut List, board: Board<Running>) -> Option<Failed> {
    try_all(board, &mut |tried| {
        list.object(|row| {
            row.text("kind", tried.kind.name());
            row.text("result", tried);
            row.text("step", tried.step().unwrap_or_default());
        });
    })
}

/// Looks at all rows and passes each to `report`: its name, its source, and the finding.
fn look(report: &mut dyn FnMut(&dyn Show, &dyn Show, &Found)) {
    for kind in Kind::ALL {
        let most = limits::namespaces(kind);
        let found = Found { value: most.map_or(Value::Absent, Value::Number), good: most.map(|most| most != 0) };
        report(&("max_", kind.name()), &("/proc/sys/user/max_", kind.name(), "_namespaces"), &found);
    }
    for Row(name, source, look) in &ROWS {
        report(name, source, &look(source));
    }
}

/// A try to make a kind of namespace.
struct Tried {
    kind: Kind,
    /// The result; none if the kernel does not have the kind.
    result: Option<Result<(), Failure>>,
}

impl Tried {
    /// The failure, if any.
    fn failure(&self) -> Option<Failure> {
        self.result.and_then(Result::err)
    }

    /// The name of the failed step, if any.
    fn step(&self) -> Option<&'static str> {
        self.failure().map(|failure| if failure.step == Step::Call { "clone" } else { failure.step.name() })
    }
}

/// The result in a word.
impl Show for Tried {
    fn show(&self, out: &mut dyn Sink) {
        match self.result {
            None => "absent".show(out),
            Some(Ok(())) => "OK".show(out),
            Some(Err(failure)) => match failure.why {
                Why::Errno(errno) => Name(errno).show(out),
                other => other.show(out),
            },
        }
    }
}

/// Makes a user namespace with each kind in it, becomes root there, does what only its root may, and passes each try to
/// `report`. Returns the first failure, and the namespaces in question.
fn try_all(board: Board<Running>, report: &mut dyn FnMut(&Tried)) -> Option<Failed> {
    let mut first = None;
    for kind in Kind::ALL {
        let flags = kind.flag() | Flags::NEWUSER;
        // A kind that the kernel does not have is not forbidden.
        let exists = kind == Kind::User || exists(kind);
        let tried = Tried { kind, result: exists.then(|| try_namespaces(board, flags)) };
        report(&tried);
        first = first.or(tried.failure().map(|failure| (failure, flags)));
    }
    first
}

/// Whether the kernel has a kind of namespace.
fn exists(kind: Kind) -> bool {
    namespace::own(kind) != Err(Errno::ENOENT)
}

/// The cause, or `unknown`.
struct Cause(Option<Told>);

impl Show for Cause {
    fn show(&self, out: &mut dyn Sink) {
        match self.0 {
            Some(told) => told.cause().show(out),
            None => "unknown".show(out),
        }
    }
}

/// The remedy, or where to look.
struct Remedy(Option<Told>);

impl Show for Remedy {
    fn show(&self, out: &mut dyn Sink) {
        match self.0 {
            // AppArmor identifies a program by its path, so a profile for this program suffices.
            Some(Told { reason: Reason::Apparmor, .. }) => profile(out),
            Some(told) => told.remedy().show(out),
            None => "look at the first kind that failed".show(out),
        }
    }
}

/// The command that gives this program an AppArmor profile.
fn profile(out: &mut dyn Sink) {
    let mut room = [0; 4096];
    let own = file::link(c"/proc/self/exe", &mut room).unwrap_or(b"PATH");
    out!(out, "echo 'abi <abi/4.0>, profile chimera ", Outside(own), " flags=(unconfined) { userns, }'");
    out!(out, " | sudo tee /etc/apparmor.d/chimera | sudo apparmor_parser -r");
}

/// A setting that restricts everyone but an administrator if it has the value `bad`.
fn guarded(value: Value, bad: &[u8]) -> Found {
    let is_bad = matches!(&value, Value::Text(room) if room.bytes() == Some(bad));
    Found { value, good: Some(!is_bad || privilege::is_administrator() != Some(false)) }
}

/// The first line of a file.
fn line(file: &str) -> Value {
    text(file, &mut |line| Some(line))
}

/// The text after a key in a file such as /proc/self/status.
fn status(file: &str, key: &[u8]) -> Value {
    text(file, &mut |line| line.after(key))
}

/// The first text that `pick` finds in the lines of a file.
fn text(file: &str, pick: &mut dyn FnMut(Line) -> Option<Line>) -> Value {
    let mut value = Value::Absent;
    let found = path::with_short(&[file.as_bytes()], |path| {
        proc::find(path, &mut |line| {
            let picked = pick(line);
            if let Some(text) = picked.and_then(Line::whole) {
                value = Value::Text(printable(text));
            }
            picked.is_some()
        })
    });
    if found.is_ok() { value } else { Value::Absent }
}

/// A printable copy of a text, up to a zero byte, with which some of these files end.
fn printable(text: &[u8]) -> Room<1024> {
    let mut room = Room::new();
    for byte in text.iter().take_while(|byte| **byte != 0) {
        // No sensible value contains such a byte.
        let is_odd = matches!(byte, b'"' | b'\\' | ..b' ' | 0x7f..);
        room.put(&[if is_odd { b'?' } else { *byte }]);
    }
    room
}

/// The nesting depth of user namespaces here, found by nesting further ones until the kernel refuses: it allows 33
/// below the first, user_namespaces(7).
fn depth() -> Found {
    const MOST: usize = 33;
    let left = by_child(|| (0..MOST).take_while(|_| nest().is_ok()).count() as i32);
    match left.map(|left| left as usize) {
        Ok(left @ 1..=MOST) => Found { value: Value::Number(MOST - left), good: Some(true) },
        // The first one may be forbidden for any other reason.
        _ => neutral(Value::Absent),
    }
}

/// Enters one more level and keeps the caller's ids there: without mapped ids the caller may not make the next level.
fn nest() -> sys::Result<()> {
    let own = [ids::geteuid(), ids::getegid()];
    calls::unshare(Flags::NEWUSER.bits() as usize)?;
    maps::keep(own)
}

/// The first id of the caller's block for `--map-auto`.
fn first_of(ids: Ids) -> Value {
    ids::getuid().and_then(|user| id_block::first(ids, user)).map_or(Value::Absent, |block| Value::Number(block.start))
}

/// How newuidmap(1) gets the right to write maps: set-user-ID, or file capabilities; or why it gets none.
fn helper() -> Value {
    match id_block::program(Ids::Users).0 {
        Program::Missing => Value::Absent,
        Program::Closed => Value::Word("not executable"),
        Program::Renounced => Value::Word("no_new_privs"),
        Program::Nosuid => Value::Word("nosuid"),
        Program::Plain => Value::Word("without rights"),
        Program::Setuid => Value::Word("setuid"),
        Program::Capable => Value::Word("capabilities"),
    }
}

/// The cgroup's limit on tasks, and whether it leaves room for two more.
fn pids() -> Found {
    limits::tasks_of_cgroup()
        .map_or(neutral(UNLIMITED), |used| Found { value: Value::Number(used.most), good: Some(!used.is_full()) })
}
