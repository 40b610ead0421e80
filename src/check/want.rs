//! What a case wants of a call, and the rule that says so.

use super::case::Answer;
use crate::rules::rule::RULES;
use crate::sys::Errno;

/// The answer that is expected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Want {
    /// The answer.
    pub answer: Answer,
    /// The index of the rule that says so; none if the table of rules has no row for it.
    pub rule: Option<usize>,
}

impl Want {
    /// The call succeeds.
    pub const OK: Self = Self { answer: Answer::Ok, rule: None };

    /// The call succeeds, and what was asked for was seen.
    pub const SEEN: Self = Self { answer: Answer::Seen, rule: None };

    /// The call succeeds, and nothing was seen of what was not asked for.
    pub const NOT_SEEN: Self = Self { answer: Answer::NotSeen, rule: None };

    /// An address that cannot be used: the table of rules has no row for it, as no option gives such an address.
    pub const FAULT: Self = Self { answer: Answer::Refused(Errno::EFAULT), rule: None };

    /// The refusal by a rule, which is the first with this name and this errno.
    pub fn by(id: &str, errno: Errno) -> Self {
        let rule = RULES.iter().position(|rule| rule.id == id && rule.errno == Some(errno));
        Self { answer: Answer::Refused(errno), rule }
    }
}
