//! `chimera doctor`: what forbids user namespaces here, found by looking, and then by really making each kind.
//!
//! The decision behind it: the rows are what administrators can set, one table; the tries are what counts, and they take
//! the very steps of `run`. The verdict and its remedy come from the first try that failed, by the same table of causes
//! that explains any other refusal.

use super::cause::{self, Told};
use super::options::{DOCTOR, Misuse, Options};
use super::{Status, board};
use crate::clone::flags::{Flags, KINDS};
use crate::clone::task::{Failure, Task, by_child};
use crate::report::print::{self, say, spell, until};
use crate::run::plan::Plan;
use crate::run::steps::{self, OF_PLACE, OF_PROGRAM};
use crate::run::{init, maps};
use crate::scan::parts;
use crate::sys::initial::{InitialStack, Strings};
use crate::sys::memory::SharedPage;
use crate::sys::{Answer, Errno, control, file, ids, limit, namespace, privilege, proc};
use crate::witness::board::Board;
use crate::witness::root;
use crate::words::{Text, digits};

/// What is found: the value, and whether it is good; none if it neither helps nor harms by itself.
type Found<'a> = (&'a [u8], Option<bool>);

/// A row: what is looked at, where it is read, and how.
struct Row(Text, Text, fn(&mut [u8]) -> Found);

/// How large a value can be.
const ROOM: usize = 4096;

/// All rows; the limits of each kind of namespace come before them.
#[rustfmt::skip]
static ROWS: [Row; 19] = [
    Row(Text::DrKernel, Text::DrKernelAt, |_| yes(!namespace::own(b"user").is(Errno::ENOENT), true)),
    Row(Text::DrSysctl, Text::DrSysctlAt, |room| guarded(line(Text::DrSysctlAt, room), b"0")),
    Row(Text::DrApparmor, Text::DrApparmorAt, |room| guarded(line(Text::DrApparmorAt, room), b"1")),
    Row(Text::DrLabel, Text::DrLabelAt, |room| (line(Text::DrLabelAt, room), None)),
    Row(Text::DrSelinux, Text::DrSelinuxAt, |room| (line(Text::DrSelinuxAt, room), None)),
    Row(Text::DrSeccomp, Text::DrStatusAt, |room| (status(b"Seccomp:\t", room), None)),
    Row(Text::DrFilter, Text::DrFilterAt, |_| yes(cause::is_filtered(Flags::NEWUSER), false)),
    Row(Text::DrChroot, Text::DrChrootAt, |_| yes(file::is_chroot(), false)),
    Row(Text::DrUnmapped, Text::DrUnmappedAt, |_| yes(ids::is_unmapped(), false)),
    Row(Text::DrDepth, Text::DrDepthAt, depth),
    Row(Text::DrBounding, Text::DrStatusAt, |room| (status(b"CapBnd:\t", room), None)),
    Row(Text::DrNoNew, Text::DrStatusAt, |room| (status(b"NoNewPrivs:\t", room), None)),
    Row(Text::DrReadable, Text::DrReadableAt, |_| yes(control::dumpable() == Answer(1), true)),
    Row(Text::DrSubuid, Text::DrSubuidAt, |room| block(0, room)),
    Row(Text::DrSubgid, Text::DrSubgidAt, |room| block(1, room)),
    Row(Text::DrHelper, Text::DrHelperAt, |_| (helper(), None)),
    Row(Text::DrProc, Text::DrProcAt, |_| yes(file::open(c"/proc/self/uid_map", file::O_WRONLY).and_then(file::close).ok().is_some(), true)),
    Row(Text::DrNproc, Text::DrNprocAt, |room| (limit::tasks().map_or(UNLIMITED, |most| number(most, room)), None)),
    Row(Text::DrPids, Text::DrPidsAt, pids),
];

const UNLIMITED: &[u8] = b"unlimited";
/// What is not there.
const ABSENT: &[u8] = b"-";

/// Looks, tries and tells.
pub fn command(_: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let mut json = false;
    for word in Options::new(DOCTOR, words) {
        match word? {
            (Text::OptionJson, _) => json = true,
            (_, word) => return Err(word.into()),
        }
    }
    let Some(board) = board() else { return Ok(Status::Failed as i32) };
    say(if json { Text::DrJsonHead } else { Text::DrHead });
    look(json);
    say(if json { Text::DrJsonTries } else { Text::DrTries });
    let failed = try_all(board, json);
    verdict(failed, json);
    Ok(if failed.is_some() { Status::Failed } else { Status::Proven } as i32)
}

