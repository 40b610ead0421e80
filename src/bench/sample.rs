//! One cell of the table: a kind of task, measured.

use super::{is_noisy, percentile, sort};
use crate::clone::call::Call;
use crate::clone::raw::bare::bare;
use crate::clone::task::{Failure, Task};
use crate::sys::Errno;
use crate::sys::clock::{cycles, now};
use crate::sys::memory::SharedPage;
use crate::witness::board::Board;
use crate::witness::root;
use crate::words::Text;

/// How many pairs are taken at most, and at least, however long they take.
const MOST: usize = 1000;
const LEAST: usize = 21;

/// How long a cell may take beyond the least, in nanoseconds.
const BUDGET: usize = 200_000_000;

/// How many bits of a cycle's length stand behind the point: hours of nanoseconds still fit before it.
const FRACTION: u32 = 20;

/// What came of it: the 10th percentile, the median and the 99th, in nanoseconds, of ours and of the floor.
pub struct Cell {
    /// How many pairs were taken.
    pub runs: usize,
    /// By the library's functions.
    pub own: [usize; 3],
    /// In assembly.
    pub floor: [usize; 3],
    /// Whether the machine was too busy to tell.
    pub is_noisy: bool,
}

/// The task of a sample: it ends at once.
extern "C" fn end(_: &'static SharedPage) -> i32 {
    0
}

/// The same, after it has become root of its user namespace.
extern "C" fn become_root(page: &'static SharedPage) -> i32 {
    root::map_ids(Board(page));
    root::unmapped(Board(page)).is_some().into()
}

/// Makes, ends and reaps a task by the library's own functions.
fn one(call: &Call, board: Board, maps: bool) -> Result<(), Failure> {
    let mut task = Task::new(call, board.tids());
    let stack = task.take_stack()?;
    let child = task.make(stack, if maps { become_root } else { end }, board.0)?;
    child.join().map_err(|errno| Failure { step: Text::End, errno })?;
    if maps { root::unmapped(board).map_or(Ok(()), Err) } else { Ok(()) }
}

/// The cycles that something takes; as many as fit.
fn timed(act: impl FnOnce() -> Result<(), Failure>) -> Result<u32, Failure> {
    let start = cycles();
    act()?;
    Ok((cycles() - start).try_into().unwrap_or(u32::MAX))
}

/// Measures a kind of task; `maps` is whether each becomes root of its user namespace.
pub fn measure(call: &Call, board: Board, maps: bool) -> Result<Cell, Failure> {
    root::brief(board);
    one(call, board, maps)?; // what is refused needs no measurement, and the first finds nothing in any cache
    let (mut own, mut floor) = ([0; MOST], [0; MOST]);
    let (begin, first) = (now(), cycles());
    let mut runs = 0;
    for (place, (own, floor)) in own.iter_mut().zip(&mut floor).enumerate() {
        if place >= LEAST && now() - begin > BUDGET {
            break;
        }
        let bare = || match bare(call, board.tids().child_tid, None).split() {
            Ok(_) => Ok(()),
            Err(errno) => Err(Failure { step: Text::Call, errno }),
        };
        if place % 2 == 0 {
            *own = timed(|| one(call, board, maps))?;
            *floor = timed(bare)?;
        } else {
            *floor = timed(bare)?;
            *own = timed(|| one(call, board, maps))?;
        }
        runs += 1;
    }
    let (time, clock) = (now() - begin, cycles() - first);
    // The counter's own unit is found out in the same moment: a cycle in parts of a nanosecond.
    let unit = (time << FRACTION) / clock.max(1);
    let of = |samples: &mut [u32]| {
        sort(samples);
        [10, 50, 99].map(|percent| (percentile(samples, percent) * unit) >> FRACTION)
    };
    let (own, floor) = (&mut own[..runs], &mut floor[..runs]);
    let is_noisy = is_noisy(floor);
    if time == 0 {
        return Err(Failure { step: Text::StepClock, errno: Errno::ENOSYS });
    }
    Ok(Cell { runs, own: of(own), floor: of(floor), is_noisy })
}
