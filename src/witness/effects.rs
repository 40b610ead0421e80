//! What the laboratory proves beyond the modes: the other shared objects, the namespaces, and what flags do at the
//! start and at the end of a task.
//!
//! Structured like `behaviour`: arm, act, look, and witnesses that read what was left. The caller's environment is not
//! changed: a host name is set only in a namespace that is proven to be new, no mount is attached or detached, and a
//! semaphore lies in an IPC namespace made for it. For an effect, a witness says false if the effect is seen, and true
//! if all is as in a plain copy.

use super::behaviour::one_of;
use super::kernel::compare;
use super::pair::Pair;
use crate::board::record::Experiment;
use crate::board::{Board, Page, Turn, UNSET};
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Kind};
use crate::clone::stack::Entry;
use crate::clone::task::{Ended, Task};
use crate::error::{Failure, Step};
use crate::host::id_map::write_file;
use crate::host::namespace::{self, HOST, NotMoved};
use crate::host::probe;
use crate::host::proc::{self, StatField};
use crate::sys::clock::cycles;
use crate::sys::process::Kcmp;
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{
    Errno, RawFd, Result as SysResult, Signal, confirmed, control, file, ids, ipc, process, signal, socket,
};
use crate::text::number::{LONGEST, digits};
use crate::text::read;
use core::ffi::CStr;
use core::sync::atomic::Ordering::Relaxed;

/// The levels of I/O priority that the two tasks set.
const PARENTS_LEVEL: usize = 6;
const CHILDS_LEVEL: usize = 3;

/// A signal with a handler that never runs: no task sends the signal, and it is blocked.
const HANDLED: Signal = Signal::WINCH;

/// Never called; only its address is used, as a handler.
fn handler() {}

/// In the subject, before the call: prepares one thing of each kind for the child to act on.
pub fn arm(board: Board<Experiment>, call: &Call) {
    let (facts, side) = (board.record(), &board.record().parent);
    side.io_priority.put(control::set_io_priority(PARENTS_LEVEL));
    // This comes after the semaphore, because unshare(2) of an IPC namespace drops the caller's undo list. Without a
    // list the kernel's witness stays silent.
    let _ = plain_child(board, Flags::SYSVSEM, nothing);
    side.handled.put(dispose(HANDLED, Disposition(handler as *const () as usize)).map(|before| before.0));
    side.no_new_privileges.put(control::no_new_privileges());
    side.fs_base.put(control::fs_base());
    if call.flags.contains(Flags::NEWNET) {
        // A name that no concurrent run is likely to use; their ids and addresses may all be the same.
        let name = cycles();
        facts.socket_name.put(Ok(name as usize));
        // The name stays bound as long as this process lives.
        side.socket.put(socket::claim(name).map(|socket| socket.leave()));
    }
    if call.flags.contains(Flags::NEWUTS) && namespace::is_host_ours() == Ok(false) {
        side.host.put(namespace::own(Kind::Uts));
    }
    if call.flags.intersects(Flags::NEWNS | Flags::EMPTY_MNTNS) {
        side.mounts.put(file::open(c"/", file::O_PATH).map(|path| path.leave()));
    }
    side.proc.put(file::inode(PROC));
}

/// In the subject, before the call: makes a semaphore in a new IPC namespace, so that the kernel removes the semaphore
/// with the namespace's last task, however that task ends. Without the right to make the namespace there is no
/// semaphore. ENOSPC: this was the last IPC namespace that the limit allows, and the call under study needs one too.
pub fn arm_semaphore(board: Board<Experiment>, call: &Call) -> Result<(), Failure> {
    if !call.flags.intersects(Flags::SYSVSEM | Flags::NEWIPC) {
        return Ok(());
    }
    let facts = board.record();
    let own_ipc = namespace::enter_new(Kind::Ipc).map_err(NotMoved::errno);
    facts.own_ipc.put(own_ipc);
    let set = own_ipc.and_then(|_| ipc::semaphore());
    facts.parent.semaphore.put(set);
    if let Ok(set) = set {
        let value = plain_child(board, Flags::empty(), raise).and_then(|()| ipc::value(set));
        facts.undo_works.put(value.and_then(|value| if value == 0 { Ok(true) } else { Err(Errno::EIO) }));
        facts.parent.semaphore.put(ipc::raise(set).map(|()| set));
    }
    let asks = call.flags.contains(Flags::NEWIPC) && own_ipc.is_ok();
    if asks && probe::probe(call.api, Flags::NEWIPC, 0)? == Err(Errno::ENOSPC) {
        return Err(Failure::new(Step::UnshareIpc, Errno::ENOSPC));
    }
    Ok(())
}

