//! What is known of this place before the first case: what the rules need to judge without asking the kernel each time.

use super::case::Answer;
use super::skip::Skip;
use crate::clone::bare;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{FLAGS, Flags, Kind, NAMESPACES, Version};
use crate::host::place::Place;
use crate::host::probe;
use crate::rules::rule::{RULES, Stage, predict};
use crate::sys::{Errno, Result};
use core::cell::Cell;

/// How long a refusal that may pass is waited for, in nanoseconds: half of what a worker may take for a case.
pub const PATIENCE: u64 = 5_000_000_000;

/// What is known of this place.
pub struct Ground {
    /// This kernel's version and the caller's rights, for rules that must not ask the kernel.
    pub place: Place,
    /// Whether there may be a seccomp filter.
    pub may_be_filtered: bool,
    /// The errno of a user namespace; none if the kernel makes one.
    pub user: Option<Errno>,
    /// The errno of each other kind of namespace, in the order of [`Kind::ALL`]; none if the kernel makes one.
    kinds: [Option<Errno>; Kind::ALL.len()],
    /// How long a refusal that may pass is waited for, in nanoseconds.
    pub patience: Cell<u64>,
}

impl Ground {
    /// Looks at this place. What cannot be asked counts as allowed: the cases themselves tell then.
    pub fn look() -> Self {
        let here = Place::here();
        let is_unprivileged = !here.is_privileged();
        let refusal = |flags| match probe::probe(Api::Clone, flags, 0) {
            Ok(Err(Errno::EFAULT) | Ok(())) | Err(_) => None,
            Ok(Err(errno)) => Some(errno),
        };
        let with = if is_unprivileged { Flags::NEWUSER } else { Flags::empty() };
        Self {
            place: Place { is_here: false, is_unprivileged, ..here },
            may_be_filtered: probe::may_be_filtered(),
            user: refusal(Flags::NEWUSER),
            kinds: Kind::ALL.map(|kind| refusal(kind.flag() | with)),
            patience: Cell::new(PATIENCE),
        }
    }

    /// The answer that the rules expect of a call that is made by a task with all rights of its own; or why there is
    /// none.
    pub fn expects(&self, call: &Call) -> core::result::Result<(Answer, Option<usize>), Skip> {
        if let Some(since) = self.lacks(call) {
            return Err(Skip::Since(since));
        }
        // A place that is not asked has no failures.
        let predicted = predict(call, &self.place).map_err(|_| Skip::NoWitness)?;
        Ok((Answer::expected(predicted.expected), predicted.rule))
    }

    /// The version with the newest of the call's flags, if this kernel is older.
    pub fn lacks(&self, call: &Call) -> Option<Version> {
        let asked = FLAGS.iter().filter(|flag| call.flags.contains(flag.bit) && flag.calls.contains(&call.api.by()));
        asked.map(|flag| flag.since).max().filter(|since| *since > self.place.version)
    }

    /// Why an answer says nothing about the rules though it is not the expected one; none if it does.
    pub fn excuse(&self, call: &Call, got: Result<()>) -> Option<Skip> {
        let errno = got.err()?;
        if self.is_masked(call) {
            return Some(Skip::Filter);
        }
        // What the flags alone decide comes first.
        let predicted = predict(call, &self.place).ok()?.rule.and_then(|rule| RULES.get(rule));
        if predicted.is_some_and(|rule| rule.stage() < Stage::Task) {
            return None;
        }
        if call.flags.contains(Flags::NEWUSER) && self.user == Some(errno) {
            return Some(Skip::UserNamespaces);
        }
        let asked = call.flags & NAMESPACES;
        let is_limited =
            |(kind, refused): (&Kind, &Option<Errno>)| asked.contains(kind.flag()) && *refused == Some(errno);
        Kind::ALL.iter().zip(&self.kinds).any(is_limited).then_some(Skip::Limit)
    }

    /// Whether a limit is reached now that was not when this place was looked at: a task without flags is refused with
    /// this errno, or with the flag of one of the kinds of namespaces alone.
    pub fn is_used_up(&self, asked: Flags, errno: Errno) -> bool {
        let user = if self.place.is_unprivileged { Flags::NEWUSER } else { Flags::empty() };
        let is_refused = |flags| bare::attempt(&Call::usual(Api::Clone, flags)).err() == Some(errno);
        let kinds = Kind::ALL.iter().map(|kind| kind.flag()).filter(|flag| asked.contains(*flag));
        is_refused(Flags::empty()) || kinds.map(|flag| flag | user).any(is_refused)
    }

    /// Whether the kernel made a namespace of a kind when this place was looked at.
    pub fn allows(&self, kind: Kind) -> bool {
        self.kinds[kind as usize].is_none()
    }

    /// Whether a filter answers the call: the same call with flags that every kernel refuses first gets another answer.
    pub fn is_masked(&self, call: &Call) -> bool {
        if !self.may_be_filtered {
            return false;
        }
        let mut asked = *call;
        if call.api == Api::Clone3 {
            asked.size = 0;
        }
        asked.flags |= probe::contradiction(call.flags);
        bare::attempt(&asked).err() != Some(Errno::EINVAL)
    }
}
