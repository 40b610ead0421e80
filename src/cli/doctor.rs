//! `chimera doctor`: what forbids user namespaces here, found by looking, and then by really making each kind.
//!
//! The rows are what administrators can set, one table; the tries are what counts, and they take the very steps of `run`. The
//! verdict and its remedy come from the first try that failed, by the same table of causes that explains any other refusal.

use super::common::board;
use super::options::{Misuse, Opt, Options, Word};
use super::status::Status;
use crate::board::Board;
use crate::board::record::Running;
use crate::clone::flags::{Flags, Kind};
use crate::clone::task::by_child;
use crate::error::{Failure, Step};
use crate::host::cause::{self, Reason, Told};
use crate::host::id_map::Ids;
use crate::host::proc::{self, Line};
use crate::host::{limits, namespace, path};
use crate::report::page::Console;
use crate::report::show::Name;
use crate::run::maps::{self, block};
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

/// All of them.
pub static OPTIONS: [Opt<Id>; 2] = [Opt::flag("--help", Id::Help).letter(b'h'), Opt::flag("--json", Id::Json)];

/// A value that was found.
#[allow(clippy::large_enum_variant, reason = "one at a time lives, on the stack")]
enum Value {
    /// Nothing is there.
    Absent,
    /// A word of this program.
    Word(&'static str),
    Number(usize),
    /// From a file.
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

/// What is found: the value, and whether it is good; none if it neither helps nor harms by itself.
struct Found {
    value: Value,
    good: Option<bool>,
}

/// What neither helps nor harms.
fn only(value: Value) -> Found {
    Found { value, good: None }
}

/// `yes` or `no`, of which one is good.
fn yes(is: bool, good: bool) -> Found {
    Found { value: Value::Word(if is { "yes" } else { "no" }), good: Some(is == good) }
}

/// A row: what is looked at, where it is read, and how, which is told that place.
struct Row(&'static str, &'static str, fn(&str) -> Found);

/// All rows; the limits of each kind of namespace come before them.
#[rustfmt::skip]
static ROWS: [Row; 19] = [
    Row("kernel support", "/proc/self/ns/user", |_| yes(exists(Kind::User), true)),
    Row("userns_clone", "/proc/sys/kernel/unprivileged_userns_clone", |file| guarded(line(file), b"0")),
    Row("AppArmor limits", "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", |file| guarded(line(file), b"1")),
    Row("security label", "/proc/self/attr/current", |file| only(line(file))),
    Row("SELinux enforcing", "/sys/fs/selinux/enforce", |file| only(line(file))),
    Row("seccomp mode", "/proc/self/status", |file| only(status(file, b"Seccomp:\t"))),
    Row("filter answers", "unshare(2), clone(2)", |_| yes(cause::is_filtered(Flags::NEWUSER), false)),
    Row("chroot", "statx(2) of /", |_| yes(namespace::is_chroot(), false)),
    Row("unmapped uid", "setresuid(2)", |_| yes(ids::is_unmapped(), false)),
    Row("nesting depth", "unshare(2), again and again", |_| depth()),
    Row("bounding set", "/proc/self/status", |file| only(status(file, b"CapBnd:\t"))),
    Row("no_new_privs", "/proc/self/status", |file| only(status(file, b"NoNewPrivs:\t"))),
    Row("readable itself", "prctl(PR_GET_DUMPABLE)", |_| yes(control::is_dumpable() == Ok(true), true)),
    Row("first of subuid", "/etc/subuid", |_| only(first_of(Ids::Users))),
    Row("first of subgid", "/etc/subgid", |_| only(first_of(Ids::Groups))),
    Row("newuidmap", "/usr/bin/newuidmap", |_| only(helper())),
    Row("/proc is writable", "/proc/self/uid_map", |_| yes(file::open(c"/proc/self/uid_map", file::O_WRONLY).is_ok(), true)),
    Row("RLIMIT_NPROC", "prlimit(2)", |_| only(limits::tasks_of_user().map_or(UNLIMITED, Value::Number))),
    Row("pids.max", "/sys/fs/cgroup", |_| pids()),
];

const UNLIMITED: Value = Value::Word("unlimited");

/// Looks, tries and tells.
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

/// A try that failed: of which namespaces, and how.
type Failed = (Failure, Flags);

/// All for people; answers the first try that failed.
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

/// The same for machines: one object.
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

/// The rows as objects.
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

/// The tries as objects.
fn tries(list: &mut List, board: Board<Running>) -> Option<Failed> {
    try_all(board, &mut |tried| {
        list.object(|row| {
            row.text("kind", tried.kind.name());
            row.text("result", tried);
            row.text("step", tried.step().unwrap_or_default());
        });
    })
}

/// Looks at all rows and tells each: its name, where it was read, and what was found.
fn look(tell: &mut dyn FnMut(&dyn Show, &dyn Show, &Found)) {
    for kind in Kind::ALL {
        let most = limits::namespaces(kind);
        let found = Found { value: most.map_or(Value::Absent, Value::Number), good: most.map(|most| most != 0) };
        tell(&("max_", kind.name()), &("/proc/sys/user/max_", kind.name(), "_namespaces"), &found);
    }
    for Row(name, source, look) in &ROWS {
        tell(name, source, &look(source));
    }
}

/// A kind of namespace that was to be made.
struct Tried {
    kind: Kind,
    /// What came of it; none if the kernel does not have the kind.
    result: Option<Result<(), Failure>>,
}

impl Tried {
    /// The failure, if there was one.
    fn failure(&self) -> Option<Failure> {
        self.result.and_then(Result::err)
    }

    /// The step that failed.
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
            Some(Err(failure)) => failure.errno().map(Name).show(out),
        }
    }
}

