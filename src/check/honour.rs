//! Each flag with an effect: with the flag its effect is seen, or that both tasks share what it stands for; without the
//! flag the contrary is seen. The laboratory makes and witnesses both calls.

use super::case::{Answer, Case, What};
use super::judge::{Judge, Verdict};
use super::leaf::{Body, Leaf, Name};
use super::skip::Skip;
use crate::board::Board;
use crate::board::record::Experiment;
use crate::clone::call::{Api, Call, NO_CGROUP};
use crate::clone::flags::{FLAGS, Flags, NAMESPACES};
use crate::error::{Failure, Step};
use crate::experiment::findings::{CallResult, Findings, Outcome};
use crate::experiment::laboratory;
use crate::experiment::tracing::Tracing;
use crate::host::aside::By;
use crate::host::cgroup::{self, Entry};
use crate::host::filter;
use crate::rules::rule::RULES;
use crate::sys::{Errno, Fd, Signal, privilege};
use crate::witness::resource::{RESOURCES, Resource};
use crate::witness::verdict::Verdict as Witnessed;

/// The two calls, each with the word that begins the names of its leaves.
const CALLS: [(Api, &str); 2] = [(Api::Clone, "clone"), (Api::Clone3, "clone3")];

/// The leaf of the exit signal, by each call.
const OF_EXIT_SIGNAL: [&str; 2] = ["clone.exit_signal", "clone3.exit_signal"];

/// The exit signals that are asked for; the last is none.
const EXIT_SIGNALS: [Option<Signal>; 4] = [Some(Signal::CHLD), Some(Signal::USR1), Signal::new(64), None];

/// What stands beside a flag: the rules require it, or a witness needs it. If the kernel ignored one of these, the call
/// would be refused, or their own rows would show it.
const BESIDE: [(Flags, Flags); 4] = [
    (Flags::SIGHAND, Flags::VM),
    (Flags::THREAD, Flags::VM.union(Flags::SIGHAND)),
    (Flags::CHILD_CLEARTID, Flags::VM),
    (Flags::PIDFD_AUTOKILL, Flags::PIDFD.union(Flags::AUTOREAP)),
];

/// The leaf with this number: for each call its flags, then the exit signal.
pub fn leaf(number: usize) -> Option<Leaf> {
    let is_unprivileged = privilege::is_administrator() == Some(false);
    let mut all = CALLS.iter().zip(OF_EXIT_SIGNAL).enumerate().flat_map(|(row, ((api, word), of_exit_signal))| {
        let flags = FLAGS.iter().filter(|flag| flag.calls.contains(&api.by()) && has_effect(flag.bit));
        let of_flags = flags.map(move |flag| of_flag(row, Name::flag(word, flag.bit), is_unprivileged));
        of_flags.chain([of_signal(row, Name::word(of_exit_signal))])
    });
    all.nth(number)
}

/// Whether a row of the resources tells of the flag.
fn has_effect(flag: Flags) -> bool {
    RESOURCES.iter().any(|resource| resource.flags.contains(flag))
}

/// The leaf of a flag.
fn of_flag(row: usize, name: Name, is_unprivileged: bool) -> Leaf {
    let flag = name.flag.unwrap_or_default();
    let beside = BESIDE.iter().filter(|(of, _)| *of == flag).fold(Flags::empty(), |all, (_, beside)| all | *beside);
    // A caller without rights gets them with a new user namespace, and needs none for a task that gets none.
    let rights = match flag {
        _ if !is_unprivileged => Flags::empty(),
        Flags::PIDFD_AUTOKILL => Flags::NNP,
        _ if NAMESPACES.contains(flag) => Flags::NEWUSER,
        _ => Flags::empty(),
    };
    Leaf { name, flags: flag | beside | rights, row, cases: 2, body: Body::Laboratory(ask_flag) }
}

