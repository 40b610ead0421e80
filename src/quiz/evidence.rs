//! What shows the answer to a question: facts that the laboratory found, and the choice that follows from them.

use crate::clone::flags::Flags;
use crate::experiment::findings::{CallResult, Findings, Waiter};
use crate::sys::signal::Set;
use crate::sys::{Errno, Signal};
use crate::witness::resource::Resource;
use crate::witness::verdict::{Row, Says};

/// What shows the answer about one call whose task was made.
pub enum Evidence {
    /// The row of the resource about which this flag decides.
    Row {
        /// The flag.
        flag: Flags,
        /// The choice if both tasks have one object, or if an effect is absent.
        one: usize,
        /// The choice if each task has its own object, or if an effect is there.
        two: usize,
    },
    /// getpid(2) in both tasks: the same, another number, or 1.
    ProcessId,
    /// getpid(2) and gettid(2) in both tasks: which is the same in both.
    Ids,
    /// The call's result and the child's getpid(2): the same or not.
    Returned,
    /// The child's getppid(2): the caller, the caller's parent, or 0.
    ParentId,
    /// The task that could wait for the child: the caller, its parent, or none.
    Waiter,
    /// The signals that the caller had received after the child's end, in the order of the choices.
    Signals {
        /// The signals.
        signals: &'static [Signal],
        /// The choice if none of them was received.
        none: usize,
    },
    /// getuid(2) in both tasks: the caller's number, 0, or the number for an id that is not mapped.
    User,
    /// A change of the child's credentials: whether the caller's changed too.
    Credentials {
        /// The choice if they did not.
        own: usize,
    },
    /// The words in which the kernel stores the child's id: the caller's, the child's, both, or none.
    Stored,
}

/// What was seen of one call.
#[derive(Clone, Copy)]
pub enum Seen {
    /// A refusal.
    Refused(Errno),
    /// A task was made where a refusal was expected.
    Made,
    /// What both witnesses say of a resource.
    Row(&'static Resource, Row),
    /// getpid(2) in the caller and in the child.
    ProcessIds([usize; 2]),
    /// getpid(2) in the caller and in the child, and gettid(2) in both.
    Ids([usize; 2], [usize; 2]),
    /// The call's result, and getpid(2) in the child.
    Returned([usize; 2]),
    /// getppid(2) in the child, and the process ids of the caller and of its parent.
    ParentIds([usize; 3]),
    /// The task that could wait for the child.
    Waiter(Waiter),
    /// The signals that the caller had received.
    Signals(Set),
    /// getuid(2) in the caller and in the child.
    Users([usize; 2]),
    /// The child changed its credentials, and the caller's stayed as they were.
    OwnCredentials,
    /// Whether the kernel stored the child's id in the caller's word and in the child's.
    Stored([bool; 2]),
}

/// The number that the kernel shows for a user id that is not mapped, unless kernel.overflowuid has another.
const UNMAPPED: usize = 65534;

impl Evidence {
    /// What was seen of a task that was made, and the choice that follows; none if nothing was seen, or if what was seen
    /// fits no choice.
    pub fn look(&self, findings: &Findings) -> Option<(Seen, usize)> {
        let (caller, child) = (&findings.parent, &findings.child);
        match *self {
            Self::Row { flag, one, two } => {
                let (resource, row) = row(findings, flag)?;
                Some((Seen::Row(resource, *row), if is_one(row)? { one } else { two }))
            }
            Self::ProcessId => {
                let ids = [caller.pid?, child.pid?];
                let choice = match ids {
                    [caller, child] if caller == child => 0,
                    [_, 1] => 2,
                    _ => 1,
                };
                Some((Seen::ProcessIds(ids), choice))
            }
            Self::Ids => {
                let (pids, tids) = ([caller.pid?, child.pid?], [caller.tid?, child.tid?]);
                Some((Seen::Ids(pids, tids), of_two([pids[0] == pids[1], tids[0] == tids[1]])))
            }
            Self::Returned => {
                let [result, own] = [findings.task.tid?.number(), child.pid?];
                Some((Seen::Returned([result, own]), usize::from(result != own)))
            }
            Self::ParentId => {
                let [seen, callers, its_parents] = [child.ppid?, caller.pid?, caller.ppid?];
                let choice = [callers, its_parents, 0].iter().position(|id| *id == seen)?;
                Some((Seen::ParentIds([seen, callers, its_parents]), choice))
            }
            Self::Waiter => {
                let waiter = findings.waiter?;
                let choice =
                    [Waiter::Caller, Waiter::CallersParent, Waiter::Nobody].iter().position(|one| *one == waiter)?;
                Some((Seen::Waiter(waiter), choice))
            }
            Self::Signals { signals, none } => {
                let received = findings.pending? & signals.iter().fold(0, |set, signal| set | signal.set());
                let choice = match received {
                    0 => none,
                    _ => signals.iter().position(|signal| signal.set() == received)?,
                };
                Some((Seen::Signals(received), choice))
            }
            Self::User => {
                let users = [caller.uid?, child.uid?];
                // The caller of the question is user 1000. The numbers say nothing if the caller's own is the one for an
                // id that is not mapped; whether the child's id is mapped shows then.
                if users == [UNMAPPED; 2] {
                    let (resource, row) = row(findings, Flags::NEWUSER)?;
                    return Some((Seen::Row(resource, *row), if is_one(row)? { 0 } else { 2 }));
                }
                let choice = match users {
                    [own, seen] if seen == own => 0,
                    [_, 0] => 1,
                    [_, UNMAPPED] => 2,
                    _ => return None,
                };
                Some((Seen::Users(users), choice))
            }
            Self::Credentials { own } => findings.has_own_credentials.then_some((Seen::OwnCredentials, own)),
            Self::Stored => {
                let is_there = |flag| Some(!is_one(row(findings, flag)?.1)?);
                let stored = [is_there(Flags::PARENT_SETTID)?, is_there(Flags::CHILD_SETTID)?];
                Some((Seen::Stored(stored), of_two(stored)))
            }
        }
    }
}

/// The choice among the first, the second, both and neither of two things.
const fn of_two(are_so: [bool; 2]) -> usize {
    match are_so {
        [true, false] => 0,
        [false, true] => 1,
        [true, true] => 2,
        [false, false] => 3,
    }
}

/// The findings about the resource about which a flag decides.
fn row<'a>(findings: &'a Findings, flag: Flags) -> Option<(&'static Resource, &'a Row)> {
    findings.resources().find(|(resource, _)| resource.flags.contains(flag))
}

