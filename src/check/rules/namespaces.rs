//! The rules about PID namespaces and limits of namespaces: D5, D6, F3, F5, F6.

use super::asking::{Asking, both};
use super::place::{as_process_1, in_process, limit, own_user, refusal, unshare, with_rights};
use crate::check::case::{Answer, Case};
use crate::check::judge::Verdict;
use crate::check::skip::Skip;
use crate::clone::bare;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Kind};
use crate::clone::process::Process;
use crate::sys::{Errno, Signal, namespace};

/// The kinds whose number is limited, but for user namespaces, and the call that makes one.
const LIMITED: [(Kind, Api); 7] = [
    (Kind::Mnt, Api::Clone),
    (Kind::Uts, Api::Clone),
    (Kind::Ipc, Api::Clone),
    (Kind::Pid, Api::Clone),
    (Kind::Cgroup, Api::Clone),
    (Kind::Net, Api::Clone),
    (Kind::Time, Api::Clone3),
];

/// How many cases [`none_of_a_kind`] asks.
pub const CASES_OF_LIMITS: usize = 2 * LIMITED.len() + 2;

/// How deep PID namespaces are nested at most, below the initial one: MAX_PID_NS_LEVEL of linux/pid_namespace.h.
const LEVELS: usize = 32;

/// F3: 32 levels of PID namespaces, and a limit of 0 for each kind.
pub fn none_of_a_kind(asking: &Asking) -> Result<(), Skip> {
    own_user(asking.judge.ground)?;
    in_process(asking.judge, 1, || nest(asking, 0));
    let calls = LIMITED.map(|(kind, api)| (kind, Call::usual(api, kind.flag())));
    let before = calls.map(|(_, call)| asking.verdict(&call, Answer::Ok, bare::attempt(&call)));
    for ((kind, call), before) in calls.iter().zip(before) {
        limit(*kind, b"0")?;
        // One kind that is not to be had here does not keep the others from being asked.
        let _ = asking.refuses(call);
        asking.judge.case(|| before);
    }
    asking.accepted();
    Ok(())
}

/// Makes PID namespaces, each below the one before; where there are as many as there may be, the call is refused.
fn nest(asking: &Asking, level: usize) -> Result<(), Skip> {
    let call = Call::usual(Api::Clone, Flags::NEWPID);
    match namespace::unshare(Flags::NEWPID.bits() as usize) {
        Ok(()) if level == LEVELS => asking.counts(|| {
            let more = Case::of(&call, Answer::Refused(Errno::ENOSPC), Answer::Ok);
            Verdict::Wrong(more.by(Some(asking.number)))
        }),
        Ok(()) => {
            as_process_1(asking.judge, 1, || nest(asking, level + 1));
            Ok(())
        }
        Err(Errno::ENOSPC) => asking.refuses(&call),
        Err(errno) => Err(refusal(Flags::NEWPID, errno, asking.judge.ground)),
    }
}

/// D6, F3: the caller's children go to another PID namespace; before, the same call was accepted.
pub fn elsewhere(asking: &Asking) -> Result<(), Skip> {
    with_rights(asking.judge.ground)?;
    let before = asking.before()?;
    unshare(Flags::NEWPID, asking.judge.ground)?;
    both(asking)?;
    asking.counts(|| before)
}

/// D5, F5: the caller is process 1 of a PID namespace of its own.
pub fn process_1(asking: &Asking) -> Result<(), Skip> {
    with_rights(asking.judge.ground)?;
    unshare(Flags::NEWPID, asking.judge.ground)?;
    as_process_1(asking.judge, 2, || both(asking));
    Ok(())
}

/// F6: the PID namespace of the caller's children has lost its process 1; before, the same call was accepted.
pub fn process_1_ended(asking: &Asking) -> Result<(), Skip> {
    with_rights(asking.judge.ground)?;
    let before = asking.before()?;
    unshare(Flags::NEWPID, asking.judge.ground)?;
    Process::make(Signal::CHLD.number(), || 0).and_then(Process::await_end).map_err(|_| Skip::Limit)?;
    asking.refused()?;
    asking.counts(|| before)
}