/// The leaf of the exit signal.
fn of_signal(row: usize, name: Name) -> Leaf {
    Leaf { name, flags: Flags::empty(), row, cases: EXIT_SIGNALS.len(), body: Body::Laboratory(ask_signals) }
}

/// Asks the call with the flag, and without. What is seen without the flag proves something only beside what is seen
/// with it, so both are skipped if the first is.
fn ask_flag(leaf: &Leaf, judge: Judge, board: Board<Experiment>) -> Result<(), Failure> {
    let (api, _) = CALLS[leaf.row];
    let flag = leaf.name.flag.unwrap_or_default();
    let group = if flag == Flags::INTO_CGROUP { cgroup_above() } else { None };
    let mut verdict = Verdict::Right;
    for flags in [leaf.flags, leaf.flags - flag] {
        let is_silent = flags.intersects(Flags::THREAD | Flags::PARENT | Flags::AUTOREAP);
        let mut call = Call::new(api, flags, if is_silent { None } else { Some(Signal::CHLD) });
        call.cgroup = group.as_ref().map_or(NO_CGROUP, |group| group.raw().number() as u64);
        // Both are asked under one tracer.
        let study = Study { call, flag, beside: leaf.flags - flag, tracing: Tracing::of(leaf.flags) };
        verdict = match verdict {
            Verdict::Skipped(_) => verdict,
            _ => study.verdict(judge, board)?,
        };
        judge.case(|| verdict);
    }
    Ok(())
}

/// A cgroup that takes a task and changes by that in nothing but its list of tasks: the highest of those above the
/// caller, whose own tasks it contains anyway. If that is the caller's own, the witness says nothing.
fn cgroup_above() -> Option<Fd> {
    cgroup::find_own(&mut |folder| cgroup::enter(folder, false, false) == Entry::Free)
}

/// Asks a plain call with each exit signal, and without.
fn ask_signals(leaf: &Leaf, judge: Judge, board: Board<Experiment>) -> Result<(), Failure> {
    let (api, _) = CALLS[leaf.row];
    for signal in EXIT_SIGNALS {
        let (call, none) = (Call::new(api, Flags::empty(), signal), Flags::empty());
        let verdict = Study { call, flag: none, beside: none, tracing: Tracing::None }.verdict(judge, board)?;
        judge.case(|| verdict);
    }
    Ok(())
}

/// A call under study.
struct Study {
    call: Call,
    /// The flag that the leaf is about; empty for the exit signal.
    flag: Flags,
    /// The other flags of the leaf.
    beside: Flags,
    tracing: Tracing,
}

impl Study {
    /// Makes the call in the laboratory. A failure is one of the check itself, which could make no process.
    fn verdict(&self, judge: Judge, board: Board<Experiment>) -> Result<Verdict, Failure> {
        if self.flag == Flags::INTO_CGROUP && self.call.cgroup == NO_CGROUP {
            return Ok(Verdict::Skipped(Skip::Cgroup));
        }
        if let Err(skip) = judge.ground.expects(&self.call) {
            return Ok(Verdict::Skipped(skip));
        }
        match laboratory::run_under(&self.call, board, self.tracing) {
            Ok(findings) => self.judge(judge, board, &findings),
            Err(failure) if failure.step == Step::Subject => Err(failure),
            // Nothing can be said about the call.
            Err(_) => Ok(Verdict::Skipped(Skip::NoWitness)),
        }
    }

    /// Compares what was found with what was asked for.
    fn judge(&self, judge: Judge, board: Board<Experiment>, findings: &Findings) -> Result<Verdict, Failure> {
        let got = match (findings.result, findings.killed) {
            (_, Some(Signal::SYS)) => return Ok(Verdict::Skipped(Skip::Filter)),
            (_, Some(signal)) => Answer::Killed(signal),
            _ if findings.outcome == Outcome::Hung => Answer::Hung,
            (CallResult::Refused(errno), None) => return self.refused(judge, board, errno),
            (CallResult::Unknown, None) => Answer::Unknown,
            (CallResult::Made, None) => return Ok(self.witnessed(findings)),
        };
        Ok(self.wrong(got))
    }