/// Looks at all rows and tells each.
fn look(json: bool) {
    let [mut glue, comma] = [Text::Nothing, separator(json)];
    for (_, kind) in &KINDS {
        let (mut room, mut limit) = ([0; 20], None);
        // A limit that cannot be read is told as absent.
        let _ = limit::of_namespaces(kind.bytes(), &mut |path| {
            limit = proc::value(path);
            Answer(0)
        });
        let value = limit.map_or(ABSENT, |limit| number(limit, &mut room));
        say(glue);
        tell(json, [Text::DrLimit, Text::DrLimitAt], *kind, (value, (value != ABSENT).then_some(value != b"0")));
        glue = comma;
    }
    for Row(name, source, look) in &ROWS {
        say(glue);
        tell(json, [*name, *source], Text::Nothing, look(&mut [0; ROOM]));
    }
}

fn separator(json: bool) -> Text {
    if json { Text::JsonComma } else { Text::Nothing }
}

/// A row: its name, the value, whether it is good, and where it was read; `kind` is what the texts speak of.
fn tell(json: bool, [name, source]: [Text; 2], kind: Text, (value, good): Found) {
    let [start, yes, no, neither, end] = if json {
        [Text::DrJsonRow, Text::DrJsonGood, Text::DrJsonBad, Text::DrJsonNeither, Text::DrJsonRowEnd]
    } else {
        [Text::DrRow, Text::DrGood, Text::DrBad, Text::DrNeither, Text::DrRowEnd]
    };
    say(start);
    spell(name, &[kind]);
    say(if json { Text::DrJsonValue } else { Text::DrValue });
    for byte in value {
        // What JSON would have to escape is in no value that makes sense.
        print::byte(if matches!(byte, b'"' | b'\\' | ..b' ' | 0x7f..) { b'?' } else { *byte });
    }
    say(good.map_or(neither, |good| if good { yes } else { no }));
    spell(source, &[kind]);
    say(end);
}

/// Makes a user namespace with each kind in it, becomes root there and does what only root of it may; answers the first
/// failure, and the namespaces in question.
fn try_all(board: Board, json: bool) -> Option<(Failure, Flags)> {
    let mut failed = None;
    let mut glue = Text::Nothing;
    for (flag, kind) in KINDS {
        let flags = flag | Flags::NEWUSER;
        // What the kernel does not have, nobody forbids.
        let exists = kind == Text::User || !namespace::own(kind.bytes()).is(Errno::ENOENT);
        let failure = if exists { try_one(board, flags).err() } else { None };
        say(glue);
        spell(if json { Text::DrJsonTry } else { Text::DrTry }, &[kind]);
        let result = if exists { Text::JsonOk } else { Text::DrAbsent };
        until(b' ', failure.map_or(result, |failure| failure.errno.text()).bytes());
        if json || failure.is_some() {
            say(if json { Text::DrJsonStep } else { Text::DrStep });
        }
        match failure {
            Some(Failure { step: Text::Call, .. }) => say(Text::JsonClone),
            Some(failure) => say(failure.step),
            None => {}
        }
        say(if json { Text::DrJsonTryEnd } else { Text::DrTryEnd });
        failed = failed.or(failure.map(|failure| (failure, flags)));
        glue = separator(json);
    }
    failed
}

/// Makes one, by the steps of `run`.
fn try_one(board: Board, flags: Flags) -> Result<(), Failure> {
    board.wipe();
    root::brief(board);
    board.set_flags(flags);
    steps::brief(&Plan { namespaces: flags, ..Plan::default() }, board);
    let call = init::call(flags);
    let mut task = Task::new(&call, board.tids());
    task.make_on_stack(enter, board.0)?.join().map_err(|errno| Failure { step: Text::End, errno })?;
    steps::refused(board).map_or(Ok(()), Err)
}

/// The task in them.
extern "C" fn enter(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    let mut plan = Plan { namespaces: board.flags(), ..Plan::default() };
    plan.ids.iter_mut().for_each(|ids| ids.own = Some(0));
    plan.propagation = plan.namespaces.contains(Flags::NEWNS).then_some(namespace::MS_PRIVATE);
    plan.hostname = plan.namespaces.contains(Flags::NEWUTS).then_some(b"chimera");
    plan.offsets[1] = plan.namespaces.contains(Flags::NEWTIME).then_some(b"0");
    plan.setuid = Some(0);
    let taken = steps::take(&OF_PLACE, &plan, board).and_then(|()| steps::take(&OF_PROGRAM, &plan, board));
    taken.is_err().into()
}

