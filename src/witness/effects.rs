//! What the laboratory proves beyond the modes: the other shared objects, the namespaces, and what flags do at the start
//! and at the end of a task.
//!
//! Built as `behaviour` is (arm, act, look, and witnesses that read what was left). Nothing of the caller's place is changed: a
//! host name is set only in a namespace that is proven to be new, no mount is made or taken away, and a semaphore lies in an
//! IPC namespace of its own. Of an effect a witness says false: not as in a plain copy.

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
use crate::host::namespace::{self, HOST};
use crate::host::probe;
use crate::host::proc::{self, StatField};
use crate::sys::clock::cycles;
use crate::sys::process::Kcmp;
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{Errno, RawFd, Result as Answer, Signal, control, file, ids, ipc, process, signal, socket};
use crate::text::number::{LONGEST, digits};
use crate::text::read;
use core::ffi::CStr;
use core::sync::atomic::Ordering::Relaxed;

/// The levels of I/O priority that the two tasks set.
const PARENTS_LEVEL: usize = 6;
const CHILDS_LEVEL: usize = 3;

/// A signal with a handler, which is never called: no task sends it, and it is blocked.
const HANDLED: Signal = Signal::WINCH;

/// Never called: an address that a signal can be given to.
fn handler() {}

/// The subject, before the call.
pub fn arm(board: Board<Experiment>, call: &Call) {
    let (facts, side) = (board.record(), &board.record().parent);
    side.io_priority.put(control::set_io_priority(PARENTS_LEVEL));
    // After the semaphore: unshare(2) of an IPC namespace gives up the list that there was. Without a list the kernel's word is
    // missing, which its witness sees.
    let _ = plain_child(board, Flags::SYSVSEM, nothing);
    side.handled.put(dispose(HANDLED, Disposition(handler as *const () as usize)).map(|before| before.0));
    side.no_new_privileges.put(control::no_new_privileges());
    side.fs_base.put(control::fs_base());
    if call.flags.contains(Flags::NEWNET) {
        // A name that no other run is likely to have at the same time: they may all have the same ids and addresses.
        let name = cycles();
        facts.socket_name.put(Ok(name as usize));
        // The name is taken as long as this process lives.
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

/// The subject, before the call: a semaphore in an IPC namespace that it has made for it, so that the kernel removes the
/// semaphore with the last task there, however that ends. Without the right to such a namespace there is no semaphore. ENOSPC:
/// it was the last namespace that there may be, and the call under study asks for one too.
pub fn arm_semaphore(board: Board<Experiment>, call: &Call) -> Result<(), Failure> {
    if !call.flags.intersects(Flags::SYSVSEM | Flags::NEWIPC) {
        return Ok(());
    }
    let facts = board.record();
    let own_ipc = namespace::enter_new(Kind::Ipc);
    facts.own_ipc.put(own_ipc);
    let set = own_ipc.and_then(|_| ipc::semaphore());
    facts.parent.semaphore.put(set);
    if let Ok(set) = set {
        let value = plain_child(board, Flags::empty(), raise).and_then(|()| ipc::value(set));
        facts.undo_works.put(value.and_then(|value| if value == 0 { Ok(true) } else { Err(Errno::EIO) }));
        facts.parent.semaphore.put(ipc::raise(set).map(|()| set));
    }
    let asks = call.flags.contains(Flags::NEWIPC) && own_ipc.is_ok();
    if asks && probe::probe(call.api, Flags::NEWIPC, 0, &[])? == Err(Errno::ENOSPC) {
        return Err(Failure::new(Step::UnshareIpc, Errno::ENOSPC));
    }
    Ok(())
}

/// Makes a child that runs `act` in this memory, and waits for its end. No signal tells of it: a pending one would be taken for
/// that of the call under study. ECHILD: the child did not end well.
fn plain_child(board: Board<Experiment>, flags: Flags, act: Entry<Page<Experiment>>) -> Answer<()> {
    let call = Call::new(Api::Clone, flags | Flags::VM | Flags::VFORK, None);
    let made = Task::new(&call, board.tids()).make_on_stack(act, board.page());
    let child = made.map_err(|failure| failure.errno().unwrap_or(Errno::ECHILD))?;
    if child.join()? == Ended::Exited(0) { Ok(()) } else { Err(Errno::ECHILD) }
}

/// A child that only ends: with CLONE_SYSVSEM the kernel has made a list of adjustments for both.
extern "C" fn nothing(_: &'static Page<Experiment>) -> i32 {
    0
}

/// A child that raises the semaphore, which its end takes back.
extern "C" fn raise(page: &'static Page<Experiment>) -> i32 {
    let set = Board::of(page).record().parent.semaphore.number();
    set.is_none_or(|set| ipc::raise(set).is_err()).into()
}

const PROC: &CStr = c"/proc";

/// The child: acts on each resource.
pub fn act(board: Board<Experiment>) {
    let facts = board.record();
    let (side, parent, flags) = (&facts.child, &facts.parent, Flags::from_bits_retain(facts.flags.get()));
    facts.tid_word.put(Ok(board.tids().child_tid.load(Relaxed)));
    side.io_priority.put(control::set_io_priority(CHILDS_LEVEL));
    if let Some(set) = parent.semaphore.number() {
        side.semaphore.put(ipc::raise(set));
    }
    side.handled.put(signal::disposition(HANDLED).map(|now| now.0));
    side.no_new_privileges.put(control::no_new_privileges());
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

/// The child: copies the mounts of a path that the parent has opened. Where it cannot copy its own, a refusal says nothing
/// about the parent's, and nothing is left.
fn copy_mounts(facts: &Experiment, parents: RawFd) {
    let own = file::open(c"/", file::O_PATH).and_then(|own| file::copy_mounts(own.raw()));
    if own.is_ok() {
        facts.child.mounts.put(file::copy_mounts(parents));
    }
}

/// The subject, after the child has acted.
pub fn look(facts: &Experiment) {
    let side = &facts.parent;
    if side.io_priority.number().is_some() {
        side.io_priority.put(control::io_priority());
    }
    if facts.child.host.number().is_some() {
        side.host.put(namespace::is_host_ours());
    }
    if let Some(path) = side.mounts.descriptor() {
        // A failed close loses nothing: it is a bare path.
        let _ = path.close();
    }
    side.cgroup_root.put(is_cgroup_root());
}

/// The subject, if it is known that the child has ended: what only that shows.
pub fn look_back(board: Board<Experiment>, call: &Call) {
    let facts = board.record();
    if let Some(set) = facts.parent.semaphore.number() {
        facts.undone.put(ipc::value(set));
    }
    // Without an exit signal not even the usual one has come; a number that no signal has can never come.
    let awaited = match call.signal_number() {
        0 => Signal::CHLD.set(),
        _ => call.signal().map_or(0, Signal::set),
    };
    facts.signal.put(signal::pending().map(|pending| pending & awaited != 0));
    facts.descriptor.put(descriptor(board, call).and_then(file::is_readable));
}

/// The descriptor that CLONE_PIDFD has brought; EBADF if it has brought none.
pub fn descriptor(board: Board<Experiment>, call: &Call) -> Answer<RawFd> {
    let tids = board.tids();
    let word = if call.api == Api::Clone3 { tids.pidfd } else { tids.parent_tid };
    match word.load(Relaxed) {
        fd if call.flags.contains(Flags::PIDFD) && fd != UNSET => RawFd::new(fd as usize).ok_or(Errno::EBADF),
        _ => Err(Errno::EBADF),
    }
}

/// Whether the task is at the root of its cgroup namespace, cgroup_namespaces(7). The line of the unified hierarchy begins with
/// `0::`.
fn is_cgroup_root() -> Answer<bool> {
    let mut is_root = None;
    proc::find(c"/proc/thread-self/cgroup", &mut |line| {
        is_root = line.after(b"0::").map(|path| path.whole() == Some(b"/"));
        is_root.is_some()
    })?;
    is_root.ok_or(Errno::ENOENT)
}

/// Says nothing: no such witness can be had.
pub fn silent(_: &Pair) -> Option<bool> {
    None
}

/// The I/O context; without one in the parent, which its priority has made, kcmp compares nothing with nothing.
pub fn io_kernel(pair: &Pair) -> Option<bool> {
    pair.facts().parent.io_priority.number()?;
    compare(pair, Kcmp::Io)
}

/// The child has set another I/O priority: is it ours?
pub fn io(pair: &Pair) -> Option<bool> {
    pair.facts().child.io_priority.number()?;
    let level = |level| control::IO_BEST_EFFORT | level;
    one_of(pair.facts().parent.io_priority.number()?, level(CHILDS_LEVEL), level(PARENTS_LEVEL))
}

/// The list of semaphore adjustments; without one in the parent kcmp compares nothing with nothing. The parent has one if it has
/// another than the asker, of which it is a plain copy: a copy begins without.
pub fn sysvsem_kernel(pair: &Pair) -> Option<bool> {
    let has_none = process::kcmp(ids::getpid().ok()?, pair.parent?, Kcmp::Sysvsem).ok()? == 0;
    if has_none {
        return None;
    }
    compare(pair, Kcmp::Sysvsem)
}

/// Both have raised the semaphore: was the child's part taken back at its end? Where the end of a plain child takes nothing
/// back, that says nothing.
pub fn sysvsem(pair: &Pair) -> Option<bool> {
    pair.facts().undo_works.number()?;
    pair.facts().gone.number()?;
    pair.facts().child.semaphore.number()?;
    one_of(pair.facts().undone.number()?, 2, 1)
}

/// The child has raised the parent's semaphore: is there such a set where it is?
pub fn ipc_namespace(pair: &Pair) -> Option<bool> {
    match pair.facts().child.semaphore.get()? {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => pair.facts().parent.semaphore.number().map(|_| false),
        Err(_) => None,
    }
}

/// The child has given its host our name, if it was another: is it ours too?
pub fn uts_namespace(pair: &Pair) -> Option<bool> {
    pair.facts().child.host.number()?;
    one_of(pair.facts().parent.host.number()?, 1, 0)
}

/// The child could copy its own mounts, and has tried to copy those of a path that the parent has opened: the kernel copies
/// only what is in the caller's mount namespace (EINVAL). Nothing is mounted anywhere.
pub fn mount_namespace(pair: &Pair) -> Option<bool> {
    match pair.facts().child.mounts.get()? {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => Some(false),
        Err(_) => None,
    }
}

/// The first process of a PID namespace has the id 1, and no other process.
pub fn pid_namespace(pair: &Pair) -> Option<bool> {
    if pair.facts().parent.pid.number()? == 1 { None } else { Some(pair.facts().child.pid.number()? != 1) }
}

/// The child has tried to take a name that the parent's socket has.
pub fn net_namespace(pair: &Pair) -> Option<bool> {
    pair.facts().parent.socket.number()?;
    match pair.facts().child.socket.get()? {
        Ok(_) => Some(false),
        Err(Errno::EADDRINUSE) => Some(true),
        Err(_) => None,
    }
}

/// A new cgroup namespace is rooted where its first task is; where the parent is at its root too, that says nothing.
pub fn cgroup_namespace(pair: &Pair) -> Option<bool> {
    match (pair.facts().parent.cgroup_root.number()?, pair.facts().child.cgroup_root.number()?) {
        (0, childs) => Some(childs == 0),
        _ => None,
    }
}

/// The offsets of a time namespace can be written as long as it has no task, which is so with CLONE_VM.
pub fn time_namespace(pair: &Pair) -> Option<bool> {
    pair.facts().time_offset.number().map(|_| false)
}

/// Where the parent sees /proc and the child sees nothing.
pub fn no_mounts(pair: &Pair) -> Option<bool> {
    pair.facts().parent.proc.number()?;
    match pair.facts().child.proc.get()? {
        Ok(_) => Some(true),
        Err(Errno::ENOENT) => Some(false),
        Err(_) => None,
    }
}

/// The exit signal, proc_pid_stat(5); above 64 it is a number that no signal has, which says nothing.
pub fn exit_signal_kernel(pair: &Pair) -> Option<bool> {
    let asked = pair.call.signal_number() as usize;
    if asked > 64 {
        return None;
    }
    one_of(pair.tasks?.stat(pair.child?, StatField::ExitSignal).ok()?, 0, asked)
}

/// The signal has come. Process 1 of a PID namespace sets SIGCHLD to be ignored when it ends (zap_pid_ns_processes), and
/// where it shares the table of handlers it does so to its parent: then none can come.
pub fn exit_signal(pair: &Pair) -> Option<bool> {
    if pair.call.flags.contains(Flags::NEWPID.union(Flags::SIGHAND)) {
        return None;
    }
    one_of(pair.facts().signal.number()?, 0, 1)
}

/// The descriptor is one of the child's.
pub fn pidfd_kernel(pair: &Pair) -> Option<bool> {
    let Ok(fd) = descriptor(pair.board, pair.call) else { return Some(true) };
    let mut room = [0; LONGEST];
    let name = [b"fdinfo/", digits(fd.number(), 10, &mut room)];
    let task = pair.tasks?.with_path(pair.parent?, name, |path| proc::number_in(path, b"Pid:\t", 10)).ok()?;
    Some(task != pair.child?.number())
}

/// The descriptor says when the child has ended.
pub fn pidfd(pair: &Pair) -> Option<bool> {
    pair.facts().gone.number()?;
    match pair.facts().descriptor.get()? {
        Ok(readable) => one_of(readable, 0, 1),
        Err(Errno::EBADF) => Some(true),
        Err(_) => None,
    }
}

/// The base of FS is the one asked for, and not the parent's.
pub fn settls(pair: &Pair) -> Option<bool> {
    let (tls, own) = (pair.facts().tls.number()?, pair.facts().parent.fs_base.number()?);
    if tls == own { None } else { one_of(pair.facts().child.fs_base.number()?, own, tls) }
}

/// The id stands in the parent's memory.
pub fn parent_settid(pair: &Pair) -> Option<bool> {
    let tid = pair.facts().roles.result.number()?;
    one_of(pair.facts().parent_tid.number()?, UNSET as usize, tid)
}

/// The id stood in the child's memory when it began.
pub fn child_settid(pair: &Pair) -> Option<bool> {
    one_of(pair.facts().tid_word.number()?, UNSET as usize, pair.facts().child.tid.number()?)
}

/// The address of the word, as the kernel keeps it for the child.
pub fn cleartid_kernel(pair: &Pair) -> Option<bool> {
    one_of(pair.facts().tid_address.number()?, 0, pair.board.tids().child_tid.as_ptr() as usize)
}

/// The word is zero after the child's end, for which another task must still use its memory.
pub fn cleartid(pair: &Pair) -> Option<bool> {
    pair.facts().gone.number()?;
    pair.call.flags.contains(Flags::VM).then(|| pair.board.tids().child_tid.load(Relaxed) != 0)
}

/// The caught signals of the child, proc_pid_status(5).
pub fn clear_sighand_kernel(pair: &Pair) -> Option<bool> {
    let caught = pair.tasks?.status(pair.child?, b"SigCgt:\t", 16).ok()?;
    pair.facts().parent.handled.number().map(|_| caught as u64 & HANDLED.set() != 0)
}

/// The signal with a handler has its default, and the ignored one is still ignored.
pub fn clear_sighand(pair: &Pair) -> Option<bool> {
    pair.facts().parent.handled.number()?;
    let [handled, ignored] = [&pair.facts().child.handled, &pair.facts().child.disposition];
    match (Disposition(handled.number()?), Disposition(ignored.number()?)) {
        (Disposition::DEFAULT, Disposition::IGNORE) => Some(false),
        (Disposition::DEFAULT, _) => None,
        _ => Some(true),
    }
}

/// No new privileges, proc_pid_status(5); where the parent has none either, that says nothing.
pub fn nnp_kernel(pair: &Pair) -> Option<bool> {
    let childs = pair.tasks?.status(pair.child?, b"NoNewPrivs:\t", 10).ok()?;
    (pair.facts().parent.no_new_privileges.number()? == 0).then_some(childs == 0)
}

/// The same, as the child says.
pub fn nnp(pair: &Pair) -> Option<bool> {
    let childs = pair.facts().child.no_new_privileges.number()?;
    (pair.facts().parent.no_new_privileges.number()? == 0).then_some(childs == 0)
}

/// The list of processes in the group that was asked for: the child must be there, and the parent must not. The ids there are
/// those of the PID namespace in which the list is read.
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

/// The tracer of the child is the subject's own.
pub fn ptrace_kernel(pair: &Pair) -> Option<bool> {
    let tasks = pair.tasks?;
    let tracer = |task| tasks.status(task, b"TracerPid:\t", 10).ok();
    match (tracer(ids::getpid().ok()?)?, tracer(pair.parent?)?, tracer(pair.child?)?) {
        // A tracer that follows every task: traced is what a plain copy is.
        (1.., _, 1..) if pair.call.flags.contains(Flags::PTRACE) => None,
        (_, 1.., 0) => Some(true),
        (_, tracer @ 1.., childs) if tracer == childs => Some(false),
        _ => None,
    }
}

/// The same for CLONE_UNTRACED, of which not being traced is the effect.
pub fn untraced_kernel(pair: &Pair) -> Option<bool> {
    ptrace_kernel(pair).map(|untraced| !untraced)
}

/// The caller's state while the child is held and it has not come back from the call: D or S.
pub fn vfork_kernel(pair: &Pair) -> Option<bool> {
    one_of(pair.facts().asleep.number()?, 0, 1)
}

/// The caller came back only after the child was let go, and not while it was held.
pub fn vfork(pair: &Pair) -> Option<bool> {
    pair.facts().asleep.number()?;
    Some(pair.facts().returned.number()? < Turn::ChildEnds as usize)
}

/// No task may wait for the child, although it was the caller's own.
pub fn autoreap(pair: &Pair) -> Option<bool> {
    match pair.facts().ended.get()? {
        Ok(_) => Some(true),
        Err(Errno::ECHILD) => Some(false),
        Err(_) => None,
    }
}

/// The child was gone when its descriptor was closed.
pub fn autokill(pair: &Pair) -> Option<bool> {
    one_of(pair.facts().killed.number()?, 0, 1)
}
