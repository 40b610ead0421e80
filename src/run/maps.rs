//! The id maps of a user namespace, user_namespaces(7): one line for the caller, or whole ranges.
//!
//! The decision behind it: the one line that every user may write is written by the process inside. Ranges need rights
//! outside, so a helper that stays there writes them, or has newuidmap(1) and newgidmap(1) do it. The helper is made before
//! anybody enters, and learns from the board whom to serve.

use super::plan::Plan;
use super::program;
use super::steps::has_parent_ended;
use crate::clone::task::{Failure, UNSET, await_change, by_child};
use crate::scan::{number, parts};
use crate::sys::namespace::IdMap;
use crate::sys::proc::{self, Line, Tasks};
use crate::sys::{Answer, Errno, Pid, control, exec, futex, ids, namespace, process};
use crate::witness::board::{Board, CHILD_ACTS, PARENT_LOOKS, SUBJECT_DONE, Word};
use crate::words::{Text, digits};
use core::ffi::CStr;
use core::sync::atomic::Ordering::{Acquire, Relaxed};
use linux_raw_sys::general::{SIGCHLD, SIGKILL};

/// So many ranges can be asked for of each kind.
const RANGES: usize = 8;

/// The caller's own id is to be the same inside.
pub const SAME: usize = usize::MAX;

/// The highest id: ids have 32 bits, and the number with all of them set means none, credentials(7).
const LAST: usize = u32::MAX as usize - 1;

/// The id that is all there is in a text; an error says which there are.
pub fn number_of_id(value: &[u8]) -> Result<usize, Text> {
    number(value).filter(|id| *id <= LAST).ok_or(Text::RangeId)
}

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

    /// Takes `INNER:OUTER:COUNT` or `auto`; an error says what is allowed.
    pub fn take(&mut self, value: &[u8]) -> Result<(), Text> {
        if value == b"auto" {
            self.auto = true;
            return Ok(());
        }
        let range = range(value).ok_or(Text::RangeMap)?;
        *self.ranges.iter_mut().find(|range| range.0[2] == 0).ok_or(Text::RangeMap)? = range;
        Ok(())
    }
}

/// `INNER:OUTER:COUNT`, of which neither side goes beyond the last id; none if it makes no sense.
fn range(value: &[u8]) -> Option<Range> {
    let mut numbers = parts(value, b":").map(number);
    let [inner, outer, count] = [numbers.next()??, numbers.next()??, numbers.next()??];
    let fits = |first: usize| first.checked_add(count).is_some_and(|end| end <= LAST + 1);
    (count != 0 && fits(inner) && fits(outer) && numbers.next().is_none()).then_some(Range([inner, outer, count]))
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

/// How long a user's name can be, and more.
const NAME: usize = 256;

/// A column of a line of such a file.
fn column<'a>(line: Line<'a>, number: usize) -> Option<&'a [u8]> {
    line.part(number, b":")
}

/// A column that is an id.
fn id_in(line: Line, place: usize) -> Option<usize> {
    number_of_id(column(line, place)?).ok()
}

/// The number of a user (0) or group (1), which may be given by its name; passwd(5), group(5). An error says what is allowed.
pub fn id(kind: usize, value: &[u8]) -> Result<usize, Text> {
    number_of_id(value).or_else(|_| {
        let mut id = None;
        let names = KINDS.get(kind).map_or(c"", |kind| kind.names);
        let found = proc::find(names, &mut |line| {
            let is_meant = column(line, 0) == Some(value);
            id = if is_meant { id_in(line, 2) } else { None };
            is_meant
        });
        found.ok().and(id).ok_or(Text::RangeName)
    })
}

