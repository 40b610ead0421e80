//! A trial: one task made, witnessed and joined.
//!
//! The decision behind it: here the parent is examiner and subject at once, so that a trace shows the clone call and
//! little else. The order is fixed by the board: arm, make, (the child acts), look, release, join.

use super::board::{Board, Word};
use super::pair::Pair;
use super::resource::{self, COUNT, PARENT, RESOURCES, Resource};
use super::verdict::{KERNEL, PROVEN, Tally, VERDICT, Words, count};
use super::{behaviour, root};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::clone::task::{Ended, Failure, Task};
use crate::sys::memory::SharedPage;
use crate::sys::proc::Tasks;
use crate::sys::{Answer, Errno, control, process};
use crate::words::Text;
use linux_raw_sys::general::SIGKILL;

/// What one task turned out to be.
pub struct Trial<'call> {
    /// The task and the call that made it.
    pub task: Task<'call>,
    /// The facts that both tasks have left, until the next trial.
    pub board: Board,
    /// What is found out about each resource, in the order of [`RESOURCES`].
    pub words: [Words; COUNT],
    /// Why there is nothing to tell, if so.
    pub failure: Option<Failure>,
    tasks: Option<Tasks>,
}

/// The part of a child that is a process: it ends with its maker. If that has ended before the signal was asked for, another is
/// its parent by now.
extern "C" fn process(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    // A refusal leaves a child that ends by itself, a little later.
    let _ = control::signal_at_parents_end(SIGKILL);
    act(board);
    let (parent, maker) = (board.child().get(Word::Ppid), board.parent().get(Word::Pid));
    let is_orphan = parent != maker && !parent.is_error() && !maker.is_error();
    (is_orphan || board.hand_over().is_err()).into()
}

/// The part of a thread, which ends with its process.
extern "C" fn thread(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    act(board);
    board.hand_over().is_err().into()
}

/// What both do.
fn act(board: Board) {
    behaviour::act(board);
    root::become_root(board);
}

impl<'call> Trial<'call> {
    /// A trial of the task that `call` makes, of which nothing is known yet. `tasks` is how proc(5) is asked, if it can be.
    pub fn new(call: &'call Call, board: Board, tasks: Option<Tasks>) -> Self {
        let words = [[Text::Unknown; 4]; COUNT];
        Self { task: Task::new(call, board.tids()), board, words, failure: None, tasks }
    }

    /// Makes the task and finds out what it shares.
    pub fn run(&mut self) {
        self.board.wipe();
        self.failure = self.attempt().err();
    }

    /// The way from the plan to the join.
    fn attempt(&mut self) -> Result<(), Failure> {
        let stack = self.task.take_stack()?;
        behaviour::arm(self.board);
        if self.task.call.flags.contains(Flags::NEWUSER) {
            root::brief(self.board);
        }
        let child = if self.task.is_thread() { thread } else { process };
        let made = self.task.make(stack, child, self.board.0);
        let acted = if made.is_ok() { self.board.await_child(&self.task) } else { Ok(()) };
        self.look(acted.is_ok()); // also without a child: the parent's side is put back by it
        let made = made?;
        let tid = made.tid;
        if acted.is_err() {
            made.kill();
        }
        self.board.release();
        let ended = made.join().map_err(|errno| Failure { step: Text::End, errno })?;
        if self.task.is_thread() && self.words[PARENT][KERNEL] == Text::Different {
            // Asked for as a thread and yet a process of ours: its zombie must not stay.
            let _ = process::wait4(tid);
        }
        match ended {
            Ended::Killed { signal, at_guard } if acted.is_ok() || signal != Errno::new(SIGKILL as usize) => {
                Err(Failure { step: if at_guard { Text::AtGuard } else { Text::Killed }, errno: signal })
            }
            _ => acted.map_err(|errno| Failure { step: Text::Act, errno }),
        }?;
        if root::was_tried(self.board) { root::check(self.board) } else { Ok(()) }
    }

    /// Asks both witnesses of each resource; the kernel only while the child is held alive, and before the parent puts
    /// back what it has prepared.
    fn look(&mut self, has_acted: bool) {
        let (parent, child) = (self.board.parent().get(Word::Tid).pid(), self.task.tid);
        let pair =
            Pair { call: self.task.call, board: self.board, parent, child, tasks: self.tasks, from_outside: false };
        let ask = |resource: &Resource| (resource.kernel)(&pair, resource);
        let mut kernel: [_; COUNT] = core::array::from_fn(|place| RESOURCES.get(place).and_then(ask));
        // What the kernel says of a task that has ended means nothing.
        let has_ended = !self.task.is_thread() && child.map(process::has_ended) != Some(Answer(0));
        if has_ended || !self.board.is_held() {
            kernel = [None; COUNT];
        }
        behaviour::look(self.board);
        // What a child does after the look would be missing in it.
        if has_acted {
            resource::judge(&mut self.words, &kernel, &pair);
        }
    }

    /// Whether this place forbids what was asked for: a user namespace, or being root in it.
    pub fn is_forbidden(&self) -> bool {
        let of_place = |step| step == Text::Call || root::is_step(step);
        self.task.call.flags.contains(Flags::NEWUSER) && self.failure.is_some_and(|failure| of_place(failure.step))
    }

    /// Whether a flag was asked for of which nothing could be seen.
    pub fn is_open(&self) -> bool {
        let is_unknown = |words: &Words| words[VERDICT] == Text::Unknown;
        let asked = |(resource, words): (&Resource, &Words)| resource.is_asked(self.task.call) && is_unknown(words);
        self.failure.is_none() && RESOURCES.iter().zip(&self.words).any(asked)
    }

    /// Counts the claims that it makes: one a resource, and one a step of becoming root. After a failure there are none.
    pub fn count(&self, tally: &mut Tally) {
        if self.failure.is_none() {
            self.words.iter().for_each(|words| count(tally, words[VERDICT]));
            if root::was_tried(self.board) {
                tally[PROVEN] += root::STEPS.len();
            }
        }
    }
}
