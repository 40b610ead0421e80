//! A trial: one task made, witnessed and joined. What came out is plain data, which `report` prints.
//!
//! The decision behind it: here the parent is examiner and subject at once, so that a trace shows the clone call and
//! little else. The order is fixed by the board: arm, make, (the child acts), look, release, join.

use super::board::{Board, Facts, Side};
use super::resource::{COUNT, PARENT, RESOURCES};
use super::verdict::{Seen, Tally, Verdict};
use super::{behaviour, root};
use crate::clone::flags::Flags;
use crate::clone::task::{CALL, Call, Ended, Failure, Plan, Step, Task};
use crate::sys::memory::SharedPage;
use crate::sys::process;
use core::ptr;
use linux_raw_sys::general::SIGKILL;

/// What one task turned out to be.
pub struct Trial {
    /// The call as made.
    pub call: Call,
    /// Its result: the task's id.
    pub tid: usize,
    /// The parent's facts.
    pub parent: Facts,
    /// The child's facts.
    pub child: Facts,
    /// What the two witnesses saw, in the order of [`RESOURCES`].
    pub seen: [Seen; COUNT],
    /// Why there is nothing to tell, if so.
    pub failure: Option<Failure>,
}

/// What the witnesses look at.
pub struct View {
    /// The parent's facts.
    pub parent: Side,
    /// The child's facts.
    pub child: Side,
    /// The child's id, as the parent sees it.
    pub tid: usize,
}

static ACT: Step = Step::new("waiting for the child to act");
static END: Step = Step::new("waiting for the child to end");
static KILLED: Step = Step::death("the child was killed");
static AT_GUARD: Step = Step::death("the child used up its stack and was killed at the guard page");

/// Makes the task that `plan` describes, and finds out what it shares.
pub fn run(plan: Plan, board: Board) -> Trial {
    board.wipe();
    let mut call = Call::plain(plan, board.tids());
    let view = View {
        parent: board.parent(),
        child: board.child(),
        tid: 0,
    };
    let mut seen = [Seen::default(); COUNT];
    let made = attempt(&mut call, view, board, &mut seen);
    Trial {
        call,
        tid: made.unwrap_or_default(),
        parent: board.parent().facts(),
        child: board.child().facts(),
        seen,
        failure: made.err(),
    }
}

/// The way from the plan to the join.
fn attempt(
    call: &mut Call,
    mut view: View,
    board: Board,
    seen: &mut [Seen; COUNT],
) -> Result<usize, Failure> {
    call.take_stack()?;
    behaviour::arm(board);
    if call.plan.flags.contains(Flags::NEWUSER) {
        root::brief(board);
    }
    match call.make(child, board.0) {
        Ok(task) => {
            view.tid = task.tid;
            watch(task, &view, board, seen)?;
            root::check(call.plan, board)?;
            Ok(view.tid)
        }
        Err(errno) => {
            for resource in &RESOURCES {
                (resource.behaviour)(&view); // looked at only to be put back
            }
            Err(CALL.failed(errno))
        }
    }
}

/// The child's part.
extern "C" fn child(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    behaviour::act(board);
    root::become_root(board);
    board.hand_over().is_err().into()
}

/// The parent's part, from the call to the join.
fn watch(task: Task, view: &View, board: Board, seen: &mut [Seen; COUNT]) -> Result<(), Failure> {
    let acted = board.await_child(&task);
    for (resource, seen) in RESOURCES.iter().zip(seen.iter_mut()) {
        seen.kernel = (resource.kernel)(view).filter(|_| board.is_held());
        seen.behaviour = (resource.behaviour)(view);
    }
    if acted.is_err() {
        task.kill();
    }
    board.release();
    let ended = task.join().map_err(|errno| END.failed(errno))?;
    if ended == Ended::Cleared && seen[PARENT].kernel == Some(false) {
        // Asked for as a thread and yet a process of ours: its zombie must not stay.
        let _ = process::wait4(view.tid);
    }
    match ended {
        Ended::Killed { signal, at_guard }
            if acted.is_ok() || signal.0.get() != SIGKILL as usize =>
        {
            Err(if at_guard { &AT_GUARD } else { &KILLED }.failed(signal))
        }
        _ => acted.map_err(|errno| ACT.failed(errno)),
    }
}

impl Trial {
    /// What the two witnesses together say of resource number `place`.
    pub fn verdict(&self, place: usize) -> Verdict {
        match (RESOURCES.get(place), self.seen.get(place)) {
            (Some(resource), Some(seen)) => seen.verdict(resource.asked(self.call.plan.flags)),
            _ => Verdict::Unknown,
        }
    }

    /// Whether this place forbids what was asked for: a user namespace, or being root in it.
    pub fn is_forbidden(&self) -> bool {
        let step = self.failure.map(|failure| failure.step);
        self.call.plan.flags.contains(Flags::NEWUSER)
            && step.is_some_and(|step| {
                ptr::eq(step, &CALL) || root::STEPS.iter().any(|(_, root)| ptr::eq(step, root))
            })
    }

    /// How many claims that makes: one a resource, and one a step of becoming root.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        if self.failure.is_none() {
            for place in 0..COUNT {
                tally.count(self.verdict(place));
            }
            if self.call.plan.flags.contains(Flags::NEWUSER) {
                tally.proven += root::STEPS.len();
            }
        }
        tally
    }
}
