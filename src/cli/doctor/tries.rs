//! The tries: each kind of namespace, made by the engine of `run` with the options that are printed beside it.

use crate::clone::flags::{Flags, Kind};
use crate::error::{Failure, Step};
use crate::host::aside::{Aside, aside};
use crate::host::namespace::{self, HOST};
use crate::run::ids::Own;
use crate::run::plan::Plan;
use crate::run::steps;
use crate::run::trial::{self, PROGRAM};
use crate::sys::wait::Change;
use crate::sys::{Errno, file};
use core::ffi::CStr;

/// Something to try.
pub struct Try {
    /// What it is called: a kind of namespace, or `proc`.
    pub name: &'static str,
    kind: Kind,
    /// The options of `run` that do it.
    pub options: &'static str,
    /// Adds to the plan what those options say beside the namespace.
    more: fn(&mut Plan),
}

/// The try on which the verdict rests.
pub static USER: Try = Try { name: "user", kind: Kind::User, options: "-r", more: |_| {} };

/// All others: what belongs to a namespace is done in it, where anything does.
#[rustfmt::skip]
pub static OTHERS: [Try; 8] = [
    Try { name: "mnt", kind: Kind::Mnt, options: "-rm", more: |_| {} },
    Try { name: "uts", kind: Kind::Uts, options: "-ru --hostname=chimera", more: |plan| plan.hostname = Some(HOST) },
    Try { name: "ipc", kind: Kind::Ipc, options: "-ri", more: |_| {} },
    Try { name: "net", kind: Kind::Net, options: "-rn", more: |_| {} },
    Try { name: "pid", kind: Kind::Pid, options: "-rp", more: |_| {} },
    Try { name: "proc", kind: Kind::Pid, options: "-rp --mount-proc", more: |plan| plan.proc = Some(b"/proc") },
    Try { name: "cgroup", kind: Kind::Cgroup, options: "-rC", more: |_| {} },
    Try { name: "time", kind: Kind::Time, options: "-rT --boottime=0", more: |plan| plan.boottime = Some(b"0") },
];

/// What came of a try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The program ran as root.
    Works,
    /// The kernel does not have this kind of namespace.
    Absent,
    /// A step failed.
    Failed(Failure),
    /// There was no process to try it in.
    Untried(Failure),
}

impl Outcome {
    /// The failure, if any.
    pub fn failure(self) -> Option<Failure> {
        match self {
            Self::Failed(failure) | Self::Untried(failure) => Some(failure),
            Self::Works | Self::Absent => None,
        }
    }
}

/// The word that has the program of a trial look where it is, and say nothing.
pub const LOOK: &CStr = c"look";

impl Try {
    /// The namespaces in question.
    pub fn flags(&self) -> Flags {
        self.plan().namespaces
    }

    /// The argument of a step, from the options; empty for none.
    pub fn argument(&self, step: Step) -> &'static [u8] {
        steps::argument(&self.plan(), step)
    }

    /// The plan of `run` with these options.
    fn plan(&self) -> Plan {
        let mut plan = Plan { namespaces: Flags::NEWUSER | self.kind.flag(), ..Plan::default() };
        plan.users.own = Some(Own::Is(0));
        plan.groups.own = Some(Own::Is(0));
        (self.more)(&mut plan);
        // No option above contradicts another.
        let _ = plan.complete();
        plan
    }

    /// Does it in a process of its own.
    pub fn attempt(&self) -> Outcome {
        match trial::attempt(&self.plan(), &[PROGRAM, c"doctor", LOOK]) {
            Ok(()) => Outcome::Works,
            Err(failure) if failure.step == Step::Trial => Outcome::Untried(failure),
            Err(failure) if self.is_absent(failure) => Outcome::Absent,
            Err(failure) => Outcome::Failed(failure),
        }
    }

    /// Whether a call failed because the kernel does not have this kind of namespace. Without any user namespace the
    /// refusal has a cause.
    fn is_absent(&self, failure: Failure) -> bool {
        let is_call = matches!(failure.step, Step::Call | Step::Unshare) && failure.errno() == Some(Errno::EINVAL);
        // A filter may kill who looks.
        let is_missing = || aside(|| (exists(self.kind) == Some(false)).into()) == Aside::Ended(Change::Exited(1));
        self.kind != Kind::User && is_call && is_missing()
    }

    /// Does it in this process, whose program then gets `word`. Returns only if it failed.
    pub fn attempt_in_place(&self, word: &'static CStr) -> Outcome {
        Outcome::Failed(trial::become_program(&self.plan(), &[PROGRAM, c"doctor", word]))
    }
}

/// Whether the kernel has a kind of namespace; none if that cannot be seen.
pub fn exists(kind: Kind) -> Option<bool> {
    match namespace::own(kind) {
        Ok(_) => Some(true),
        // The file alone is missing, not all of proc(5).
        Err(Errno::ENOENT) if file::open(c"/proc/thread-self/ns", file::O_PATH).is_ok() => Some(false),
        Err(_) => None,
    }
}
