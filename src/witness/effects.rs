//! What the laboratory proves beyond the modes: the other shared objects, the namespaces, and what flags do at the start
//! and at the end of a task.
//!
//! The decision behind it: it is built as `behaviour` is (arm, act, look, and witnesses that read what was left), and
//! what could harm this place (a host name, a mount) is tried only where the kernel says that it is another place.
//! Of an effect a witness says false: not as in a plain copy.

use super::behaviour::one_of;
use super::board::{Board, CHILD_ENDS, Word};
use super::kernel::compare;
use super::pair::Pair;
use super::resource::Resource;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::task::UNSET;
use crate::scan::{self, leading, parts};
use crate::sys::{Answer, Errno, control, file, ipc, namespace, proc, process, signal, socket};
use core::ffi::CStr;
use core::sync::atomic::Ordering::Relaxed;

/// The levels of I/O priority that the two tasks set.
const PARENTS_LEVEL: usize = 6;
const CHILDS_LEVEL: usize = 3;

/// A signal with a handler, which is never called: nobody sends it, and it is blocked.
const HANDLED: u32 = linux_raw_sys::general::SIGWINCH;

/// The host name of a UTS namespace of our own.
const NAME: &[u8; 8] = b"chimera\0";

/// Never called: an address that a signal can be given to.
fn handler() {}

/// The subject, before the call. `set` is the semaphore that the examiner has made.
pub fn arm(board: Board, call: &Call, set: Answer) {
    let side = board.parent();
    side.put(Word::IoPriority, control::set_io_priority(PARENTS_LEVEL));
    side.put(Word::Semaphore, set.and_then(ipc::raise).and_then(|_| set));
    side.put(Word::Handled, signal::dispose(HANDLED, handler as *const () as usize));
    side.put(Word::NoNewPrivileges, control::no_new_privileges());
    side.put(Word::FsBase, control::fs_base());
    if call.flags.contains(Flags::NEWNET) {
        side.put(Word::Socket, socket::claim(socket_name(board)));
    }
    if call.flags.contains(Flags::NEWUTS) && !is_named() {
        side.put(Word::Host, file::inode(UTS));
    }
    if call.flags.contains(Flags::NEWNS) {
        side.put(Word::Mounts, file::inode(MNT));
    }
    side.put(Word::Proc, file::inode(PROC));
}

const UTS: &CStr = c"/proc/thread-self/ns/uts";
const MNT: &CStr = c"/proc/thread-self/ns/mnt";
const PROC: &CStr = c"/proc";
const COVERED: &CStr = c"/proc/self";
/// The file status of a task, see [`proc::path`].
const STATUS: [&[u8]; 2] = [b"status", b""];

/// The child.
pub fn act(board: Board) {
    let (side, parent, flags) = (board.child(), board.parent(), board.flags());
    let mut room = [0; 32];
    let link = parts(file::link(c"/proc/thread-self", &mut room), b"/").last();
    side.put(Word::Outer, proc::or_missing(link.and_then(|id| leading(id, 10))));
    side.put(Word::TidWord, Answer(board.tids().child_tid.load(Relaxed) as usize));
    side.put(Word::IoPriority, control::set_io_priority(CHILDS_LEVEL));
    side.put(Word::Semaphore, parent.get(Word::Semaphore).and_then(ipc::raise));
    side.put(Word::Handled, signal::disposition(HANDLED));
    side.put(Word::NoNewPrivileges, control::no_new_privileges());
    side.put(Word::FsBase, control::fs_base());
    side.put(Word::TidAddress, control::tid_address());
    side.put(
        Word::Socket,
        parent.get(Word::Socket).and_then(|_| socket::claim(socket_name(board)).and_then(file::close)),
    );
    let elsewhere = |own: Word, path: &CStr| {
        let is_other = |inode: usize| Answer(parent.get(own).ok().is_some_and(|parents| parents != inode).into());
        file::inode(path).and_then(is_other) == Answer(1)
    };
    if elsewhere(Word::Host, UTS) {
        side.put(Word::Host, namespace::sethostname(&NAME[..7]));
    }
    if elsewhere(Word::Mounts, MNT) {
        side.put(Word::Mounts, namespace::cover(PROC));
    }
    if flags.contains(Flags::NEWCGROUP) {
        side.put(Word::CgroupRoot, is_cgroup_root());
    }
    if flags.contains(Flags::NEWTIME) {
        side.put(Word::TimeOffset, namespace::write_file(c"/proc/self/timens_offsets", b"boottime 0 0"));
    }
    side.put(Word::Proc, file::inode(PROC));
}

