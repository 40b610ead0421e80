//! The id maps of a user namespace, user_namespaces(7): one line for the caller, or whole ranges.
//!
//! The decision behind it: the one line that every user may write is written by the process inside. Ranges need rights
//! outside, so a helper that stays there writes them, or has newuidmap(1) and newgidmap(1) do it. The helper is made before
//! anybody enters, and learns from the board whom to serve.

use super::plan::Plan;
use super::program;
use crate::clone::task::{UNSET, await_change, by_child};
use crate::scan::{number, parts};
use crate::sys::namespace::IdMap;
use crate::sys::{Answer, Errno, exec, file, ids, namespace, proc, process};
use crate::witness::board::{Board, CHILD_ACTS, PARENT_LOOKS, SUBJECT_DONE, Word};
use crate::words::digits;
use core::ffi::CStr;
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::general::{SIGCHLD, SIGKILL};

/// So many ranges can be asked for of each kind.
const RANGES: usize = 8;

/// The caller's own id is to be the same inside.
pub const SAME: usize = usize::MAX;

/// A line of a map: the first id inside, the first outside, how many.
#[derive(Clone, Copy, Default)]
pub struct Range(pub [usize; 3]);

/// The users or the groups of a namespace.
#[derive(Clone, Copy, Default)]
pub struct Ids {
    /// The id inside that the caller's own gets.
    pub own: Option<usize>,
    /// The ranges, up to the first that is empty.
    pub ranges: [Range; RANGES],
    /// Whether the caller's block of /etc/subuid or /etc/subgid is mapped from 0 on.
    pub auto: bool,
}

impl Ids {
    /// Whether anything but the caller's own id is mapped.
    pub fn has_ranges(&self) -> bool {
        self.auto || self.ranges[0].0[2] != 0
    }

    /// Takes `INNER:OUTER:COUNT` or `auto`; none if it makes no sense or there are too many.
    pub fn take(&mut self, value: &[u8]) -> Option<()> {
        if value == b"auto" {
            self.auto = true;
            return Some(());
        }
        let mut numbers = parts(value, b":").map(number);
        let range = [numbers.next()??, numbers.next()??, numbers.next()??];
        let free = self.ranges.iter_mut().find(|range| range.0[2] == 0)?;
        *free = Range(range);
        (range[2] != 0 && numbers.next().is_none()).then_some(())
    }
}

/// What is different for users and for groups.
pub struct Kind {
    map: &'static [u8],
    own_map: &'static CStr,
    program: &'static CStr,
    /// The file with the names of the ids, and that with the blocks of each name.
    names: &'static CStr,
    blocks: &'static CStr,
    /// Where the caller's own id stands, and the result.
    own: Word,
    result: Word,
}

/// Users and groups.
pub static KINDS: [Kind; 2] = [
    Kind {
        map: b"uid_map",
        own_map: c"/proc/self/uid_map",
        program: c"newuidmap",
        names: c"/etc/passwd",
        blocks: c"/etc/subuid",
        own: Word::Euid,
        result: Word::UidMap,
    },
    Kind {
        map: b"gid_map",
        own_map: c"/proc/self/gid_map",
        program: c"newgidmap",
        names: c"/etc/group",
        blocks: c"/etc/subgid",
        own: Word::Egid,
        result: Word::GidMap,
    },
];

/// Room for a file of names or blocks: who has more of them than fit is not found.
const ROOM: usize = 0x4000;

/// A column of a line of such a file.
fn column(line: &[u8], number: usize) -> &[u8] {
    parts(line, b":").nth(number).unwrap_or_default()
}

/// The first line of which a column is meant.
fn line<'a>(text: &'a [u8], number: usize, is_meant: &dyn Fn(&[u8]) -> bool) -> Option<&'a [u8]> {
    parts(text, b"\n").find(|line| is_meant(column(line, number)))
}

/// The number of a user (0) or group (1), which may be given by its name; passwd(5), group(5).
#[inline(never)] // its room is large, and it is called on small stacks
pub fn id(kind: usize, value: &[u8]) -> Option<usize> {
    number(value).or_else(|| {
        let mut room = [0; ROOM];
        let text = proc::read(KINDS.get(kind)?.names, &mut room);
        number(column(line(text, 0, &|name| name == value)?, 2))
    })
}

/// The first block of the caller in /etc/subuid or /etc/subgid, which names the user by name or number, subuid(5).
pub fn block(kind: &Kind) -> Option<[usize; 2]> {
    let own = ids::getuid().ok()?;
    let (mut users, mut blocks) = ([0; ROOM], [0; ROOM]);
    let is_own = |who: &[u8]| number(who) == Some(own);
    let name = line(proc::read(c"/etc/passwd", &mut users), 2, &is_own).map(|user| column(user, 0));
    let block = line(proc::read(kind.blocks, &mut blocks), 0, &|who| Some(who) == name || is_own(who))?;
    Some([number(column(block, 1))?, number(column(block, 2))?])
}

/// Adds a range without the ids of the first line, where there is one, for no two may have an id in common: what comes behind
/// a hole moves up on the other side, and so the last ids are those that are left out.
fn push_around(map: &mut IdMap, mut range: [usize; 3], hole: Option<[usize; 2]>) {
    let Some([inner, outer]) = hole else { return map.push(range) };
    loop {
        // An id below the range is far above it, counted so.
        let distance = inner.wrapping_sub(range[0]).min(outer.wrapping_sub(range[1]));
        if distance >= range[2] {
            return map.push(range);
        }
        map.push([range[0], range[1], distance]);
        range = [range[0] + distance, range[1] + distance, range[2] - distance - 1];
        range[0] += usize::from(range[0] == inner);
        range[1] += usize::from(range[1] == outer);
    }
}

