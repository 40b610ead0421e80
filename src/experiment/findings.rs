//! What an experiment has come to: plain values, which need no board any more.

use crate::board::record::{Becoming, Side};
use crate::clone::flags::Flags;
use crate::clone::task::Task;
use crate::error::{Failure, Step};
use crate::rules::rule::Prediction;
use crate::sys::{Errno, Pid, Signal};
use crate::witness::resource::{COUNT, RESOURCES, Resource};
use crate::witness::root::{self, STEPS, Writes};
use crate::witness::verdict::{Row, Tally, Verdict};

/// The ids of a task as it has asked for them itself, and the counter that it saw; none of what it has not left.
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
    /// What a task has left of itself.
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
    /// Which.
    pub step: Step,
    /// What it writes.
    pub writes: Writes,
    /// The id outside that it names, if it names one.
    pub outer: Option<usize>,
    /// What the call answered; none if it was refused.
    pub result: Option<usize>,
}

/// The steps of becoming root that were tried; none if none was.
pub type RootSteps = Option<[RootStep; STEPS.len()]>;

/// What the steps of becoming root have come to.
pub(super) fn root_steps(becoming: &Becoming) -> RootSteps {
    root::was_tried(becoming).then(|| {
        STEPS.each_ref().map(|(step, writes, fact)| RootStep {
            step: *step,
            writes: *writes,
            outer: match writes {
                Writes::User => becoming.outer.euid.number(),
                Writes::Group => becoming.outer.egid.number(),
                Writes::Nothing | Writes::Deny => None,
            },
            result: fact(becoming).number(),
        })
    })
}

/// What the call answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// A task was made.
    Made,
    /// The kernel refused.
    Refused(Errno),
    /// The call never returned, or was never made.
    Unknown,
}

/// What an experiment came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Made, and every flag proven.
    Honoured,
    /// Refused with the errno that was predicted.
    RefusedAsPredicted,
    /// Refused, and not as predicted.
    RefusedOtherwise,
    /// Made, though a refusal was predicted.
    AcceptedOtherwise,
    /// Made, and a flag was not honoured.
    NotHonoured,
    /// A task was killed that should have lived.
    Crashed,
    /// It did not come to an end in time.
    Hung,
    /// Nothing could be seen of a flag that was asked for.
    Unknown,
}

impl Outcome {
    /// The word for it.
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

/// What was found out about a call and the task that it made.
pub struct Findings<'call> {
    /// The call, and the child's id as its maker saw it.
    pub task: Task<'call>,
    /// The task that made the call, the subject of the laboratory, as the caller sees it; none in a mode, where it is the caller.
    pub subject: Option<Pid>,
    /// What the maker has left of itself.
    pub parent: Identity,
    /// What the child has left of itself.
    pub child: Identity,
    /// Becoming root, if that was tried.
    pub root: RootSteps,
    /// What is found out about each resource, in the order of [`RESOURCES`].
    pub rows: [Row; COUNT],
    /// How many of the resources were looked at: the first of them.
    pub looked_at: usize,
    /// What the rules say of the call.
    pub predicted: Prediction,
    /// What the kernel said.
    pub answer: Answer,
    /// The signal that killed one of the tasks, if none should have.
    pub killed: Option<Signal>,
    /// The step that failed, if one did.
    pub failure: Option<Failure>,
    /// What it came to.
    pub outcome: Outcome,
}

impl<'call> Findings<'call> {
    /// Of a task of which nothing is known yet.
    pub(super) fn nothing(task: Task<'call>, looked_at: usize) -> Self {
        Self {
            task,
            subject: None,
            parent: Identity::default(),
            child: Identity::default(),
            root: None,
            rows: [Row::UNKNOWN; COUNT],
            looked_at,
            predicted: Prediction { rule: None, errno: None },
            answer: Answer::Unknown,
            killed: None,
            failure: None,
            outcome: Outcome::Unknown,
        }
    }

    /// The resources that were looked at, each with what was found out.
    pub fn resources(&self) -> impl Iterator<Item = (&'static Resource, &Row)> {
        RESOURCES.iter().zip(&self.rows).take(self.looked_at)
    }

    /// Those of them that are shown of this call.
    pub fn shown(&self) -> impl Iterator<Item = (&'static Resource, &Row)> {
        self.resources().filter(|(resource, _)| resource.is_shown(self.task.call))
    }

    /// Whether this place forbids what was asked for: a user namespace, or being root in it.
    pub fn is_forbidden(&self) -> bool {
        let of_place = |step| step == Step::Call || root::is_step(step);
        self.task.call.flags.contains(Flags::NEWUSER) && self.failure.is_some_and(|failure| of_place(failure.step))
    }

    /// Whether one of the rows that are shown has this verdict.
    pub(super) fn is_any(&self, verdict: Verdict) -> bool {
        self.shown().any(|(_, row)| row.verdict == verdict)
    }

    /// Whether a flag was asked for of which nothing could be seen.
    pub fn is_open(&self) -> bool {
        let is_open =
            |(resource, row): (&Resource, &Row)| resource.is_asked(self.task.call) && row.verdict == Verdict::Unknown;
        self.failure.is_none() && self.shown().any(is_open)
    }

    /// Counts the claims: one a resource, and one a step of becoming root. After a failure there are none.
    pub fn count(&self, tally: &mut Tally) {
        if self.failure.is_none() {
            self.resources().for_each(|(_, row)| tally.count(row.verdict));
            tally.proven += self.root.map_or(0, |steps| steps.len());
        }
    }
}