/// Makes a child that runs `act` in this address space, and waits for its end. The child has no exit signal: a pending
/// one would be mistaken for that of the call under study. ECHILD: the child failed.
fn plain_child(board: Board<Experiment>, flags: Flags, act: Entry<Page<Experiment>>) -> SysResult<()> {
    let call = Call::new(Api::Clone, flags | Flags::VM | Flags::VFORK, None);
    let made = Task::new(&call, board.tids()).make_on_stack(act, board.page());
    let child = made.map_err(|failure| failure.errno().unwrap_or(Errno::ECHILD))?;
    if child.join()? == Ended::Exited(0) { Ok(()) } else { Err(Errno::ECHILD) }
}

/// A child that does nothing. With CLONE_SYSVSEM its creation gives both tasks an undo list.
extern "C" fn nothing(_: &'static Page<Experiment>) -> i32 {
    0
}

/// A child that raises the semaphore; the kernel undoes that at the child's end.
extern "C" fn raise(page: &'static Page<Experiment>) -> i32 {
    let set = Board::of(page).record().parent.semaphore.number();
    set.is_none_or(|set| ipc::raise(set).is_err()).into()
}

const PROC: &CStr = c"/proc";

/// In the child: acts once on each resource.
pub fn act(board: Board<Experiment>) {
    let facts = board.record();
    let (side, parent, flags) = (&facts.child, &facts.parent, Flags::from_bits_retain(facts.flags.get()));
    facts.tid_word.put(Ok(board.tids().child_tid.load(Relaxed)));
    side.io_priority.put(control::set_io_priority(CHILDS_LEVEL));
    if let Some(set) = parent.semaphore.number() {
        // EINVAL speaks of another IPC namespace.
        side.semaphore.put(confirmed(&[Errno::EINVAL], || ipc::raise(set)));
    }
    side.handled.put(signal::disposition(HANDLED).map(|now| now.0));
    side.no_new_privileges.put(control::no_new_privileges());
    side.keep_capabilities.put(control::keep_capabilities());
    side.fs_base.put(control::fs_base());
    facts.tid_address.put(control::tid_address());
    if let (Some(_), Some(name)) = (parent.socket.number(), facts.socket_name.number()) {
        side.socket.put(socket::claim(name as u64).and_then(|socket| socket.close()));
    }
    if parent.host.number().is_some_and(|parents| namespace::is_other(Kind::Uts, parents)) {
        side.host.put(crate::sys::namespace::sethostname(HOST));
    }
    if let Some(parents) = parent.mounts.descriptor() {
        copy_mounts(facts, parents);
    }
    if flags.contains(Flags::NEWCGROUP) {
        side.cgroup_root.put(is_cgroup_root());
    }
    if flags.contains(Flags::NEWTIME) {
        facts.time_offset.put(write_file(c"/proc/self/timens_offsets", b"boottime 0 0"));
    }
    side.proc.put(file::inode(PROC));
}

/// In the child: copies the mounts of a path that the parent opened. If the child cannot copy its own mounts, a refusal
/// says nothing about the parent's, so nothing is left.
fn copy_mounts(facts: &Experiment, parents: RawFd) {
    let own = file::open(c"/", file::O_PATH).and_then(|own| file::copy_mounts(own.raw()));
    if own.is_ok() {
        facts.child.mounts.put(file::copy_mounts(parents));
    }
}

/// In the subject, after the child has acted: leaves what the subject sees now.
pub fn look(facts: &Experiment) {
    let side = &facts.parent;
    if side.io_priority.number().is_some() {
        side.io_priority.put(control::io_priority());
    }
    side.keep_capabilities.put(control::keeps_capabilities());
    if facts.child.host.number().is_some() {
        side.host.put(namespace::is_host_ours());
    }
    if let Some(path) = side.mounts.descriptor() {
        // The file is only a path (O_PATH), so a failed close loses nothing.
        let _ = path.close();
    }
    side.cgroup_root.put(is_cgroup_root());
}

/// In the subject, once the child is known to have ended: leaves what only the child's end shows.
pub fn look_back(board: Board<Experiment>, call: &Call) {
    let facts = board.record();
    if let Some(set) = facts.parent.semaphore.number() {
        facts.undone.put(ipc::value(set));
    }
    // Without an exit signal even SIGCHLD must not arrive; an invalid number can never arrive.
    let awaited = match call.signal_number() {
        0 => Signal::CHLD.set(),
        _ => call.signal().map_or(0, Signal::set),
    };
    let pending = signal::pending();
    facts.pending.put(pending.map(|pending| pending as usize));
    facts.signal.put(pending.map(|pending| pending & awaited != 0));
    // With CLONE_PIDFD_AUTOKILL the descriptor was closed, and its number may be another file's.
    if !call.flags.contains(Flags::PIDFD_AUTOKILL) {
        facts.descriptor.put(descriptor(board, call).and_then(file::is_readable));
    }
}