/// The map of users or groups.
fn map(ids: &Ids, kind: &Kind, own: usize) -> IdMap {
    let mut map = IdMap::EMPTY;
    let hole = ids.own.map(|inner| [if inner == SAME { own } else { inner }, own]);
    hole.into_iter().for_each(|[inner, outer]| map.push([inner, outer, 1]));
    let block = if ids.auto { block(kind) } else { None };
    block.into_iter().for_each(|[start, count]| push_around(&mut map, [0, start, count], hole));
    ids.ranges.iter().for_each(|range| push_around(&mut map, range.0, hole));
    map
}

/// The process inside: writes the line of the caller's own id, if it has one; of ranges it says what the helper said.
pub fn write_own(plan: &Plan, board: Board, kind: usize) -> Answer {
    let (ids, kind) = (&plan.ids[kind], &KINDS[kind]);
    if plan.has_ranges() {
        return board.child().get(kind.result);
    }
    if ids.own.is_none() {
        return Answer(0);
    }
    board.parent().get(kind.own).and_then(|own| map(ids, kind, own).write(kind.own_map))
}

/// Gives these ids, which the caller had outside, the same names inside.
pub fn keep(own: [Answer; 2]) -> Answer {
    let denied = namespace::write_file(c"/proc/self/setgroups", b"deny");
    own.iter().zip(&KINDS).fold(denied, |answer, (own, kind)| {
        let ids = Ids { own: Some(SAME), ..Ids::default() };
        answer.and_then(|_| *own).and_then(|own| map(&ids, kind, own).write(kind.own_map))
    })
}

/// Makes the helper, if there are ranges. Answers its id, or 0.
pub fn helper(plan: &Plan, board: Board) -> Answer {
    if !plan.has_ranges() {
        return Answer(0);
    }
    board.tids().parent_tid.store(UNSET, Relaxed);
    let caller = ids::getpid();
    let made = process::clone_copied(SIGCHLD as usize);
    if made == Answer(0) {
        // Nobody calls it if nobody comes that far: then it gives up.
        if await_change(board.turn(), CHILD_ACTS, 0).is_err() {
            process::exit_group(0);
        }
        // A task that was made is told by CLONE_PARENT_SETTID; without one it is the caller that has entered.
        let task = match board.tids().parent_tid.load(Relaxed) {
            UNSET => caller.0,
            task => task as usize,
        };
        for (ids, kind) in plan.ids.iter().zip(&KINDS) {
            board.child().put(kind.result, serve(task, ids, kind, board));
        }
        board.pass_turn(SUBJECT_DONE);
        process::exit_group(0);
    }
    made
}

/// Whoever has made the helper: it has served, or nobody will call it any more.
pub fn dismiss(helper: Answer) {
    if let Some(helper @ 1..) = helper.ok()
        // It may have been reaped by whoever waits for everybody: then somebody else may have its id.
        && process::wait_for(helper, process::WNOHANG).0 == Answer(0)
    {
        let _ = process::kill(helper, SIGKILL);
        let _ = process::wait4(helper);
    }
}

/// The process inside: has the helper write, and waits until it has.
pub fn call_helper(plan: &Plan, board: Board) -> Answer {
    if !plan.has_ranges() {
        return Answer(0);
    }
    board.pass_turn(PARENT_LOOKS);
    await_change(board.turn(), PARENT_LOOKS, 0).map_or_else(Answer::error, |()| Answer(0))
}

/// The helper: writes the map of a task itself if it may, else has the program do it that may.
fn serve(task: usize, ids: &Ids, kind: &Kind, board: Board) -> Answer {
    let own = board.parent().get(kind.own);
    let map = map(ids, kind, own.ok().unwrap_or(0));
    if own.is_error() || map.text().is_empty() && !ids.auto {
        return own.and_then(|_| Answer(0));
    }
    if map.text().is_empty() {
        return Answer::error(Errno::ENOENT);
    }
    let written = map.write(proc::path(&mut [0; proc::ROOM], task, [kind.map, b""]));
    if !written.is(Errno::EPERM) { written } else { delegate(task, map.text(), kind) }
}

/// newuidmap(1) or newgidmap(1) for a task; what it complains of stands on fd 2. ECHILD: it could not do it.
fn delegate(task: usize, map: &[u8], kind: &Kind) -> Answer {
    let status = by_child(|| {
        let (mut task_room, mut rooms, mut words) = ([0; 20], [[0; 24]; exec::MOST], [c""; exec::MOST]);
        let numbers = [digits(task, 10, &mut task_room)].into_iter().chain(parts(map, b" \n"));
        let mut count = 1;
        for ((room, word), number) in rooms.iter_mut().zip(&mut words[1..]).zip(numbers) {
            *word = file::path(room, &[number]);
            count += 1;
        }
        words[0] = kind.program;
        program::status_of(program::search(kind.program.to_bytes(), &mut |path| {
            exec::execute_with(path, &words[..count])
        }))
    });
    match status {
        Answer(0) => status,
        _ if status == Answer(program::NOT_FOUND as usize) => Answer::error(Errno::ENOENT),
        _ => Answer::error(Errno::ECHILD),
    }
}