/// Whether both tasks have one object, or an effect is absent; none if no witness saw it, or if the two contradict each
/// other.
fn is_one(row: &Row) -> Option<bool> {
    let says = |word| row.kernel == word || row.behaviour == word;
    match (says(Says::One), says(Says::Two)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// What the right one of several calls does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Property {
    /// The kernel accepts it.
    Accepted,
    /// The kernel refuses it.
    Refused,
    /// It makes a task of the caller's thread group.
    Thread,
    /// It makes a task of another thread group, in the caller's memory.
    Chimera,
}

impl Property {
    /// Whether a call with these flags, refused or not, has the property by the rules.
    pub fn is_of(self, flags: Flags, is_refused: bool) -> bool {
        match self {
            Self::Refused => is_refused,
            Self::Accepted => !is_refused,
            Self::Thread => !is_refused && flags.contains(Flags::THREAD),
            Self::Chimera => !is_refused && flags.contains(Flags::VM) && !flags.contains(Flags::THREAD),
        }
    }

    /// Whether a call was seen to have the property; none if that was not seen.
    pub fn is_seen(self, findings: &Findings) -> Option<bool> {
        let is_one = |flag| is_one(row(findings, flag)?.1);
        match (self, findings.result) {
            (_, CallResult::Unknown) => None,
            (_, CallResult::Refused(_)) => Some(self == Self::Refused),
            (Self::Accepted, CallResult::Made) => Some(true),
            (Self::Refused, CallResult::Made) => Some(false),
            (Self::Thread, CallResult::Made) => is_one(Flags::THREAD),
            (Self::Chimera, CallResult::Made) => Some(is_one(Flags::VM)? && !is_one(Flags::THREAD)?),
        }
    }
}
