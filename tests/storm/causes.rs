//! The causes that are told of failures, and which of them may be.

use crate::case::{Case, Fault, Place};
use std::fmt;

/// A message of fd 2: `chimera: STEP: ERRNO (text): CAUSE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    /// The step, a call by its name alone.
    step: String,
    /// The errno, or what else was the reason.
    why: String,
    /// The cause; none if none was told.
    cause: Option<String>,
}

impl fmt::Display for Message {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        write!(to, "{}: {}: {}", self.step, self.why, self.cause.as_deref().unwrap_or("no cause"))
    }
}

/// What is told of a filter.
const FILTER: &str = "a seccomp filter forbids it";
/// What is so in the place whose /proc shows other ids.
const OTHERS: &str = "/proc shows the tasks of another PID namespace";

/// The messages of fd 2.
pub fn messages(err: &str) -> Vec<Message> {
    let lines = err.lines().filter_map(|line| line.strip_prefix("chimera: "));
    lines.filter_map(message).collect()
}

fn message(line: &str) -> Option<Message> {
    let (step, rest) = line.split_once("): E").map_or_else(
        || line.split_once(": ").map(|(step, rest)| (step.to_owned(), rest.to_owned())),
        // Behind a call stands a parenthesis, behind an errno another one.
        |(step, rest)| Some((step.split('(').next().unwrap_or_default().to_owned(), format!("E{rest}"))),
    )?;
    let (why, rest) = rest.split_once(" (").map_or((rest.as_str(), None), |(why, rest)| (why, rest.split_once(')')));
    let cause = rest.and_then(|(_, rest)| rest.strip_prefix(": "));
    Some(Message { step, why: why.to_owned(), cause: cause.map(str::to_owned) })
}

/// A cause that is not the one in the way: nothing in a world is, but for a filter and for /proc of another namespace.
pub fn false_cause(case: &Case, err: &str) -> Option<String> {
    let by_filter = matches!(
        case.fault,
        Fault::Refuse(..) | Fault::Forbid(_) | Fault::RefuseNamespaces(_) | Fault::ForbidNamespaces
    );
    let may_be = |cause: &str| by_filter && cause == FILTER || case.place == Place::Nested && cause == OTHERS;
    let told = messages(err).into_iter().find(|message| message.cause.as_deref().is_some_and(|cause| !may_be(cause)));
    told.map(|message| message.to_string())
}