/// The descriptor that CLONE_PIDFD stored; EBADF if it stored none.
pub fn descriptor(board: Board<Experiment>, call: &Call) -> SysResult<RawFd> {
    let tids = board.tids();
    let word = if call.api == Api::Clone3 { tids.pidfd } else { tids.parent_tid };
    match word.load(Relaxed) {
        fd if call.flags.contains(Flags::PIDFD) && fd != UNSET => RawFd::new(fd as usize).ok_or(Errno::EBADF),
        _ => Err(Errno::EBADF),
    }
}

/// Whether the caller is at the root of its cgroup namespace, cgroup_namespaces(7). The line of the unified hierarchy
/// begins with `0::`.
fn is_cgroup_root() -> SysResult<bool> {
    let mut is_root = None;
    proc::find(c"/proc/thread-self/cgroup", &mut |line| {
        is_root = line.after(b"0::").map(|path| path.whole() == Some(b"/"));
        is_root.is_some()
    })?;
    is_root.ok_or(Errno::ENOENT)
}

/// A witness that says nothing, for resources without behaviour to observe.
pub fn silent(_: &Pair) -> Option<bool> {
    None
}

/// The I/O context. Without one in the parent, made by setting a priority, kcmp(2) would compare two null pointers.
pub fn io_kernel(pair: &Pair) -> Option<bool> {
    pair.facts().parent.io_priority.number()?;
    compare(pair, Kcmp::Io)
}

/// The child set another I/O priority: does the parent have it?
pub fn io(pair: &Pair) -> Option<bool> {
    pair.facts().child.io_priority.number()?;
    let level = |level| control::IO_BEST_EFFORT | level;
    one_of(pair.facts().parent.io_priority.number()?, level(CHILDS_LEVEL), level(PARENTS_LEVEL))
}

/// The undo list. Without one in the parent, kcmp(2) would compare two null pointers. The parent has one if its pointer
/// differs from the asking task's: the parent is a plain copy of that task, and a copy starts without a list. A call
/// with CLONE_SYSVSEM gives a list to its caller too (copy_semundo), so a parent that still has none made a call whose
/// flag was ignored.
pub fn sysvsem_kernel(pair: &Pair) -> Option<bool> {
    let has_none = process::kcmp(ids::getpid().ok()?, pair.parent?, Kcmp::Sysvsem).ok()? == 0;
    if has_none {
        return pair.call.flags.contains(Flags::SYSVSEM).then_some(false);
    }
    compare(pair, Kcmp::Sysvsem)
}

/// Both tasks raised the semaphore: was the child's part undone at its end? Says nothing if the kernel does not undo
/// even a plain child's part.
pub fn sysvsem(pair: &Pair) -> Option<bool> {
    pair.facts().undo_works.number()?;
    pair.facts().gone.number()?;
    pair.facts().child.semaphore.number()?;
    one_of(pair.facts().undone.number()?, 2, 1)
}

/// The child raised the parent's semaphore: does that set exist in the child's IPC namespace?
pub fn ipc_namespace(pair: &Pair) -> Option<bool> {
    match pair.facts().child.semaphore.get()? {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => pair.facts().parent.semaphore.number().map(|_| false),
        Err(_) => None,
    }
}

/// The child set its host name, if its UTS namespace was new: does the parent's host have that name too?
pub fn uts_namespace(pair: &Pair) -> Option<bool> {
    pair.facts().child.host.number()?;
    one_of(pair.facts().parent.host.number()?, 1, 0)
}

/// The child could copy its own mounts, and tried to copy those of a path that the parent opened: the kernel only
/// copies mounts in the caller's mount namespace (EINVAL). Nothing is attached anywhere.
pub fn mount_namespace(pair: &Pair) -> Option<bool> {
    match pair.facts().child.mounts.get()? {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => Some(false),
        Err(_) => None,
    }
}

/// Only the first process of a PID namespace has id 1.
pub fn pid_namespace(pair: &Pair) -> Option<bool> {
    if pair.facts().parent.pid.number()? == 1 { None } else { Some(pair.facts().child.pid.number()? != 1) }
}

