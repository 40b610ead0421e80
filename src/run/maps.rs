//! The id maps of a new user namespace, user_namespaces(7): one line for the caller, or whole ranges.
//!
//! The process inside writes the one line that needs no privileges. Ranges need privileges outside, so a helper that
//! stays outside writes them, or has newuidmap(1) and newgidmap(1) write them. The helper is made before any process
//! enters, and learns from the board which task to serve.

use super::ids::{Ids, LAST, column, id_in};
use super::parent::has_parent_ended;
use super::plan::Plan;
use super::program;
use crate::board::record::Running;
use crate::board::{Board, Turn, UNSET};
use crate::clone::task::by_child;
use crate::error::{At, Failure, Step};
use crate::host::id_map::{self, IdMap, Range};
use crate::host::proc::{self, Tasks};
use crate::sys::process::Fork;
use crate::sys::{Errno, Pid, Result, Signal, control, exec, ids, process, wait};
use crate::text::number::{LONGEST, digits};
use crate::text::read::{number, parts};
use crate::text::{Room, Sink};
use core::ffi::CStr;
use core::sync::atomic::Ordering::Relaxed;

/// What differs between users and groups.
struct Sources {
    /// The map's name in proc(5).
    map: &'static [u8],
    /// The privileged program that writes maps.
    program: &'static CStr,
    /// The file with each user's blocks.
    blocks: &'static CStr,
}

/// The sources for users or for groups.
const fn sources(kind: id_map::Ids) -> Sources {
    match kind {
        id_map::Ids::Users => Sources { map: b"uid_map", program: c"newuidmap", blocks: c"/etc/subuid" },
        id_map::Ids::Groups => Sources { map: b"gid_map", program: c"newgidmap", blocks: c"/etc/subgid" },
    }
}

/// A buffer for a user's name, longer than any.
const NAME: usize = 256;

/// The caller's first block in /etc/subuid or /etc/subgid, which list users by name or id, subuid(5). ENOENT: there is
/// none.
pub fn block(kind: id_map::Ids) -> Result<core::ops::Range<usize>> {
    let own = ids::getuid()?;
    let own_name = name_of(own)?;
    let mut block = None;
    proc::find(sources(kind).blocks, &mut |line| {
        let Some(owner) = column(line, 0) else { return false };
        let is_named = !owner.is_empty() && own_name.bytes() == Some(owner);
        let is_own = is_named || number(owner) == Some(own);
        block = if is_own { id_in(line, 1).zip(column(line, 2).and_then(number)) } else { None };
        is_own
    })?;
    let (start, count) = block.ok_or(Errno::ENOENT)?;
    let end = start.checked_add(count).filter(|end| count != 0 && *end <= LAST + 1);
    end.map(|end| start..end).ok_or(Errno::ENOENT)
}

/// The name of a user in passwd(5); empty if the user has none.
fn name_of(user: usize) -> Result<Room<NAME>> {
    let mut room = Room::new();
    let found = proc::find(c"/etc/passwd", &mut |line| {
        let name = column(line, 0).filter(|name| id_in(line, 2) == Some(user) && name.len() <= NAME);
        room.put(name.unwrap_or_default());
        name.is_some()
    });
    match found {
        // The file may be absent; but an unreadable file might name the user.
        Ok(_) | Err(Errno::ENOENT) => Ok(room),
        Err(errno) => Err(errno),
    }
}

/// Adds a range, leaving out the ids of `hole`, the caller's own line, because ids may not overlap. The ids after a
/// hole move up on the other side, so the last ids of the range are dropped.
fn push_around(map: &mut IdMap, mut range: Range, hole: Option<Range>) {
    let Some(Range { inner, outer, .. }) = hole else { return map.push(range) };
    loop {
        // An id below the range wraps to a large distance.
        let distance = inner.wrapping_sub(range.inner).min(outer.wrapping_sub(range.outer));
        if distance >= range.count {
            return map.push(range);
        }
        map.push(Range { count: distance, ..range });
        range.inner += distance;
        range.outer += distance;
        range.count -= distance + 1;
        range.inner += usize::from(range.inner == inner);
        range.outer += usize::from(range.outer == outer);
    }
}

/// The map of users or groups; an error if the caller's block was requested and does not exist. `own` is the caller's
/// outer id.
fn map(ids: &Ids, kind: id_map::Ids, own: usize) -> Result<IdMap> {
    let mut map = IdMap::new();
    let hole = ids.own.map(|inner| Range { inner: inner.inside(own), outer: own, count: 1 });
    if let Some(hole) = hole {
        map.push(hole);
    }
    if ids.auto {
        let block = block(kind)?;
        // If the caller's inner id lies among the block's and its outer id does not, the block's ids move up by one, so
        // all of them are still mapped.
        let is_inside = hole.is_some_and(|hole| hole.inner <= block.len() && !block.contains(&hole.outer));
        let count = block.len() + usize::from(is_inside);
        push_around(&mut map, Range { inner: 0, outer: block.start, count }, hole);
    }
    ids.ranges.iter().for_each(|range| push_around(&mut map, *range, hole));
    Ok(map)
}

/// The caller's outer id, as left on the board.
fn outside(board: Board<Running>, kind: id_map::Ids) -> Result<usize> {
    let outer = &board.record().outer;
    match kind {
        id_map::Ids::Users => outer.euid.result(),
        id_map::Ids::Groups => outer.egid.result(),
    }
}

/// In the process inside: writes the line for the caller's own id, if any; with ranges, returns the helper's result.
pub(super) fn write_own(plan: &Plan, board: Board<Running>, kind: id_map::Ids) -> Result<()> {
    if plan.has_ranges() {
        return board.record().maps[kind as usize].result().map(|_| ());
    }
    let Some(own) = plan.ids(kind).own else { return Ok(()) };
    let outer = outside(board, kind)?;
    kind.write_one(own.inside(outer), outer).map(|_| ())
}