/// The verdict, and one remedy.
fn verdict(failed: Option<(Failure, Flags)>, json: bool) {
    let Some((failure, flags)) = failed else { return say(if json { Text::DrJsonUsable } else { Text::DrUsable }) };
    let unknown = Told { cause: Text::Unknown, remedy: Text::DrNoRemedy, kind: Text::Nothing };
    let Told { cause, remedy, kind } = cause::find(failure, flags).unwrap_or(unknown);
    say(if json { Text::DrJsonForbidden } else { Text::DrForbidden });
    spell(cause, &[kind]);
    say(if json { Text::DrJsonTryThis } else { Text::Try });
    if cause == Text::Apparmor {
        // AppArmor goes by the path of a program: a profile for this one is all that it needs.
        say(Text::DrProfile);
        until(0, file::link(c"/proc/self/exe", &mut [0; ROOM]).unwrap_or(b"PATH"));
        say(Text::DrProfileEnd);
    } else {
        spell(remedy, &[kind]);
    }
    say(if json { Text::DrJsonEnd } else { Text::DrEnd });
}

/// `yes` or `no`, of which one is good.
fn yes<'a>(is: bool, good: bool) -> Found<'a> {
    (if is { b"yes" } else { b"no" }, Some(is == good))
}

/// A setting that binds all but the administrator if it has the value `bad`.
fn guarded<'a>(value: &'a [u8], bad: &[u8]) -> Found<'a> {
    (value, Some(value != bad || privilege::is_administrator() != Some(false)))
}

/// The first line of a file.
fn line(path: Text, room: &mut [u8]) -> &[u8] {
    copied(room, |keep| file::at(&[path.bytes()], &mut |path| proc::find(path, &mut |line| keep(line.whole()))))
}

/// A line of /proc/self/status.
fn status<'a>(key: &[u8], room: &'a mut [u8]) -> &'a [u8] {
    copied(room, |keep| {
        proc::find(c"/proc/self/status", &mut |line| line.after(key).is_some_and(|rest| keep(rest.whole())))
    })
}

/// What `find` hands to the function that it is given, kept in a room; [`ABSENT`] if that is nothing, or too much.
fn copied(room: &mut [u8], find: impl FnOnce(&mut dyn FnMut(Option<&[u8]>) -> bool) -> Answer) -> &[u8] {
    let mut length = 0;
    let found = find(&mut |text| {
        // Some of these files end with a zero.
        let text = text.and_then(|text| parts(text, b"\0").next()).unwrap_or_default();
        if let Some(place) = room.get_mut(..text.len()) {
            place.copy_from_slice(text);
            length = text.len();
        }
        true
    });
    if length == 0 || found.is_error() { ABSENT } else { &room[..length] }
}

fn number(number: usize, room: &mut [u8]) -> &[u8] {
    let mut digits_of = [0; 20];
    let text = digits(number, 10, &mut digits_of);
    match room.get_mut(..text.len()) {
        Some(place) => {
            place.copy_from_slice(text);
            place
        }
        None => ABSENT,
    }
}

/// How many levels of user namespaces there are around this place, found by making one in the other until the kernel has
/// enough: it allows 33 in the first, user_namespaces(7).
fn depth(room: &mut [u8]) -> Found<'_> {
    const MOST: usize = 33;
    let left = by_child(|| {
        let mut levels = 0;
        while levels < MOST && nest().ok().is_some() {
            levels += 1;
        }
        levels as i32
    });
    match left.ok() {
        Some(left @ 1..=MOST) => (number(MOST - left, room), Some(true)),
        // It may be anything else that forbids the first.
        _ => (ABSENT, None),
    }
}

/// One level, in which the caller keeps its ids: who has none may not make the next.
fn nest() -> Answer {
    let own = [ids::geteuid(), ids::getegid()];
    namespace::unshare(Flags::NEWUSER.bits() as usize).and_then(|_| maps::keep(own))
}

/// The caller's block of ids for `--map-auto`.
fn block(kind: usize, room: &mut [u8]) -> Found<'_> {
    let found = maps::KINDS.get(kind).and_then(|kind| maps::block(kind).ok());
    (found.map_or(ABSENT, |[start, _]| number(start, room)), None)
}

/// What gives newuidmap(1) the right to write maps: it is setuid, or has file capabilities.
fn helper<'a>() -> &'a [u8] {
    let path = c"/usr/bin/newuidmap";
    match (file::is_setuid(path), file::has_capabilities(path)) {
        (None, _) => ABSENT,
        (Some(true), _) => b"setuid",
        (_, true) => b"capabilities",
        _ => b"without rights",
    }
}

/// How many tasks the cgroup may have, and whether there is room for one.
fn pids(room: &mut [u8]) -> Found<'_> {
    limit::cgroup().map_or((UNLIMITED, None), |[most, now]| (number(most, room), Some(now + 2 <= most)))
}
