//! The results of an experiment: plain values that no longer need the board.

use crate::board::record::{Becoming, Side};
use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::rules::expected::Expected;
use crate::rules::rule::Prediction;
use crate::sys::signal::Set;
use crate::sys::{Errno, Pid, Result as SysResult, Signal};
use crate::witness::resource::{COUNT, RESOURCES, Resource};
use crate::witness::root::{self, STEPS, Writes};
use crate::witness::verdict::{Row, Tally, Verdict};

/// The ids of a task as the task itself read them, and the counter that it saw; none for what it did not leave.
#[derive(Clone, Copy, Default)]
#[allow(missing_docs, reason = "each is the id of its name")]
pub struct Identity {
    pub ppid: Option<usize>,
    pub pid: Option<usize>,
    pub tid: Option<usize>,
    pub uid: Option<usize>,
    pub gid: Option<usize>,
    pub counter: Option<usize>,
}

impl Identity {
    /// What a task left about itself.
    pub fn of(side: &Side) -> Self {
        Self {
            ppid: side.ppid.number(),
            pid: side.pid.number(),
            tid: side.tid.number(),
            uid: side.uid.number(),
            gid: side.gid.number(),
            counter: side.counter.number(),
        }
    }
}

/// A step of becoming root.
#[derive(Clone, Copy)]
pub struct RootStep {
    /// The step.
    pub step: Step,
    /// What the step writes.
    pub writes: Writes,
    /// The outer id in what it writes, if any.
    pub outer: Option<usize>,
    /// The call's result.
    pub result: SysResult<usize>,
    /// Why the step does not prove what it should; none if it does.
    pub failure: Option<Failure>,
}

/// The steps of becoming root; none if they were not tried.
pub type RootSteps = Option<[RootStep; STEPS.len()]>;

/// The results of the steps of becoming root.
pub(super) fn root_steps(becoming: &Becoming) -> RootSteps {
    root::was_tried(becoming).then(|| {
        STEPS.each_ref().map(|step| RootStep {
            step: step.step,
            writes: step.writes,
            outer: match step.writes {
                Writes::User => becoming.outer.euid.number(),
                Writes::Group => becoming.outer.egid.number(),
                Writes::Nothing | Writes::Deny => None,
            },
            result: step.result(becoming),
            failure: step.check(becoming).err(),
        })
    })
}

/// The answer to the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallResult {
    /// A task was made.
    Made,
    /// The kernel refused the call.
    Refused(Errno),
    /// The call never returned, or was never made.
    Unknown,
}

/// The outcome of an experiment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The task was made, and every flag is proven.
    Honoured,
    /// The call was refused with the predicted errno.
    RefusedAsPredicted,
    /// The call was refused, but not as predicted.
    RefusedOtherwise,
    /// The task was made, although a refusal was predicted.
    AcceptedOtherwise,
    /// The task was made, but a flag was not honoured.
    NotHonoured,
    /// A task that should have lived was killed.
    Crashed,
    /// The experiment did not finish in time.
    Hung,
    /// The task was made, but a requested flag could not be observed.
    Unknown,
}

impl Outcome {
    /// The word in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::RefusedAsPredicted => "refused-as-predicted",
            Self::RefusedOtherwise => "refused-otherwise",
            Self::AcceptedOtherwise => "accepted-otherwise",
            Self::NotHonoured => "not-honoured",
            Self::Crashed => "crashed",
            Self::Hung => "hung",
            Self::Unknown => "unknown",
        }
    }
}

/// The task that can wait for a child's end by wait4(2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waiter {
    /// The task that made the call.
    Caller,
    /// The parent of that task.
    CallersParent,
    /// No task: the end leaves no zombie.
    Nobody,
}

/// The findings about a call and the task that it made.
pub struct Findings<'call> {
    /// The call, and the child's id in the caller's PID namespace.
    pub task: Task<'call>,
    /// The laboratory's subject, by its id in the examiner's PID namespace; none in a mode, where the examiner itself
    /// made the call.
    pub subject: Option<Pid>,
    /// What the task that made the call left about itself.
    pub parent: Identity,
    /// What the child left about itself.
    pub child: Identity,
    /// The steps of becoming root, if tried.
    pub root: RootSteps,
    /// The findings about each resource, in the order of [`RESOURCES`].
    pub rows: [Row; COUNT],
    /// The task that could wait for the child's end; none if that was not seen.
    pub waiter: Option<Waiter>,
    /// Whether the child was seen to change its credentials, and the caller's to stay as they were.
    pub has_own_credentials: bool,
    /// The signals, all of them blocked, that the caller had received after the child's end; none if that was not seen.
    pub pending: Option<Set>,
    /// The number of resources that were examined: the first rows.
    pub looked_at: usize,
    /// The rules' prediction.
    pub predicted: Prediction,
    /// The kernel's answer.
    pub result: CallResult,
    /// The signal that killed a task that should have lived, if any.
    pub killed: Option<Signal>,
    /// The step that failed, if any.
    pub failure: Option<Failure>,
    /// The outcome.
    pub outcome: Outcome,
}