    /// The verdict on an answer that shows no effect.
    fn wrong(&self, got: Answer) -> Verdict {
        Verdict::Wrong(Case::of(&self.call, self.wanted(), got))
    }

    /// What the call should show of the flag.
    fn wanted(&self) -> Answer {
        seen(if self.flag.is_empty() { self.call.exit_signal != 0 } else { self.call.flags.contains(self.flag) })
    }

    /// Whether the leaf is about this row.
    fn is_own(&self, resource: &Resource) -> bool {
        if self.flag.is_empty() { resource.flags.is_empty() } else { resource.flags.intersects(self.flag) }
    }

    /// The verdict on a refusal.
    fn refused(&self, judge: Judge, board: Board<Experiment>, errno: Errno) -> Result<Verdict, Failure> {
        // To find the cause of a refusal, the kernel is asked again, and a filter may answer that by killing.
        let explain = || judge.verdict(&self.call, Err(errno));
        if judge.ground.may_be_filtered && filter::kills(By::Clone, || _ = explain()) {
            return Ok(Verdict::Skipped(Skip::Filter));
        }
        Ok(match explain() {
            Verdict::Right => Verdict::Skipped(self.since(judge)),
            Verdict::Wrong(_) => self.wrong(Answer::Refused(errno)),
            // Without a user namespace there are no rights to the others.
            Verdict::Skipped(Skip::Limit) if self.lacks_user_namespace(judge, board)? => {
                self.wrong(Answer::Refused(errno))
            }
            skipped => skipped,
        })
    }

    /// Why the rules expect the refusal: a later kernel has the call.
    fn since(&self, judge: Judge) -> Skip {
        let rule = judge.ground.expects(&self.call).ok().and_then(|(_, rule)| RULES.get(rule?));
        rule.and_then(|rule| rule.until).map_or(Skip::NoWitness, Skip::Since)
    }

    /// Whether a call with CLONE_NEWUSER alone, which stands beside the flag, is accepted and makes no user namespace.
    fn lacks_user_namespace(&self, judge: Judge, board: Board<Experiment>) -> Result<bool, Failure> {
        let flag = self.beside & Flags::NEWUSER;
        let call = Call::usual(self.call.api, flag);
        let alone = Self { call, flag, beside: Flags::empty(), tracing: Tracing::None };
        Ok(!flag.is_empty() && matches!(alone.verdict(judge, board)?, Verdict::Wrong(_)))
    }

    /// The verdict on a task that was made: the rows of the flag, and of the flags beside it.
    fn witnessed(&self, findings: &Findings) -> Verdict {
        let is_beside = |resource: &Resource| resource.flags.intersects(self.beside) && resource.is_asked(&self.call);
        let rows = RESOURCES.iter().zip(&findings.rows).enumerate();
        let mut verdict = Verdict::Skipped(Skip::NoWitness);
        for (number, (resource, row)) in rows {
            let is_own = self.is_own(resource);
            match row.verdict {
                Witnessed::NotHonoured if is_own || is_beside(resource) => return self.otherwise(number, resource),
                Witnessed::Honoured if is_own => verdict = Verdict::Right,
                _ => {}
            }
        }
        verdict
    }

    /// The verdict on a row that shows the contrary of what was asked for.
    fn otherwise(&self, number: usize, resource: &Resource) -> Verdict {
        let is_asked = resource.is_asked(&self.call);
        Verdict::Wrong(Case::of(&self.call, seen(is_asked), seen(!is_asked)).with(What::Effect, number as u64))
    }
}

/// Whether an effect is seen.
fn seen(is_seen: bool) -> Answer {
    if is_seen { Answer::Seen } else { Answer::NotSeen }
}
