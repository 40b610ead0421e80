//! One cell of the table: a kind of task, measured.

use super::{is_noisy, percentile, sort};
use crate::board::record::Becoming;
use crate::board::{Board, Page};
use crate::clone::bare::make_and_reap;
use crate::clone::call::Call;
use crate::clone::task::Task;
use crate::error::{At, Failure, Step};
use crate::host::id_map;
use crate::sys::clock::{cycles, now};

/// The most pairs per cell, and the least, however long they take.
const MOST: usize = 1000;
const LEAST: usize = 21;

/// How long a cell may take beyond the least, in nanoseconds.
const BUDGET: u64 = 200_000_000;

/// The number of fraction bits in the length of a cycle, small enough that hours of nanoseconds fit into the integer
/// part.
const FRACTION: u32 = 20;

/// Percentiles of samples, in nanoseconds.
#[derive(Clone, Copy)]
pub struct Times {
    /// The 10th percentile.
    pub p10: usize,
    /// The median.
    pub p50: usize,
    /// The 99th percentile.
    pub p99: usize,
}

/// The result of a cell.
pub struct Cell {
    /// The number of pairs.
    pub runs: usize,
    /// The library's functions.
    pub own: Times,
    /// The bare call.
    pub floor: Times,
    /// Whether the machine was too busy for the figures to mean much.
    pub is_noisy: bool,
}

/// The task of a sample: it ends at once.
extern "C" fn end(_: &'static Page<Becoming>) -> i32 {
    0
}

/// The task of a sample that first becomes root of its user namespace.
extern "C" fn become_root(page: &'static Page<Becoming>) -> i32 {
    let steps = Board::of(page).record();
    id_map::become_root(steps);
    id_map::refused(steps).is_some().into()
}

/// Makes a task with the library's functions, lets it end, and reaps it.
fn make_and_join(call: &Call, board: Board<Becoming>, becomes_root: bool) -> Result<(), Failure> {
    let mut task = Task::new(call, board.tids());
    let stack = task.obtain_stack()?;
    let child = task.make(stack, if becomes_root { become_root } else { end }, board.page())?;
    child.join().at(Step::AwaitEnd)?;
    if becomes_root { id_map::refused(board.record()).map_or(Ok(()), Err) } else { Ok(()) }
}

/// Makes a task with the bare call, lets it end, and reaps it.
fn make_bare(call: &Call, board: Board<Becoming>) -> Result<(), Failure> {
    make_and_reap(call, board.tids().child_tid).at(Step::Call)
}

/// The cycles that `act` takes, at most `u32::MAX`.
fn timed(act: impl FnOnce() -> Result<(), Failure>) -> Result<u32, Failure> {
    let start = cycles();
    act()?;
    Ok(cycles().saturating_sub(start).try_into().unwrap_or(u32::MAX))
}

/// Measures a kind of task. With `becomes_root`, each becomes root of its user namespace.
pub fn measure(call: &Call, board: Board<Becoming>, becomes_root: bool) -> Result<Cell, Failure> {
    id_map::brief(&board.record().outer);
    make_and_join(call, board, becomes_root)?; // stops at a refusal, and warms the caches
    let (mut own, mut floor) = ([0; MOST], [0; MOST]);
    let (begin, first) = (now().at(Step::Clock)?, cycles());
    let mut runs = 0;
    for (place, (own, floor)) in own.iter_mut().zip(&mut floor).enumerate() {
        if place >= LEAST && now().at(Step::Clock)? - begin > BUDGET {
            break;
        }
        if place % 2 == 0 {
            *own = timed(|| make_and_join(call, board, becomes_root))?;
            *floor = timed(|| make_bare(call, board))?;
        } else {
            *floor = timed(|| make_bare(call, board))?;
            *own = timed(|| make_and_join(call, board, becomes_root))?;
        }
        runs += 1;
    }
    let (time, count) = (now().at(Step::Clock)? - begin, cycles().saturating_sub(first));
    // The length of a cycle in fractions of a nanosecond, measured over the same period.
    let unit = ((time << FRACTION) / count.max(1)) as usize;
    let (own, floor) = (&mut own[..runs], &mut floor[..runs]);
    let is_noisy = is_noisy(floor);
    Ok(Cell { runs, own: times(own, unit), floor: times(floor, unit), is_noisy })
}

/// The percentiles of samples, converted from cycles of this length.
fn times(samples: &mut [u32], unit: usize) -> Times {
    sort(samples);
    let [p10, p50, p99] = [10, 50, 99].map(|percent| (percentile(samples, percent) * unit) >> FRACTION);
    Times { p10, p50, p99 }
}
