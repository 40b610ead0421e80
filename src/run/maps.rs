//! The id maps of a new user namespace, user_namespaces(7): one line for the caller, or whole ranges.
//!
//! The process inside writes the one line that needs no privileges. Ranges need privileges outside, so a helper that
//! stays outside writes them, or has newuidmap(1) and newgidmap(1) write them. The helper is made before any process
//! enters, and learns from the board which task to serve.

use super::ids::{Ids, Part};
use super::parent::{ask_helper, is_called};
use super::plan::Plan;
use super::{keep, owner, program};
use crate::board::record::Running;
use crate::board::{Board, Turn, UNSET};
use crate::clone::flags::Flags;
use crate::clone::process::{Process, by_child};
use crate::error::{At, Failure, Step, Why};
use crate::host::cause;
use crate::host::id_block::{self, source};
use crate::host::id_map::{self, IdMap, Range};
use crate::host::proc::{self, Tasks};
use crate::host::refused::Circumstances;
use crate::sys::signal::{Blocked, Disposition};
use crate::sys::{Errno, Pid, Result, Signal, exec, ids, signal};
use crate::text::number::{LONGEST, digits};
use crate::text::read::parts;
use crate::text::{Room, Sink};
use core::ffi::CStr;
use core::sync::atomic::Ordering::Relaxed;

/// Adds a range, leaving out the ids of `hole`, the caller's own line, because ids may not overlap. The ids after a
/// hole move up on the other side, so the last ids of the range are dropped.
fn push_around(map: &mut IdMap, mut range: Range, hole: Option<Range>) {
    let Some(Range { inner, outer, .. }) = hole else { return map.push(range) };
    // An id below the range wraps to a large distance.
    let distance = |range: Range| inner.wrapping_sub(range.inner).min(outer.wrapping_sub(range.outer));
    // A hole on one side, or a hole on each, costs one pair.
    range.count -= usize::from(distance(range) < range.count);
    loop {
        let distance = distance(range);
        if distance >= range.count {
            return map.push(range);
        }
        map.push(Range { count: distance, ..range });
        range.inner += distance;
        range.outer += distance;
        range.count -= distance;
        range.inner += usize::from(range.inner == inner);
        range.outer += usize::from(range.outer == outer);
    }
}

/// The map of users or groups; an error if the caller's block was requested and does not exist. `own` is the caller's
/// outer id, and `user` its user id.
fn map(ids: &Ids, kind: id_map::Ids, own: usize, user: usize) -> core::result::Result<IdMap, Failure> {
    let mut map = IdMap::new();
    let hole = ids.own.map(|inner| Range { inner: inner.inside(own), outer: own, count: 1 });
    if let Some(hole) = hole {
        map.push(hole);
    }
    let block = || id_block::first(kind, user).at(source(kind).find);
    for part in ids.parts {
        match part {
            Part::None => break,
            Part::Range(range) => push_around(&mut map, range, hole),
            Part::Auto => {
                let block = block()?;
                // If the caller's inner id lies among the block's and its outer id does not, the block's ids move up by
                // one, so all of them are still mapped.
                let is_inside = hole.is_some_and(|hole| hole.inner <= block.len() && !block.contains(&hole.outer));
                let count = block.len() + usize::from(is_inside);
                push_around(&mut map, Range { inner: 0, outer: block.start, count }, hole);
            }
            Part::Subids => {
                let block = block()?;
                push_around(&mut map, Range { inner: block.start, outer: block.start, count: block.len() }, hole);
            }
            Part::All => push_all(&mut map, kind, hole).at(source(kind).write)?,
        }
    }
    Ok(map)
}

/// Adds all ids of the caller's user namespace, each as itself. EIO: its map holds a line that is none.
fn push_all(map: &mut IdMap, kind: id_map::Ids, hole: Option<Range>) -> Result<()> {
    let is_unread = proc::find(kind.own_map(), &mut |line| {
        let range = line.whole().and_then(Range::read);
        range.into_iter().for_each(|range| push_around(map, Range { outer: range.inner, ..range }, hole));
        range.is_none()
    })?;
    if is_unread { Err(Errno::EIO) } else { Ok(()) }
}