impl<'call> Findings<'call> {
    /// Findings about a task of which nothing is known yet.
    pub(super) fn nothing(task: Task<'call>, looked_at: usize) -> Self {
        Self {
            task,
            subject: None,
            parent: Identity::default(),
            child: Identity::default(),
            root: None,
            rows: [Row::UNKNOWN; COUNT],
            waiter: None,
            has_own_credentials: false,
            pending: None,
            looked_at,
            predicted: Prediction::MADE,
            result: CallResult::Unknown,
            killed: None,
            failure: None,
            outcome: Outcome::Unknown,
        }
    }

    /// The examined resources, each with its findings.
    pub fn resources(&self) -> impl Iterator<Item = (&'static Resource, &Row)> + Clone {
        RESOURCES.iter().zip(&self.rows).take(self.looked_at)
    }

    /// The examined resources that are shown for this call.
    pub fn shown(&self) -> impl Iterator<Item = (&'static Resource, &Row)> + Clone {
        self.resources().filter(|(resource, _)| resource.is_shown(self.task.call))
    }

    /// Whether the task was made and the findings about it count: nothing failed, or only a step of becoming root.
    pub fn is_told(&self) -> bool {
        self.result == CallResult::Made && self.failure.is_none_or(|failure| root::is_step(failure.step))
    }

    /// Whether a user namespace was asked for and refused as predicted: this machine forbids it.
    pub fn is_forbidden(&self) -> bool {
        self.task.call.flags.contains(Flags::NEWUSER) && self.outcome == Outcome::RefusedAsPredicted
    }

    /// Whether a shown row has this verdict.
    pub(super) fn has_verdict(&self, verdict: Verdict) -> bool {
        self.shown().any(|(_, row)| row.verdict == verdict)
    }

    /// Whether a requested flag could not be observed.
    fn is_open(&self) -> bool {
        let is_open =
            |(resource, row): (&Resource, &Row)| resource.is_asked(self.task.call) && row.verdict == Verdict::Unknown;
        self.shown().any(is_open)
    }

    /// The outcome; `is_over` is whether the experiment finished in time. A failure after the call is not the call's
    /// answer: the task was made, but what was to be proven is unknown.
    pub(super) fn judge(&self, is_over: bool) -> Outcome {
        if !is_over {
            return Outcome::Hung;
        }
        if self.killed.is_some() {
            return Outcome::Crashed;
        }
        let is_failed = self.failure.is_some_and(|failure| failure.step != Step::Call);
        match self.result {
            CallResult::Unknown if is_failed => Outcome::Unknown,
            CallResult::Unknown => Outcome::Crashed,
            CallResult::Refused(errno) if self.predicted.expected == Expected::Refused(errno) => {
                Outcome::RefusedAsPredicted
            }
            CallResult::Refused(_) => Outcome::RefusedOtherwise,
            CallResult::Made if self.has_verdict(Verdict::NotHonoured) => Outcome::NotHonoured,
            CallResult::Made if self.predicted.expected != Expected::Made => Outcome::AcceptedOtherwise,
            CallResult::Made if is_failed || self.is_open() => Outcome::Unknown,
            CallResult::Made => Outcome::Honoured,
        }
    }

    /// Counts the claims about resources; after a failure, unless it is one of becoming root, there are none.
    pub fn count_rows(&self, tally: &mut Tally) {
        if self.is_told() {
            self.resources().for_each(|(_, row)| tally.count(row.verdict));
        }
    }

    /// Counts the steps of becoming root.
    pub fn count_steps(&self, tally: &mut Tally) {
        for step in self.root.iter().flatten().filter(|_| self.is_told()) {
            match (step.failure, step.result) {
                (Some(_), _) => tally.count(Verdict::Unknown),
                (None, Ok(_)) => tally.count(Verdict::Honoured),
                // A step that this kernel does not need proves nothing.
                (None, Err(_)) => {}
            }
        }
    }
}