/// The subject, after the child has acted.
pub fn look(board: Board) {
    let (side, child) = (board.parent(), board.child());
    side.put(Word::IoPriority, side.get(Word::IoPriority).and_then(|_| control::io_priority()));
    if child.get(Word::Host).ok().is_some() {
        side.put(Word::Host, Answer(is_named().into()));
    }
    if child.get(Word::Mounts).ok().is_some() {
        side.put(Word::Mounts, Answer(file::inode(COVERED).is_error().into()));
        if side.get(Word::Mounts) == Answer(1) {
            // The other namespace was none: what was put over /proc there must go.
            let _ = namespace::uncover(PROC);
        }
    }
    side.put(Word::CgroupRoot, is_cgroup_root());
}

/// The subject, after the child's end: what only that shows.
pub fn look_back(board: Board, call: &Call) {
    let side = board.parent();
    side.put(Word::Undone, side.get(Word::Semaphore).and_then(ipc::value));
    side.put(Word::Signal, signal::is_pending(call.signal() as usize));
    side.put(Word::Descriptor, descriptor(board, call).and_then(file::is_readable));
}

/// The descriptor that CLONE_PIDFD has brought; EBADF if it has brought none.
pub fn descriptor(board: Board, call: &Call) -> Answer {
    let tids = board.tids();
    let word = if call.api == Api::Clone3 { tids.pidfd } else { tids.parent_tid };
    match word.load(Relaxed) {
        fd if call.flags.contains(Flags::PIDFD) && fd != UNSET => Answer(fd as usize),
        _ => Answer::error(Errno::EBADF),
    }
}

/// The name of the parent's socket, which no other run has at the same time.
fn socket_name(board: Board) -> usize {
    board.parent().0.as_ptr() as usize ^ board.parent().get(Word::Pid).0
}

/// Whether the host has our name.
fn is_named() -> bool {
    let mut is_ours = false;
    namespace::uname(|name| is_ours = name.nodename.starts_with(NAME));
    is_ours
}

/// Whether the task is at the root of its cgroup namespace, cgroup_namespaces(7): 1 or 0. The line of the unified hierarchy
/// begins with `0::`.
fn is_cgroup_root() -> Answer {
    let mut room = [0; 2048];
    let text = proc::read(c"/proc/thread-self/cgroup", &mut room);
    let path = parts(text, b"\n").find_map(|line| line.strip_prefix(b"0::"));
    path.map_or(Answer::error(Errno::ENOENT), |path| Answer((path == b"/").into()))
}

/// Says nothing: no such witness can be had.
pub fn silent(_: &Pair) -> Option<bool> {
    None
}

/// Says nothing: the kernel has no word for it.
pub fn no_word(_: &Pair, _: &Resource) -> Option<bool> {
    None
}

/// The I/O context; without one in the parent, which its priority has made, kcmp compares nothing with nothing.
pub fn io_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    pair.of_parent(Word::IoPriority)?;
    compare(pair, process::KCMP_IO)
}

/// The child has set another I/O priority: is it ours?
pub fn io(pair: &Pair) -> Option<bool> {
    pair.of_child(Word::IoPriority)?;
    let level = |level| control::IO_BEST_EFFORT | level;
    one_of(pair.of_parent(Word::IoPriority)?, level(CHILDS_LEVEL), level(PARENTS_LEVEL))
}

/// The list of semaphore adjustments; without one in the parent kcmp compares nothing with nothing.
pub fn sysvsem_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    pair.of_parent(Word::Semaphore)?;
    compare(pair, process::KCMP_SYSVSEM)
}

/// Both have raised the semaphore: was the child's part taken back at its end?
pub fn sysvsem(pair: &Pair) -> Option<bool> {
    pair.of_child(Word::Semaphore)?;
    one_of(pair.of_parent(Word::Undone)?, 2, 1)
}

/// The child has raised the parent's semaphore: is there such a set where it is?
pub fn ipc_namespace(pair: &Pair) -> Option<bool> {
    match pair.board.child().get(Word::Semaphore).split() {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => pair.of_parent(Word::Semaphore).map(|_| false),
        Err(_) => None,
    }
}