/// The child tried to bind the name of the parent's socket.
pub fn net_namespace(pair: &Pair) -> Option<bool> {
    pair.facts().parent.socket.number()?;
    match pair.facts().child.socket.get()? {
        Ok(_) => Some(false),
        Err(Errno::EADDRINUSE) => Some(true),
        Err(_) => None,
    }
}

/// The root of a new cgroup namespace is the cgroup of its first task; says nothing if the parent is at its root too.
pub fn cgroup_namespace(pair: &Pair) -> Option<bool> {
    match (pair.facts().parent.cgroup_root.number()?, pair.facts().child.cgroup_root.number()?) {
        (0, childs) => Some(childs == 0),
        _ => None,
    }
}

/// Clock offsets can only be written while the time namespace has no task, as is the case with CLONE_VM.
pub fn time_namespace(pair: &Pair) -> Option<bool> {
    pair.facts().time_offset.number().map(|_| false)
}

/// The parent sees /proc: does the child see nothing?
pub fn no_mounts(pair: &Pair) -> Option<bool> {
    pair.facts().parent.proc.number()?;
    match pair.facts().child.proc.get()? {
        Ok(_) => Some(true),
        Err(Errno::ENOENT) => Some(false),
        Err(_) => None,
    }
}

/// The exit signal, proc_pid_stat(5); says nothing for an invalid number, above 64.
pub fn exit_signal_kernel(pair: &Pair) -> Option<bool> {
    let asked = pair.call.signal_number() as usize;
    if asked > 64 {
        return None;
    }
    one_of(pair.tasks?.stat(pair.child?, StatField::ExitSignal).ok()?, 0, asked)
}

/// The exit signal arrived. When process 1 of a PID namespace ends, it ignores SIGCHLD (zap_pid_ns_processes); if it
/// shares the table of handlers with its parent, the parent ignores SIGCHLD too and none arrives.
pub fn exit_signal(pair: &Pair) -> Option<bool> {
    if pair.call.flags.contains(Flags::NEWPID.union(Flags::SIGHAND)) {
        return None;
    }
    one_of(pair.facts().signal.number()?, 0, 1)
}

/// The descriptor refers to the child.
pub fn pidfd_kernel(pair: &Pair) -> Option<bool> {
    let Ok(fd) = descriptor(pair.board, pair.call) else { return Some(true) };
    let mut room = [0; LONGEST];
    let name = [b"fdinfo/", digits(fd.number(), 10, &mut room)];
    let task = pair.tasks?.with_path(pair.parent?, name, |path| proc::number_in(path, b"Pid:\t", 10)).ok()?;
    Some(task != pair.child?.number())
}

/// The descriptor became readable at the child's end.
pub fn pidfd(pair: &Pair) -> Option<bool> {
    pair.facts().gone.number()?;
    match pair.facts().descriptor.get()? {
        Ok(readable) => one_of(readable, 0, 1),
        Err(Errno::EBADF) => Some(true),
        Err(_) => None,
    }
}

/// The child's FS base is the requested one, and differs from the parent's.
pub fn settls(pair: &Pair) -> Option<bool> {
    let (tls, own) = (pair.facts().tls.number()?, pair.facts().parent.fs_base.number()?);
    if tls == own { None } else { one_of(pair.facts().child.fs_base.number()?, own, tls) }
}

/// The id is in the parent's memory.
pub fn parent_settid(pair: &Pair) -> Option<bool> {
    let tid = pair.facts().roles.result.number()?;
    one_of(pair.facts().parent_tid.number()?, UNSET as usize, tid)
}

/// The id was in the child's memory when the child started.
pub fn child_settid(pair: &Pair) -> Option<bool> {
    one_of(pair.facts().tid_word.number()?, UNSET as usize, pair.facts().child.tid.number()?)
}

/// Whether the child changed its credentials and the parent was seen to lack the change. A parent that has it may have
/// had it before.
pub fn has_own_credentials(facts: &Experiment) -> bool {
    facts.child.keep_capabilities.number().is_some() && facts.parent.keep_capabilities.number() == Some(0)
}

/// The kernel keeps the word's address for the child.
pub fn cleartid_kernel(pair: &Pair) -> Option<bool> {
    one_of(pair.facts().tid_address.number()?, 0, pair.board.tids().child_tid.as_ptr() as usize)
}

/// The word is zero after the child's end. The kernel clears it only while another task still uses the memory.
pub fn cleartid(pair: &Pair) -> Option<bool> {
    pair.facts().gone.number()?;
    pair.call.flags.contains(Flags::VM).then(|| pair.board.tids().child_tid.load(Relaxed) != 0)
}

