//! Asking the kernel with a call that it must refuse in the end.
//!
//! No file says whether a rule was backported, how many namespaces and tasks are left, or what a security module
//! decides. The probing call asks for a descriptor to be stored at an unmapped address. The kernel notices this only
//! after nearly all other checks, so the probe makes no task.

use super::aside::By;
use super::{filter, namespace, proc};
use crate::board::TidWords;
use crate::clone::asm::PidfdAt;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Kind};
use crate::clone::task::Task;
use crate::error::{At, Failure, Step, Why};
use crate::sys::harmless::Harmless;
use crate::sys::{Errno, Pid, Result as SysResult, Signal, control, file, privilege, process};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Makes a call that the kernel must refuse and returns its answer; success if the kernel accepts the call all the
/// same, with a task that ends at once. A failure is a step before the call: the kernel was not asked.
///
/// A filter may kill the asking process. So where there is a filter, a child makes the call first, and if that is
/// killed, its signal is the failure.
fn ask(call: &Call) -> Result<SysResult<()>, Failure> {
    // A child would be the process that a new PID namespace waits for.
    if may_be_filtered() && !is_first_to_come()? {
        // The result does not matter: this process asks again.
        let is_deadly = filter::kills(By::Clone, || _ = ask_here(call));
        if is_deadly {
            // What kills may be a step before the call: its stack takes two others.
            let before = [(Harmless::Mmap, Step::Stack), (Harmless::Mprotect, Step::Guard)];
            let step = before.into_iter().find(|(call, _)| filter::kills_at(*call)).map_or(Step::Ask, |(_, step)| step);
            return Err(Failure { step, why: Why::Signal(Signal::SYS) });
        }
    }
    ask_here(call)
}

/// Whether there may be a seccomp filter; a kernel without seccomp(2) has none (EINVAL).
pub fn may_be_filtered() -> bool {
    !matches!(control::seccomp_mode(), Ok(0) | Err(Errno::EINVAL))
}

/// Makes the call; see [`ask`].
fn ask_here(call: &Call) -> Result<SysResult<()>, Failure> {
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    extern "C" fn end(_: &'static ()) -> i32 {
        0
    }
    let mut task = Task::new(call, TidWords::new(&WORDS));
    task.pidfd_at = PidfdAt::Nowhere;
    match task.make_on_stack(end, &()) {
        Ok(child) => {
            // The task has ended, or process 1 reaps it after the caller's end.
            let _ = child.join();
            Ok(Ok(()))
        }
        Err(failure) => failure.call_errno().map(Err).ok_or(failure),
    }
}

/// The kernel's answer to these flags, in a call that shares memory and whose descriptor cannot be stored: EFAULT if
/// nothing else stands against them.
///
/// A failed call would use up the first process of a PID namespace that has none yet, and the namespace with it. For
/// such a namespace the probe uses an invalid FS base instead, which the kernel checks before it allocates an id.
pub fn probe(api: Api, flags: Flags, signal: u64) -> Result<SysResult<()>, Failure> {
    let call = Call { exit_signal: signal, ..Call::usual(api, flags | Flags::VM | Flags::PIDFD) };
    if !is_first_to_come()? {
        return ask(&call);
    }
    let said = ask(&Call { flags: call.flags | Flags::SETTLS, tls: Some(usize::MAX), ..call })?;
    Ok(if said == Err(Errno::EPERM) { Err(Errno::EFAULT) } else { said })
}

/// Ids for probes.
type Ids = [AtomicU32; 33];

/// The kernel's answer to these namespaces and ids; EFAULT if nothing stands against them.
fn ask_ids(namespaces: Flags, ids: &'static [AtomicU32]) -> Result<SysResult<()>, Failure> {
    let flags = namespaces | Flags::VM | Flags::PIDFD;
    ask(&Call { set_tid: ids, exit_signal: 0, ..Call::usual(Api::Clone3, flags) })
}

/// The kernel's answer to these namespaces and up to 32 ids; EFAULT if nothing stands against them.
pub fn ids(namespaces: Flags, ids: &'static [AtomicU32]) -> Result<SysResult<()>, Failure> {
    if is_first_to_come()? { first_ids(namespaces, ids) } else { ask_ids(namespaces, ids) }
}

/// Whether a task in these namespaces is in at least this many PID namespaces, two or more: each of them but a new one
/// has a process 1, so the kernel refuses the second id as taken if it does not find that there are too many.
pub fn has_levels(namespaces: Flags, number: usize) -> Result<bool, Failure> {
    static ONES: Ids = [const { AtomicU32::new(0) }; _];
    ONES.iter().for_each(|id| id.store(1, Relaxed));
    let Some(ids) = ONES.get(..number) else { return Ok(false) };
    ask_ids(namespaces, ids).map(|said| said != Err(Errno::EINVAL))
}

