//! A sweep that makes no task, because a limit has room for none.
//!
//! In a cgroup with a `pids.max` of 1, in which this process is alone, the kernel looks at the flags, prepares all that
//! the task would have, and then answers EAGAIN: `cgroup_can_fork()` comes behind all that refuses flags in
//! `copy_process()`. So EAGAIN stands for an accepted set. Other limits will not do: RLIMIT_NPROC comes before the last
//! rules.

use super::plan::{Follower, Plan};
use super::{Space, each};
use crate::board::Board;
use crate::board::record::Checking;
use crate::check::ground::Ground;
use crate::check::judge::{Judge, Tally};
use crate::check::leaf::Leaf;
use crate::check::skip::Skip;
use crate::clone::bare;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::sys::Errno;
use core::ops::Range;

/// Why this process cannot ask so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// There is room for a task.
    Made,
    /// The limit comes before the last of the rules, whose errno was to come.
    Early,
    /// Something else refuses a task.
    Refused(Errno),
}

/// Asks two sets to see whether the limit is there, and comes late enough. The caller blocks all signals.
pub fn look(ground: &Ground) -> core::result::Result<(), Unfit> {
    let try_it = |flags| bare::attempt(&Call::usual(Api::Clone, flags)).map(|_| ());
    match try_it(Flags::empty()) {
        Err(Errno::EAGAIN) => {}
        Ok(()) => return Err(Unfit::Made),
        Err(errno) => return Err(Unfit::Refused(errno)),
    }
    let user = if ground.place.is_unprivileged { Flags::NEWUSER } else { Flags::empty() };
    match try_it(Flags::NEWIPC | Flags::SYSVSEM | user) {
        Err(Errno::EAGAIN) => Err(Unfit::Early),
        _ => Ok(()),
    }
}

/// Asks all sets at these positions, in this process, which blocks all signals. Returns the position behind the last that
/// was asked.
pub fn run(
    space: Space,
    range: Range<usize>,
    ground: &Ground,
    board: Board<Checking>,
    follower: &mut dyn Follower,
) -> usize {
    let mut plan = Plan::new(range);
    while let Some(piece) = plan.take() {
        board.wipe();
        ask(&space.leaf(&piece), Judge::new(board, ground));
        plan.put(&piece, &Tally::of(board));
        if follower.look(plan.next()) {
            plan.stop();
        }
        plan.report(follower);
    }
    plan.next()
}

/// Asks the sets of a leaf.
fn ask(leaf: &Leaf, judge: Judge) {
    let passing = [Errno::ENOMEM, Errno::ENOSPC];
    each(leaf, judge, |call| match judge.attempt(call, &passing)? {
        Err(Errno::EAGAIN) => Ok(Ok(())),
        Err(errno) => Ok(Err(errno)),
        Ok(_) => Err(Skip::Unlimited),
    });
}
