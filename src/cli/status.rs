//! The exit statuses of the commands.

use crate::check::judge;
use crate::error::{Failure, Step};
use crate::experiment::findings::{Findings, Outcome};
use crate::witness::root;

/// Exit statuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Every claim is proven.
    Proven = 0,
    /// A claim is disproven, or a step failed.
    Failed = 1,
    /// The command line was not understood.
    Usage = 2,
    /// The kernel refused the call as predicted.
    Refused = 3,
    /// Refused on this machine, or a requested flag could not be observed.
    Skipped = 4,
}

impl Status {
    /// The status for one task. A step that failed on the way is this program's failure, but a machine may forbid to be
    /// root.
    pub fn of(findings: &Findings) -> Self {
        let is_answered = |failure: Failure| failure.step == Step::Call || root::is_step(failure.step);
        match findings.outcome {
            _ if !findings.failure.is_none_or(is_answered) => Self::Failed,
            Outcome::Honoured => Self::Proven,
            Outcome::RefusedAsPredicted => Self::Refused,
            Outcome::Unknown => Self::Skipped,
            Outcome::RefusedOtherwise
            | Outcome::AcceptedOtherwise
            | Outcome::NotHonoured
            | Outcome::Crashed
            | Outcome::Hung => Self::Failed,
        }
    }

    /// The status for a check, a sweep, or a sum of sweeps.
    pub fn of_check(outcome: judge::Outcome) -> Self {
        match outcome {
            judge::Outcome::Passed => Self::Proven,
            judge::Outcome::Failed => Self::Failed,
            judge::Outcome::Skipped => Self::Skipped,
        }
    }

    /// The worse of two statuses.
    pub fn worse(self, other: Self) -> Self {
        let from_worst = [Self::Failed, Self::Usage, Self::Skipped, Self::Refused, Self::Proven];
        from_worst.into_iter().find(|status| [self, other].contains(status)).unwrap_or(self)
    }
}