/// The same for a PID namespace that waits for its first process: an accepted call would use it up. So an id that
/// cannot be is added for one namespace more, or put in the place of the last id where there is no further namespace.
/// Then all ids before it are seen, and the last is looked at.
fn first_ids(namespaces: Flags, ids: &'static [AtomicU32]) -> Result<SysResult<()>, Failure> {
    static ROOM: Ids = [const { AtomicU32::new(0) }; _];
    let id = |at: usize| ids.get(at).map_or(0, |id| id.load(Relaxed) as usize);
    let length = ids.len();
    let is_all = !has_levels(namespaces, length + 1)?;
    if is_all && !has_levels(namespaces, length)? {
        return Ok(Err(Errno::EINVAL));
    }
    let seen = if is_all { length - 1 } else { length };
    for (at, room) in ROOM.iter().enumerate().take(seen + 1) {
        room.store(if at < seen { id(at) as u32 } else { 0 }, Relaxed);
    }
    let said = ask_ids(namespaces, ROOM.get(..=seen).unwrap_or_default())?;
    if said != Err(Errno::EINVAL) {
        return Ok(said);
    }
    let most = proc::only_number(c"/proc/sys/kernel/pid_max").unwrap_or(usize::MAX);
    let is_in_range = |at| id(at) != 0 && id(at) < most;
    if id(0) != 1 || !(1..length).all(is_in_range) {
        return Ok(Err(Errno::EINVAL));
    }
    // The last id is one of the initial PID namespace, whose owner is the initial user namespace.
    let is_denied =
        || namespace::own(Kind::User) != Ok(namespace::INITIAL_USER) || privilege::may_choose_ids() == Some(false);
    let is_taken = |id: Pid| !process::is_gone(id) || !process::is_group_gone(id);
    Ok(Err(match is_all {
        true if is_denied() => Errno::EPERM,
        true if length == 2 && Pid::new(id(1)).is_some_and(is_taken) => Errno::EEXIST,
        _ => Errno::EFAULT,
    }))
}

/// Whether the PID namespace for children has no process yet: its file cannot be read then, although the file of the
/// caller's own namespace can. If neither can be read, there is no proc(5) to ask.
pub fn is_first_to_come() -> Result<bool, Failure> {
    let childrens = || file::inode(c"/proc/self/ns/pid_for_children");
    match childrens() {
        Ok(_) => Ok(false),
        Err(_) if file::inode(c"/proc/self/ns/pid").is_err() => Ok(false),
        Err(errno) if errno == Errno::ENOENT && childrens() == Err(errno) => Ok(true),
        Err(errno) => Err(errno).at(Step::StatChildren),
    }
}

/// What happens to a call instead of being examined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Filtered {
    /// A seccomp filter, or a kernel without the call, returns this errno.
    Refused(Errno),
    /// A seccomp filter kills the caller.
    Killed,
}

impl Filtered {
    /// The errno of a refusal.
    pub fn errno(self) -> Option<Errno> {
        if let Self::Refused(errno) = self { Some(errno) } else { None }
    }
}

/// The flags beside which every kernel refuses these at its first check of flags, with EINVAL.
pub fn contradiction(flags: Flags) -> Flags {
    match (flags.contains(Flags::VM), flags.contains(Flags::SIGHAND)) {
        (false, _) => Flags::SIGHAND,
        (true, false) => Flags::THREAD,
        (true, true) => Flags::PIDFD | Flags::DETACHED,
    }
}

/// What a seccomp filter does to the call, or a kernel without it; none if the kernel examines it. clone(2) is probed
/// with flags that every kernel refuses at its first check, clone3(2) with a size of 0.
pub fn filtered(call: &Call) -> Result<Option<Filtered>, Failure> {
    let mut asked = *call;
    if call.api == Api::Clone3 {
        asked.size = 0;
    } else if !may_be_filtered() {
        return Ok(None);
    }
    asked.flags |= contradiction(call.flags);
    match ask(&asked) {
        Ok(said) => Ok(said.err().filter(|errno| *errno != Errno::EINVAL).map(Filtered::Refused)),
        Err(Failure { step: Step::Ask, why: Why::Signal(Signal::SYS) }) => Ok(Some(Filtered::Killed)),
        Err(failure) => Err(failure),
    }
}

/// Whether the caller's children are made in a different PID namespace from the caller's; no if that cannot be read.
pub fn are_children_elsewhere() -> bool {
    let own = || namespace::own_by_name("pid").ok();
    let Some(inode) = own() else { return false };
    let is_other = || match namespace::own_by_name("pid_for_children") {
        Ok(childrens) => childrens != inode,
        // The namespace for children has no process yet.
        Err(errno) => errno == Errno::ENOENT,
    };
    // Read twice: an inode that changes between readings proves nothing.
    is_other() && own() == Some(inode) && is_other()
}
