//! The workers of a sweep: each is given a piece, and the next when it has finished.

use super::Space;
use super::networks::Networks;
use super::plan::{Follower, Plan};
use crate::board::Board;
use crate::board::record::Checking;
use crate::check::ground::Ground;
use crate::check::judge::Judge;
use crate::check::leaf::Leaf;
use crate::check::worker::{Watch, Work, reap_strays};
use crate::error::Failure;
use core::ops::Range;

/// How many workers there are at most.
pub const MOST: usize = 64;

/// The boards of the workers; as many as there are workers.
pub type Boards = [Option<Board<Checking>>; MOST];

/// Asks all sets at these positions. Returns the position behind the last that was asked.
pub fn run(
    space: Space,
    range: Range<usize>,
    ground: &Ground,
    boards: &Boards,
    follower: &mut dyn Follower,
) -> Result<usize, Failure> {
    let mut plan = Plan::new(range);
    let mut works = [const { None }; MOST];
    let mut watch = Watch::default();
    let Some(first) = boards.iter().flatten().next() else { return Ok(plan.next()) };
    let mut networks = Networks::new(space.flags(), ground, *first);
    loop {
        if follower.look(plan.next()) {
            plan.stop();
        }
        for (board, work) in boards.iter().flatten().zip(&mut works) {
            go_on(work, &mut plan, &mut networks, space, Judge::new(*board, ground))?;
        }
        plan.report(follower);
        match works.iter().all(Option::is_none) {
            true if plan.is_over() => break,
            true => first.rest(),
            false => watch.look(&mut works)?,
        }
    }
    reap_strays(*first);
    Ok(plan.next())
}

/// Takes what has come of a piece that was asked, and begins with the next.
fn go_on<'a>(
    work: &mut Option<Work<'a>>,
    plan: &mut Plan,
    networks: &mut Networks,
    space: Space,
    judge: Judge<'a>,
) -> Result<(), Failure> {
    if work.as_ref().is_some_and(Work::runs) {
        return Ok(());
    }
    if let Some(done) = work.take() {
        plan.put(&positions(done.leaf()), &done.tally());
    }
    if plan.has_more()
        && networks.have_room()?
        && let Some(piece) = plan.take()
    {
        *work = Some(Work::begin(space.leaf(&piece), super::ask, judge)?);
    }
    Ok(())
}

/// The positions that a leaf of the sweep asks.
fn positions(leaf: &Leaf) -> Range<usize> {
    leaf.row..leaf.row + leaf.cases
}
