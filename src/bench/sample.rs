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

/// How many pairs are taken at most, and at least, however long they take.
const MOST: usize = 1000;
const LEAST: usize = 21;

/// How long a cell may take beyond the least, in nanoseconds.
const BUDGET: u64 = 200_000_000;

/// How many bits of a cycle's length stand behind the point: hours of nanoseconds still fit before it.
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

/// What came of a cell.
pub struct Cell {
    /// How many pairs were taken.
    pub runs: usize,
    /// By the library's functions.
    pub own: Times,
    /// In assembly.
    pub floor: Times,
    /// Whether the machine was too busy to tell.
    pub is_noisy: bool,
}

/// The task of a sample: it ends at once.
extern "C" fn end(_: &'static Page<Becoming>) -> i32 {
    0
}

/// The same, after it has become root of its user namespace.
extern "C" fn become_root(page: &'static Page<Becoming>) -> i32 {
    let steps = Board::of(page).record();
    id_map::become_root(steps);
    id_map::refused(steps).is_some().into()
}

/// Makes, ends and reaps a task by the library's own functions.
fn one(call: &Call, board: Board<Becoming>, maps: bool) -> Result<(), Failure> {
    let mut task = Task::new(call, board.tids());
    let stack = task.obtain_stack()?;
    let child = task.make(stack, if maps { become_root } else { end }, board.page())?;
    child.join().at(Step::AwaitEnd)?;
    if maps { id_map::refused(board.record()).map_or(Ok(()), Err) } else { Ok(()) }
}

/// The same in assembly.
fn bare(call: &Call, board: Board<Becoming>) -> Result<(), Failure> {
    make_and_reap(call, board.tids().child_tid).at(Step::Call)
}

/// The cycles that something takes; as many as fit.
fn timed(act: impl FnOnce() -> Result<(), Failure>) -> Result<u32, Failure> {
    let start = cycles();
    act()?;
    Ok((cycles() - start).try_into().unwrap_or(u32::MAX))
}

/// Measures a kind of task; `maps` is whether each becomes root of its user namespace.
pub fn measure(call: &Call, board: Board<Becoming>, maps: bool) -> Result<Cell, Failure> {
    id_map::brief(&board.record().outer);
    one(call, board, maps)?; // what is refused needs no measurement, and the first finds nothing in any cache
    let (mut own, mut floor) = ([0; MOST], [0; MOST]);
    let (begin, first) = (now().at(Step::Clock)?, cycles());
    let mut runs = 0;
    for (place, (own, floor)) in own.iter_mut().zip(&mut floor).enumerate() {
        if place >= LEAST && now().at(Step::Clock)? - begin > BUDGET {
            break;
        }
        if place % 2 == 0 {
            *own = timed(|| one(call, board, maps))?;
            *floor = timed(|| bare(call, board))?;
        } else {
            *floor = timed(|| bare(call, board))?;
            *own = timed(|| one(call, board, maps))?;
        }
        runs += 1;
    }
    let (time, count) = (now().at(Step::Clock)? - begin, cycles() - first);
    // The counter's own unit is found out in the same moment: a cycle in parts of a nanosecond.
    let unit = ((time << FRACTION) / count.max(1)) as usize;
    let (own, floor) = (&mut own[..runs], &mut floor[..runs]);
    let is_noisy = is_noisy(floor);
    Ok(Cell { runs, own: times(own, unit), floor: times(floor, unit), is_noisy })
}

/// The percentiles of samples in cycles of this length.
fn times(samples: &mut [u32], unit: usize) -> Times {
    sort(samples);
    let [p10, p50, p99] = [10, 50, 99].map(|percent| (percentile(samples, percent) * unit) >> FRACTION);
    Times { p10, p50, p99 }
}