/// The first block of the caller in /etc/subuid or /etc/subgid, which names the user by name or number, subuid(5). ENOENT: there is
/// none.
pub fn block(kind: &Kind) -> Result<[usize; 2], Errno> {
    let own = ids::getuid().split()?;
    let (mut room, mut length) = ([0; NAME], 0);
    let named = proc::find(c"/etc/passwd", &mut |line| {
        let name = column(line, 0).filter(|name| id_in(line, 2) == Some(own) && name.len() <= NAME);
        if let Some(name) = name {
            length = name.len();
            room[..length].copy_from_slice(name);
        }
        name.is_some()
    });
    // A system may have no such file; one that cannot be read might have named the user.
    named.split().or_else(|errno| if errno == Errno::ENOENT { Ok(0) } else { Err(errno) })?;
    let mut block = None;
    let found = proc::find(kind.blocks, &mut |line| {
        let Some(owner) = column(line, 0) else { return false };
        let is_own = length > 0 && owner == &room[..length] || number(owner) == Some(own);
        block = if is_own { id_in(line, 1).zip(column(line, 2).and_then(number)) } else { None };
        is_own
    });
    found.split()?;
    let (start, count) = block.ok_or(Errno::ENOENT)?;
    let end = start.checked_add(count).filter(|end| count != 0 && *end <= LAST + 1);
    end.map(|_| [start, count]).ok_or(Errno::ENOENT)
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

/// The map of users or groups; an error if the caller's block was asked for and is not there.
fn map(ids: &Ids, kind: &Kind, own: usize) -> Result<IdMap, Errno> {
    let mut map = IdMap::EMPTY;
    let hole = ids.own.map(|inner| [if inner == SAME { own } else { inner }, own]);
    if let Some([inner, outer]) = hole {
        map.push([inner, outer, 1]);
    }
    if ids.auto {
        let [start, count] = block(kind)?;
        // The caller's own id takes a place inside that none of the block has, and all of the block are mapped: behind it.
        let is_inside = hole.is_some_and(|[inner, outer]| inner <= count && !(start..start + count).contains(&outer));
        push_around(&mut map, [0, start, count + usize::from(is_inside)], hole);
    }
    ids.ranges.iter().for_each(|range| push_around(&mut map, range.0, hole));
    Ok(map)
}

/// Writes the map of users or groups to the file at `path`.
fn write_map(ids: &Ids, kind: &Kind, own: usize, path: &CStr) -> Answer {
    map(ids, kind, own).map_or_else(Answer::error, |map| map.write(path))
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
    board.parent().get(kind.own).and_then(|own| write_map(ids, kind, own, kind.own_map))
}

/// Gives these ids, which the caller had outside, the same names inside.
pub fn keep(own: [Answer; 2]) -> Answer {
    let denied = namespace::write_file(c"/proc/self/setgroups", b"deny");
    own.iter().zip(&KINDS).fold(denied, |answer, (own, kind)| {
        let ids = Ids { own: Some(SAME), ..Ids::default() };
        answer.and_then(|_| *own).and_then(|own| write_map(&ids, kind, own, kind.own_map))
    })
}

/// Makes the helper, if there are ranges. The task to be served is told by the word of CLONE_PARENT_SETTID: whatever stands
/// there when it calls.
pub fn helper(plan: &Plan, board: Board) -> Result<Option<Pid>, Failure> {
    if !plan.has_ranges() {
        return Ok(None);
    }
    let failed = |errno| Failure { step: Text::StepHelper, errno };
    let maker = ids::getpid().as_pid().map_err(failed)?;
    // The helper writes to /proc/TASK: that must be the very task.
    Tasks::here().ok_or(Failure { step: Text::StepTasks, errno: Errno::ESRCH })?;
    // The caller enters by itself, unless a task is made.
    board.tids().parent_tid.store(maker.number() as u32, Relaxed);
    let made = process::clone_copied(SIGCHLD as usize, None);
    if made == Answer(0) {
        help(plan, board, maker);
        process::exit_group(0);
    }
    made.as_pid().map(Some).map_err(failed)
}

/// The helper: serves the task that calls, or ends with its maker.
fn help(plan: &Plan, board: Board, maker: Pid) {
    // A refusal leaves a helper that gives up by itself, a little later.
    let _ = control::signal_at_parents_end(SIGKILL);
    let is_orphan = ids::getppid().ok().is_some_and(|parent| parent != maker.number());
    if is_orphan || await_change(board.turn(), CHILD_ACTS, None).is_err() {
        return;
    }
    let task = match board.tids().parent_tid.load(Relaxed) {
        UNSET => None,
        number => Pid::new(number as usize),
    };
    for (ids, kind) in plan.ids.iter().zip(&KINDS) {
        let served = task.map_or(Answer::error(Errno::ESRCH), |task| serve(task, ids, kind, board));
        board.child().put(kind.result, served);
    }
    board.pass_turn(SUBJECT_DONE);
}

/// Ends the helper, if there is one and it still runs.
pub fn dismiss(helper: Option<Pid>) {
    if let Some(helper) = helper {
        // A refusal says that it has ended.
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
    for _ in 0..SLICES {
        if board.turn().load(Acquire) != PARENT_LOOKS {
            return Answer(0);
        }
        // However it ends, the turn tells.
        let _ = futex::wait(board.turn(), PARENT_LOOKS, SLICE);
        // The helper has ended with the parent, if that was killed; a caller that has entered by itself has none.
        if has_parent_ended(board) == Answer(1) {
            return Answer::error(Errno::ESRCH);
        }
    }
    Answer::error(Errno::ETIMEDOUT)
}

/// How long one sleep lasts, in milliseconds, and how many there are: two seconds.
const SLICE: u32 = 50;
const SLICES: u32 = 40;

/// The helper: writes the map of a task itself if it may, else has the program do it that may; nothing if there is nothing to map.
fn serve(task: Pid, ids: &Ids, kind: &Kind, board: Board) -> Answer {
    let tasks = Tasks::here().ok_or(Errno::ESRCH);
    let own = board.parent().get(kind.own).split();
    let map = own.and_then(|own| map(ids, kind, own));
    let (tasks, map) = match tasks.and_then(|tasks| Ok((tasks, map?))) {
        Ok(both) => both,
        Err(errno) => return Answer::error(errno),
    };
    match map.text() {
        Ok(b"") => Answer(0),
        Ok(text) => {
            let written = tasks.at(task, [kind.map, b""], &mut |path| map.write(path));
            if written.is(Errno::EPERM) { delegate(task, text, kind) } else { written }
        }
        Err(errno) => Answer::error(errno),
    }
}

/// How many bytes a number has, and the zero behind it.
const DIGITS: usize = 24;

/// newuidmap(1) or newgidmap(1) for a task; what it complains of stands on fd 2. ECHILD: it could not do it.
fn delegate(task: Pid, map: &[u8], kind: &Kind) -> Answer {
    let status = by_child(|| program::status_of(execute_helper(task, map, kind)));
    match status {
        Answer(0) => status,
        _ if status == Answer(program::NOT_FOUND as usize) => Answer::error(Errno::ENOENT),
        _ => Answer::error(Errno::ECHILD),
    }
}

/// Becomes the program; comes back with a refusal.
fn execute_helper(task: Pid, map: &[u8], kind: &Kind) -> Answer {
    let (mut task_room, mut rooms, mut words) = ([0; 20], [[0; DIGITS]; exec::MOST], [c""; exec::MOST]);
    let numbers = [digits(task.number(), 10, &mut task_room)].into_iter().chain(parts(map, b" \n"));
    words[0] = kind.program;
    let mut count = 1;
    let mut places = rooms.iter_mut().zip(&mut words[1..]);
    for number in numbers {
        let Some((room, word)) = places.next() else { return Answer::error(Errno::E2BIG) };
        let Some(place) = room.get_mut(..number.len()) else { return Answer::error(Errno::E2BIG) };
        place.copy_from_slice(number);
        *word = CStr::from_bytes_until_nul(room).unwrap_or_default();
        count += 1;
    }
    program::search(kind.program.to_bytes(), &mut |path| exec::execute_with(path, &words[..count]))
}