/// The child has given its host our name, if it was another: is it ours too?
pub fn uts_namespace(pair: &Pair) -> Option<bool> {
    pair.of_child(Word::Host)?;
    one_of(pair.of_parent(Word::Host)?, 1, 0)
}

/// The child has put something over /proc, if the mounts were others: is our /proc gone?
pub fn mount_namespace(pair: &Pair) -> Option<bool> {
    pair.of_child(Word::Mounts)?;
    one_of(pair.of_parent(Word::Mounts)?, 1, 0)
}

/// The first process of a PID namespace has the id 1, and nobody else.
pub fn pid_namespace(pair: &Pair) -> Option<bool> {
    if pair.of_parent(Word::Pid)? == 1 { None } else { Some(pair.of_child(Word::Pid)? != 1) }
}

/// The child has tried to take a name that the parent's socket has.
pub fn net_namespace(pair: &Pair) -> Option<bool> {
    match pair.board.child().get(Word::Socket).split() {
        Ok(_) => Some(false),
        Err(Errno::EADDRINUSE) => Some(true),
        Err(_) => None,
    }
}

/// A new cgroup namespace is rooted where its first task is; where the parent is at its root too, that says nothing.
pub fn cgroup_namespace(pair: &Pair) -> Option<bool> {
    match (pair.of_parent(Word::CgroupRoot)?, pair.of_child(Word::CgroupRoot)?) {
        (0, childs) => Some(childs == 0),
        _ => None,
    }
}

/// The offsets of a time namespace can be written as long as it has no task, which is so with CLONE_VM.
pub fn time_namespace(pair: &Pair) -> Option<bool> {
    pair.of_child(Word::TimeOffset).map(|_| false)
}

/// Where the parent sees /proc and the child sees nothing.
pub fn no_mounts(pair: &Pair) -> Option<bool> {
    pair.of_parent(Word::Proc)?;
    match pair.board.child().get(Word::Proc).split() {
        Ok(_) => Some(true),
        Err(Errno::ENOENT) => Some(false),
        Err(_) => None,
    }
}

/// The exit signal, proc_pid_stat(5); above 64 it is a number that no signal has, which says nothing.
pub fn exit_signal_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    if pair.call.signal() > 64 {
        return None;
    }
    one_of(proc::stat(pair.child, proc::EXIT_SIGNAL).ok()?, 0, pair.call.signal() as usize)
}

/// The signal has come. Process 1 of a PID namespace sets SIGCHLD to be ignored when it ends (zap_pid_ns_processes), and
/// where it shares the table of handlers it does so to its parent: then none can come.
pub fn exit_signal(pair: &Pair) -> Option<bool> {
    if pair.call.flags.contains(Flags::NEWPID.union(Flags::SIGHAND)) {
        return None;
    }
    one_of(pair.of_parent(Word::Signal)?, 0, 1)
}

/// The descriptor is one of the child's.
pub fn pidfd_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    let Some(fd) = descriptor(pair.board, pair.call).ok() else { return Some(true) };
    let mut room = [0; 4];
    let name = crate::words::digits(fd, 10, &mut room);
    Some(proc::number(pair.parent, [b"fdinfo/", name], b"Pid:\t", 10).ok()? != pair.child)
}

/// The descriptor says when the child has ended.
pub fn pidfd(pair: &Pair) -> Option<bool> {
    match pair.board.parent().get(Word::Descriptor).split() {
        Ok(readable) => one_of(readable, 0, 1),
        Err(Errno::EBADF) => Some(true),
        Err(_) => None,
    }
}

/// The base of FS is the one asked for, and not the parent's.
pub fn settls(pair: &Pair) -> Option<bool> {
    let (tls, own) = (pair.of_parent(Word::Tls)?, pair.of_parent(Word::FsBase)?);
    if tls == own { None } else { one_of(pair.of_child(Word::FsBase)?, own, tls) }
}

/// The id stands in the parent's memory.
pub fn parent_settid(pair: &Pair) -> Option<bool> {
    let tid = pair.of_parent(Word::Result)?;
    one_of(pair.of_parent(Word::ParentTid)?, UNSET as usize, tid)
}

/// The id stood in the child's memory when it began.
pub fn child_settid(pair: &Pair) -> Option<bool> {
    one_of(pair.of_child(Word::TidWord)?, UNSET as usize, pair.of_child(Word::Tid)?)
}