/// The map that a child of this process was to get, if that can still be known here.
pub fn planned(plan: &Plan, kind: id_map::Ids) -> Option<IdMap> {
    let own = match kind {
        id_map::Ids::Users => ids::geteuid(),
        id_map::Ids::Groups => ids::getegid(),
    };
    // Without a child this process itself has entered the namespace, and sees itself with the ids of the inside.
    let own = own.ok().filter(|_| plan.forks && plan.has_users())?;
    map(plan.ids(kind), kind, own, ids::geteuid().ok()?).ok()
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

/// Makes the helper, if there are ranges or namespaces to be kept. The word of CLONE_PARENT_SETTID names the task to serve, as of the time when
/// that task calls the helper. Dropping the handle ends the helper.
pub(super) fn helper(plan: &Plan, board: Board<Running>) -> core::result::Result<Option<Process>, Failure> {
    if !plan.has_helper() {
        return Ok(None);
    }
    let parent = ids::getpid().at(Step::Helper)?;
    // The helper writes to /proc/TASK, so ids in /proc must be this PID namespace's.
    Tasks::prove().at(Step::ProveTasks)?;
    // If no task is made, the caller itself enters the namespaces.
    board.tids().parent_tid.store(parent.number() as u32, Relaxed);
    // A signal to the process group is not the helper's: it would die before it has served.
    let blocked = Blocked::all().at(Step::Block)?;
    let serve_all = || {
        // Whoever has not been asked for the maps in time must not take that for the next question.
        let lives = plan.owner.is_none_or(|owner| owner::follow(owner, parent));
        if lives && (!plan.has_ranges() || help(plan, board, parent)) && plan.keeps() {
            keep::serve(plan, board, parent);
        }
        0
    };
    let made = Process::make_tied(Some(parent), 0, 0, serve_all).at(Step::Helper);
    blocked.restore().at(Step::Block)?;
    made.map(Some)
}

/// The helper: serves the task that calls it. Returns whether one did.
fn help(plan: &Plan, board: Board<Running>, parent: Pid) -> bool {
    // The end of newuidmap(1) must wait for wait4(2); if refused, its result is not known.
    let _ = signal::dispose(Signal::CHLD, Disposition::DEFAULT);
    if !is_called(board, parent) {
        return false;
    }
    let task = match board.tids().parent_tid.load(Relaxed) {
        UNSET => None,
        number => Pid::new(number as usize),
    };
    for kind in id_map::Ids::ALL {
        let served =
            task.ok_or(Errno::ESRCH).at(Step::Helper).and_then(|task| serve(task, plan.ids(kind), kind, board));
        board.record().maps[kind as usize].put(served.map_err(|failure| failure.errno().unwrap_or(Errno::ECHILD)));
        if let Err(failure) = served {
            board.record().failure.put(failure);
            break;
        }
    }
    // If the parent has seen the end meanwhile, it is nobody's turn any more.
    board.change_turn(Turn::ParentLooks, Turn::Done);
    true
}

/// In the process inside: asks the helper to write the maps, and waits until it has.
pub(super) fn call_helper(plan: &Plan, board: Board<Running>) -> Result<()> {
    if !plan.has_ranges() {
        return Ok(());
    }
    ask_helper(board)
}

/// In the helper: writes the map of a task. A refusal is explained here, outside, where the caller's own ids and map can
/// be seen.
fn serve(task: Pid, ids: &Ids, kind: id_map::Ids, board: Board<Running>) -> core::result::Result<(), Failure> {
    let explain = |failure: &Failure, map| {
        let asked = Circumstances { map, ..Flags::NEWUSER.into() };
        if let Some(told) = cause::find(*failure, asked) {
            told.leave(&board.record().told);
        }
    };
    let [own, user] = [outside(board, kind), outside(board, id_map::Ids::Users)];
    let (own, user) = (own.at(source(kind).write)?, user.at(source(kind).write)?);
    let map = map(ids, kind, own, user).inspect_err(|failure| explain(failure, None))?;
    write(task, &map, kind, board).inspect_err(|failure| explain(failure, Some(&map)))
}

/// Writes a map, or without the right to do so has the privileged program write it. Does nothing for an empty map.
fn write(task: Pid, map: &IdMap, kind: id_map::Ids, board: Board<Running>) -> core::result::Result<(), Failure> {
    let tasks = Tasks::prove().at(Step::ProveTasks)?;
    let text = map.text().at(source(kind).write)?;
    if text.is_empty() {
        return Ok(());
    }
    let name: &[u8] = match kind {
        id_map::Ids::Users => b"uid_map",
        id_map::Ids::Groups => b"gid_map",
    };
    match tasks.with_path(task, [b"", name], |path| map.write(path)) {
        Err(Errno::EPERM) => delegate(task, text, kind, board),
        written => written.map(|_| ()).at(source(kind).write),
    }
}

/// Runs newuidmap(1) or newgidmap(1) for a task; its complaints go to fd 2.
fn delegate(task: Pid, map: &[u8], kind: id_map::Ids, board: Board<Running>) -> core::result::Result<(), Failure> {
    let (step, not_executed) = (source(kind).execute, &board.record().map_program);
    let ended = by_child(|| {
        not_executed.put(Err::<(), _>(execute_helper(task, map, source(kind).program)));
        program::OURS
    });
    match (not_executed.errno(), ended.at(step)?) {
        (Some(errno), _) => Err(Failure::new(step, errno)),
        (None, 0) => Ok(()),
        (None, status) => Err(Failure { step, why: Why::Status(status as u8) }),
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