/// Makes a user namespace with each kind in it, becomes root there and does what only root of it may, and tells each. Answers
/// the first failure, and the namespaces in question.
fn try_all(board: Board<Running>, tell: &mut dyn FnMut(&Tried)) -> Option<Failed> {
    let mut first = None;
    for kind in Kind::ALL {
        let flags = kind.flag() | Flags::NEWUSER;
        // A kind that the kernel does not have is not forbidden.
        let exists = kind == Kind::User || exists(kind);
        let tried = Tried { kind, result: exists.then(|| try_namespaces(board, flags)) };
        tell(&tried);
        first = first.or(tried.failure().map(|failure| (failure, flags)));
    }
    first
}

/// Whether the kernel has a kind of namespace.
fn exists(kind: Kind) -> bool {
    namespace::own(kind) != Err(Errno::ENOENT)
}

/// The cause, if it was found.
struct Cause(Option<Told>);

impl Show for Cause {
    fn show(&self, out: &mut dyn Sink) {
        match self.0 {
            Some(told) => told.cause().show(out),
            None => "unknown".show(out),
        }
    }
}

/// The one remedy.
struct Remedy(Option<Told>);

impl Show for Remedy {
    fn show(&self, out: &mut dyn Sink) {
        match self.0 {
            // AppArmor goes by the path of a program: a profile for this one is all that it needs.
            Some(Told { reason: Reason::Apparmor, .. }) => profile(out),
            Some(told) => told.remedy().show(out),
            None => "look at the first kind that failed".show(out),
        }
    }
}

/// The command that gives this program a profile.
fn profile(out: &mut dyn Sink) {
    let mut room = [0; 4096];
    let own = file::link(c"/proc/self/exe", &mut room).unwrap_or(b"PATH");
    out!(out, "echo 'abi <abi/4.0>, profile chimera ", Outside(own), " flags=(unconfined) { userns, }'");
    out!(out, " | sudo tee /etc/apparmor.d/chimera | sudo apparmor_parser -r");
}

/// A setting that binds all but the administrator if it has the value `bad`.
fn guarded(value: Value, bad: &[u8]) -> Found {
    let is_bad = matches!(&value, Value::Text(room) if room.bytes() == Some(bad));
    Found { value, good: Some(!is_bad || privilege::is_administrator() != Some(false)) }
}

/// The first line of a file.
fn line(file: &str) -> Value {
    text(file, &mut |line| Some(line))
}

/// What stands behind a key in a file, as in /proc/self/status.
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
                value = Value::Text(plain(text));
            }
            picked.is_some()
        })
    });
    if found.is_ok() { value } else { Value::Absent }
}

/// A text as it is told; some of these files end with a zero.
fn plain(text: &[u8]) -> Room<1024> {
    let mut room = Room::new();
    for byte in text.iter().take_while(|byte| **byte != 0) {
        // Such a byte is in no value that makes sense.
        let is_odd = matches!(byte, b'"' | b'\\' | ..b' ' | 0x7f..);
        room.put(&[if is_odd { b'?' } else { *byte }]);
    }
    room
}

/// How many levels of user namespaces there are around this place, found by making one in the other until the kernel has
/// enough: it allows 33 in the first, user_namespaces(7).
fn depth() -> Found {
    const MOST: usize = 33;
    let left = by_child(|| (0..MOST).take_while(|_| nest().is_ok()).count() as i32);
    match left.map(|left| left as usize) {
        Ok(left @ 1..=MOST) => Found { value: Value::Number(MOST - left), good: Some(true) },
        // It may be anything else that forbids the first.
        _ => only(Value::Absent),
    }
}

/// One level, in which the caller keeps its ids: a caller that has none may not make the next.
fn nest() -> sys::Result<()> {
    let own = [ids::geteuid(), ids::getegid()];
    calls::unshare(Flags::NEWUSER.bits() as usize)?;
    maps::keep(own)
}

/// The first id of the caller's block for `--map-auto`.
fn first_of(ids: Ids) -> Value {
    block(ids).map_or(Value::Absent, |block| Value::Number(block.start))
}

/// What gives newuidmap(1) the right to write maps: it is setuid, or has file capabilities.
fn helper() -> Value {
    let path = c"/usr/bin/newuidmap";
    match (file::is_setuid(path), file::has_capabilities(path)) {
        (Err(_), _) => Value::Absent,
        (Ok(true), _) => Value::Word("setuid"),
        (_, true) => Value::Word("capabilities"),
        _ => Value::Word("without rights"),
    }
}

/// How many tasks the cgroup may have, and whether there is room for two.
fn pids() -> Found {
    limits::tasks_of_cgroup()
        .map_or(only(UNLIMITED), |used| Found { value: Value::Number(used.most), good: Some(!used.is_full()) })
}