/// Maps the outer user and group ids to the same ids inside.
pub fn keep(own: [Result<usize>; 2]) -> Result<()> {
    id_map::is_denied(id_map::write_setgroups(b"deny"))?;
    for (kind, own) in id_map::Ids::ALL.into_iter().zip(own) {
        let own = own?;
        kind.write_one(own, own)?;
    }
    Ok(())
}

/// Makes the helper, if there are ranges. The word of CLONE_PARENT_SETTID names the task to serve, as of the time when
/// that task calls the helper.
pub(super) fn helper(plan: &Plan, board: Board<Running>) -> core::result::Result<Option<Pid>, Failure> {
    if !plan.has_ranges() {
        return Ok(None);
    }
    let parent = ids::getpid().at(Step::Helper)?;
    // The helper writes to /proc/TASK, so ids in /proc must be this PID namespace's.
    Tasks::here().ok_or(Errno::ESRCH).at(Step::ProveTasks)?;
    // If no task is made, the caller itself enters the namespaces.
    board.tids().parent_tid.store(parent.number() as u32, Relaxed);
    match process::clone_copied(Signal::CHLD.number(), None).at(Step::Helper)? {
        Fork::ParentOf(helper) => Ok(Some(helper)),
        Fork::Child => {
            help(plan, board, parent);
            process::exit_group(0)
        }
    }
}

/// The helper: serves the task that calls it, or ends with its parent.
fn help(plan: &Plan, board: Board<Running>, parent: Pid) {
    // If refused, the helper's own wait times out slightly later.
    let _ = control::signal_at_parents_end(Some(Signal::KILL));
    let is_orphan = ids::getppid().is_ok_and(|ppid| ppid != parent.number());
    if is_orphan || board.await_turn_after(Turn::ChildActs, None).is_err() {
        return;
    }
    let task = match board.tids().parent_tid.load(Relaxed) {
        UNSET => None,
        number => Pid::new(number as usize),
    };
    for kind in id_map::Ids::ALL {
        let served = task.ok_or(Errno::ESRCH).and_then(|task| serve(task, plan.ids(kind), kind, board));
        board.record().maps[kind as usize].put(served);
    }
    board.pass_turn(Turn::Done);
}

/// Stops and reaps the helper, if there is one.
pub(super) fn dismiss(helper: Option<Pid>) {
    if let Some(helper) = helper {
        // A refusal means that the helper has ended.
        let _ = process::kill(helper, Signal::KILL);
        let _ = wait::wait_for(helper);
    }
}

/// The length of one sleep in milliseconds, and the number of sleeps: two seconds in all.
const SLICE: u32 = 50;
const SLICES: u32 = 40;

/// In the process inside: asks the helper to write the maps, and waits until it has.
pub(super) fn call_helper(plan: &Plan, board: Board<Running>) -> Result<()> {
    if !plan.has_ranges() {
        return Ok(());
    }
    board.pass_turn(Turn::ParentLooks);
    for _ in 0..SLICES {
        if !board.is_turn(Turn::ParentLooks) {
            return Ok(());
        }
        board.sleep_while(Turn::ParentLooks, SLICE);
        // The helper ends with the parent. A caller that entered the namespaces itself has no parent on the board.
        if has_parent_ended(board) == Ok(true) {
            return Err(Errno::ESRCH);
        }
    }
    Err(Errno::ETIMEDOUT)
}

/// In the helper: writes the map of a task, or without the right to do so has the privileged program write it. Does
/// nothing for an empty map.
fn serve(task: Pid, ids: &Ids, kind: id_map::Ids, board: Board<Running>) -> Result<()> {
    let tasks = Tasks::here().ok_or(Errno::ESRCH)?;
    let map = map(ids, kind, outside(board, kind)?)?;
    let text = map.text()?;
    if text.is_empty() {
        return Ok(());
    }
    match tasks.with_path(task, [b"", sources(kind).map], |path| map.write(path)) {
        Err(Errno::EPERM) => delegate(task, text, sources(kind).program),
        written => written.map(|_| ()),
    }
}

/// Runs newuidmap(1) or newgidmap(1) for a task; its complaints go to fd 2. ECHILD: it failed.
fn delegate(task: Pid, map: &[u8], program: &CStr) -> Result<()> {
    match by_child(|| program::status_of(execute_helper(task, map, program))) {
        Ok(0) => Ok(()),
        Ok(program::NOT_FOUND) => Err(Errno::ENOENT),
        _ => Err(Errno::ECHILD),
    }
}

/// The buffer for a number and its zero byte.
const DIGITS: usize = 24;

/// Becomes newuidmap(1) or newgidmap(1); returns only on failure.
fn execute_helper(task: Pid, map: &[u8], program: &CStr) -> Errno {
    let mut rooms = [const { Room::<DIGITS>::new() }; exec::MOST];
    let mut arguments = [program; exec::MOST];
    let mut count = 1;
    let mut room = [0; LONGEST];
    let numbers = [digits(task.number(), 10, &mut room)].into_iter().chain(parts(map, b" \n"));
    let mut places = rooms.iter_mut().zip(&mut arguments[1..]);
    for number in numbers {
        let Some((room, argument)) = places.next() else { return Errno::E2BIG };
        room.put(number);
        let Some(text) = room.c_str() else { return Errno::E2BIG };
        *argument = text;
        count += 1;
    }
    program::search(program.to_bytes(), &|path| exec::execute_with(path, &arguments[..count]))
}