/// The child's caught signals, proc_pid_status(5).
pub fn clear_sighand_kernel(pair: &Pair) -> Option<bool> {
    let caught = pair.tasks?.status(pair.child?, b"SigCgt:\t", 16).ok()?;
    pair.facts().parent.handled.number().map(|_| caught as u64 & HANDLED.set() != 0)
}

/// The signal with a handler has its default, and the ignored signal is still ignored.
pub fn clear_sighand(pair: &Pair) -> Option<bool> {
    pair.facts().parent.handled.number()?;
    let [handled, ignored] = [&pair.facts().child.handled, &pair.facts().child.disposition];
    match (Disposition(handled.number()?), Disposition(ignored.number()?)) {
        (Disposition::DEFAULT, Disposition::IGNORE) => Some(false),
        (Disposition::DEFAULT, _) => None,
        _ => Some(true),
    }
}

/// no_new_privs of the child, proc_pid_status(5); says nothing if the parent has it set too.
pub fn nnp_kernel(pair: &Pair) -> Option<bool> {
    let childs = pair.tasks?.status(pair.child?, b"NoNewPrivs:\t", 10).ok()?;
    (pair.facts().parent.no_new_privileges.number()? == 0).then_some(childs == 0)
}

/// no_new_privs, as the child itself reads it.
pub fn nnp(pair: &Pair) -> Option<bool> {
    let childs = pair.facts().child.no_new_privileges.number()?;
    (pair.facts().parent.no_new_privileges.number()? == 0).then_some(childs == 0)
}

/// The process list of the requested cgroup: the child must be in it, and the parent must not. The ids are those of the
/// reader's PID namespace.
pub fn into_cgroup_kernel(pair: &Pair) -> Option<bool> {
    let group = RawFd::new(pair.call.cgroup as usize)?;
    let list = file::open_in(group, c"cgroup.procs", file::O_RDONLY).ok()?;
    let (parent, child) = (pair.parent?.number(), pair.child?.number());
    let (mut has_parent, mut has_child) = (false, false);
    proc::find_in(list.raw(), &mut |line| {
        let task = line.whole().and_then(read::number);
        has_parent |= task == Some(parent);
        has_child |= task == Some(child);
        false
    })
    .ok()?;
    if has_parent { None } else { Some(!has_child) }
}

/// The tracers of the asking task, the parent and the child, proc_pid_status(5); 0 for none.
fn tracers(pair: &Pair) -> Option<(usize, usize, usize)> {
    let tasks = pair.tasks?;
    let tracer = |task| tasks.status(task, b"TracerPid:\t", 10).ok();
    Some((tracer(ids::getpid().ok()?)?, tracer(pair.parent?)?, tracer(pair.child?)?))
}

/// The child's tracer is the parent's.
pub fn ptrace_kernel(pair: &Pair) -> Option<bool> {
    match tracers(pair)? {
        // The asking task's tracer follows every task, so even a plain copy is traced.
        (1.., _, 1..) => None,
        tracers => is_untraced(tracers),
    }
}

/// CLONE_UNTRACED, whose effect is the absence of a tracer.
pub fn untraced_kernel(pair: &Pair) -> Option<bool> {
    is_untraced(tracers(pair)?).map(|untraced| !untraced)
}

/// Whether the child of a traced parent has no tracer; none if it has another one.
fn is_untraced(tracers: (usize, usize, usize)) -> Option<bool> {
    match tracers {
        (_, 1.., 0) => Some(true),
        (_, tracer @ 1.., childs) if tracer == childs => Some(false),
        _ => None,
    }
}

/// The caller slept (state D or S) in the call while the child was held.
pub fn vfork_kernel(pair: &Pair) -> Option<bool> {
    one_of(pair.facts().asleep.number()?, 0, 1)
}

/// The caller returned only after the child was released.
pub fn vfork(pair: &Pair) -> Option<bool> {
    pair.facts().asleep.number()?;
    Some(pair.facts().returned.number()? < Turn::ChildEnds as usize)
}

/// The caller could not wait for the child, although the child was its own.
pub fn autoreap(pair: &Pair) -> Option<bool> {
    match pair.facts().ended.get()? {
        Ok(_) => Some(true),
        Err(Errno::ECHILD) => Some(false),
        Err(_) => None,
    }
}

/// Closing the descriptor killed the child.
pub fn autokill(pair: &Pair) -> Option<bool> {
    one_of(pair.facts().killed.number()?, 0, 1)
}