/// The address of the word, as the kernel keeps it for the child.
pub fn cleartid_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    one_of(pair.of_child(Word::TidAddress)?, 0, pair.board.tids().child_tid.as_ptr() as usize)
}

/// The word is zero after the child's end, for which somebody must still use its memory.
pub fn cleartid(pair: &Pair) -> Option<bool> {
    pair.of_parent(Word::Gone)?;
    pair.call.flags.contains(Flags::VM).then(|| pair.board.tids().child_tid.load(Relaxed) != 0)
}

/// The caught signals of the child, proc_pid_status(5).
pub fn clear_sighand_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    let caught = proc::number(pair.child, STATUS, b"SigCgt:\t", 16).ok()?;
    pair.of_parent(Word::Handled).map(|_| caught >> (HANDLED - 1) & 1 != 0)
}

/// The signal with a handler has its default, and the ignored one is still ignored.
pub fn clear_sighand(pair: &Pair) -> Option<bool> {
    pair.of_parent(Word::Handled)?;
    match (pair.of_child(Word::Handled)?, pair.of_child(Word::Disposition)?) {
        (signal::DEFAULT, signal::IGNORE) => Some(false),
        (signal::DEFAULT, _) => None,
        _ => Some(true),
    }
}

/// No new privileges, proc_pid_status(5); where the parent has none either, that says nothing.
pub fn nnp_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    let childs = proc::number(pair.child, STATUS, b"NoNewPrivs:\t", 10).ok()?;
    (pair.of_parent(Word::NoNewPrivileges)? == 0).then_some(childs == 0)
}

/// The same, as the child says.
pub fn nnp(pair: &Pair) -> Option<bool> {
    let childs = pair.of_child(Word::NoNewPrivileges)?;
    (pair.of_parent(Word::NoNewPrivileges)? == 0).then_some(childs == 0)
}

/// The list of processes in the group that was asked for: the child must be there, and the parent must not.
pub fn into_cgroup_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    let mut room = [0; 4096];
    let fd = file::open_in(pair.call.cgroup as usize, c"cgroup.procs", file::O_RDONLY).ok()?;
    let length = file::read(fd, &mut room).ok();
    // A failed close loses nothing of what was read.
    let _ = file::close(fd);
    let list = room.get(..length?)?;
    let has = |task| parts(list, b"\n").any(|line| scan::number(line) == Some(task));
    if has(pair.parent) { None } else { Some(!has(pair.child)) }
}

/// Who traces the child: the subject's own tracer.
pub fn ptrace_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    let tracer = |task| proc::number(task, STATUS, b"TracerPid:\t", 10).ok();
    match (tracer(pair.of_parent(Word::Ppid)?)?, tracer(pair.parent)?, tracer(pair.child)?) {
        // A tracer that follows every task: traced is what a plain copy is.
        (1.., _, 1..) if pair.call.flags.contains(Flags::PTRACE) => None,
        (_, 1.., 0) => Some(true),
        (_, tracer @ 1.., childs) if tracer == childs => Some(false),
        _ => None,
    }
}

/// The same for CLONE_UNTRACED, of which not being traced is the effect.
pub fn untraced_kernel(pair: &Pair, resource: &Resource) -> Option<bool> {
    ptrace_kernel(pair, resource).map(|untraced| !untraced)
}

/// The caller's state while the child is held and it has not come back from the call: D or S.
pub fn vfork_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    one_of(pair.of_parent(Word::Asleep)?, 0, 1)
}

/// The caller came back only after the child was let go, and not while it was held.
pub fn vfork(pair: &Pair) -> Option<bool> {
    pair.of_parent(Word::Asleep)?;
    Some(pair.of_parent(Word::Returned)? < CHILD_ENDS as usize)
}

/// Nobody may wait for the child, although it was the caller's own.
pub fn autoreap(pair: &Pair) -> Option<bool> {
    match pair.board.parent().get(Word::Ended).split() {
        Ok(_) => Some(true),
        Err(Errno::ECHILD) => Some(false),
        Err(_) => None,
    }
}

/// The child was gone when its descriptor was closed.
pub fn autokill(pair: &Pair) -> Option<bool> {
    one_of(pair.of_parent(Word::Killed)?, 0, 1)
}
