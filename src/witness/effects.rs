//! What the laboratory proves beyond the modes: the other shared objects, the namespaces, and what flags do at the start
//! and at the end of a task.
//!
//! The decision behind it: it is built as `behaviour` is (arm, act, look, and witnesses that read what was left). Nothing of the
//! caller's place is changed: a host name is set only in a namespace that is proven to be new, no mount is made or taken
//! away, and a semaphore lies in an IPC namespace of its own.
//! Of an effect a witness says false: not as in a plain copy.

use super::behaviour::one_of;
use super::board::{Board, CHILD_ENDS, Word};
use super::kernel::compare;
use super::pair::Pair;
use super::resource::Resource;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::place;
use crate::clone::task::{Ended, Entry, Failure, Task, UNSET};
use crate::scan;
use crate::sys::clock::cycles;
use crate::sys::memory::SharedPage;
use crate::sys::{Answer, Errno, control, file, ids, ipc, namespace, proc, process, signal, socket};
use crate::words::Text;
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

/// The subject, before the call.
pub fn arm(board: Board, call: &Call) {
    let side = board.parent();
    side.put(Word::IoPriority, control::set_io_priority(PARENTS_LEVEL));
    // After the semaphore: unshare(2) of an IPC namespace gives up the list that there was. Without a list the kernel's word is
    // missing, which its witness sees.
    let _ = plain_child(board, Flags::SYSVSEM, nothing);
    side.put(Word::Handled, signal::dispose(HANDLED, handler as *const () as usize));
    side.put(Word::NoNewPrivileges, control::no_new_privileges());
    side.put(Word::FsBase, control::fs_base());
    if call.flags.contains(Flags::NEWNET) {
        // A name that no other run is likely to have at the same time: they may all have the same ids and addresses.
        let name = cycles();
        side.put(Word::SocketName, Answer(name));
        side.put(Word::Socket, socket::claim(name));
    }
    if call.flags.contains(Flags::NEWUTS) && !is_named() {
        side.put(Word::Host, namespace::own(b"uts"));
    }
    if call.flags.intersects(Flags::NEWNS | Flags::EMPTY_MNTNS) {
        side.put(Word::Mounts, file::open(c"/", file::O_PATH));
    }
    side.put(Word::Proc, file::inode(PROC));
}

/// The subject, before the call: a semaphore in an IPC namespace that it has made for it, so that the kernel removes the
/// semaphore with the last task there, however that ends. Without the right to such a namespace there is no semaphore. ENOSPC:
/// it was the last namespace that there may be, and the call under study asks for one too.
pub fn arm_semaphore(board: Board, call: &Call) -> Result<(), Failure> {
    if !call.flags.intersects(Flags::SYSVSEM | Flags::NEWIPC) {
        return Ok(());
    }
    let side = board.parent();
    let is_new = namespace::own(b"ipc").and_then(|before| {
        let entered = namespace::unshare(Flags::NEWIPC.bits() as usize);
        let own = entered.and_then(|_| namespace::own(b"ipc"));
        if own == Answer(before) { Answer::error(Errno::EIO) } else { own }
    });
    side.put(Word::OwnIpc, is_new);
    let set = is_new.and_then(|_| ipc::semaphore());
    side.put(Word::Semaphore, set);
    let undone = set.and_then(|_| plain_child(board, Flags::empty(), raise)).and_then(|_| set).and_then(ipc::value);
    side.put(Word::UndoWorks, undone.and_then(|value| if value == 0 { Answer(1) } else { Answer::error(Errno::EIO) }));
    side.put(Word::Semaphore, set.and_then(ipc::raise).and_then(|_| set));
    let asks = call.flags.contains(Flags::NEWIPC) && !is_new.is_error();
    if asks && place::probe(call.api, Flags::NEWIPC, 0, &[])?.is(Errno::ENOSPC) {
        return Err(Failure { step: Text::StepIpc, errno: Errno::ENOSPC });
    }
    Ok(())
}

/// Makes a child that runs `act` in this memory, and waits for its end: 0 if that was well. No signal tells of it: a pending
/// one would be taken for that of the call under study.
fn plain_child(board: Board, flags: Flags, act: Entry<SharedPage>) -> Answer {
    let call = Call::new(Api::Clone, flags | Flags::VM | Flags::VFORK, 0);
    let made = Task::new(&call, board.tids()).make_on_stack(act, board.0);
    match made.and_then(|child| child.join().map_err(|errno| Failure { step: Text::End, errno })) {
        Ok(Ended::Exited(0)) => Answer(0),
        Ok(_) => Answer::error(Errno::ECHILD),
        Err(failure) => Answer::error(failure.errno),
    }
}

/// A child that only ends: with CLONE_SYSVSEM the kernel has made a list of adjustments for both.
extern "C" fn nothing(_: &'static SharedPage) -> i32 {
    0
}

/// A child that raises the semaphore, which its end takes back.
extern "C" fn raise(page: &'static SharedPage) -> i32 {
    Board(page).parent().get(Word::Semaphore).and_then(ipc::raise).is_error().into()
}

const PROC: &CStr = c"/proc";
/// The file status of a task, see [`Tasks::at`](proc::Tasks::at).
const STATUS: [&[u8]; 2] = [b"status", b""];

/// The child: acts on each resource.
pub fn act(board: Board) {
    let (side, parent, flags) = (board.child(), board.parent(), board.flags());
    side.put(Word::TidWord, Answer(board.tids().child_tid.load(Relaxed) as usize));
    side.put(Word::IoPriority, control::set_io_priority(CHILDS_LEVEL));
    side.put(Word::Semaphore, parent.get(Word::Semaphore).and_then(ipc::raise));
    side.put(Word::Handled, signal::disposition(HANDLED));
    side.put(Word::NoNewPrivileges, control::no_new_privileges());
    side.put(Word::FsBase, control::fs_base());
    side.put(Word::TidAddress, control::tid_address());
    let name = parent.get(Word::Socket).and_then(|_| parent.get(Word::SocketName));
    side.put(Word::Socket, name.and_then(socket::claim).and_then(file::close));
    if is_elsewhere(parent.get(Word::Host), b"uts") {
        side.put(Word::Host, namespace::sethostname(&NAME[..7]));
    }
    if let Some(parents) = parent.get(Word::Mounts).ok() {
        let can_copy = file::open(c"/", file::O_PATH).and_then(|own| {
            let copied = file::copy_mounts(own);
            file::close(own).and_then(|_| copied)
        });
        // Where it cannot copy its own, a refusal says nothing about the parent's.
        let copied = if can_copy.is_error() { Answer::error(Errno::ECANCELED) } else { file::copy_mounts(parents) };
        side.put(Word::Mounts, copied);
    }
    if flags.contains(Flags::NEWCGROUP) {
        side.put(Word::CgroupRoot, is_cgroup_root());
    }
    if flags.contains(Flags::NEWTIME) {
        side.put(Word::TimeOffset, namespace::write_file(c"/proc/self/timens_offsets", b"boottime 0 0"));
    }
    side.put(Word::Proc, file::inode(PROC));
}

/// Whether the caller's namespace of a kind is proven to be another than the parent's: both inodes are known, differ, and the
/// caller's own is the same when it is read again.
fn is_elsewhere(parents: Answer, kind: &[u8]) -> bool {
    if parents.is_error() {
        return false;
    }
    let own = namespace::own(kind);
    own.ok().is_some() && own != parents && namespace::own(kind) == own
}

/// The subject, after the child has acted.
pub fn look(board: Board) {
    let (side, child) = (board.parent(), board.child());
    side.put(Word::IoPriority, side.get(Word::IoPriority).and_then(|_| control::io_priority()));
    if child.get(Word::Host).ok().is_some() {
        side.put(Word::Host, Answer(is_named().into()));
    }
    // A failed close loses nothing: it is a bare path.
    let _ = side.get(Word::Mounts).and_then(file::close);
    side.put(Word::CgroupRoot, is_cgroup_root());
}

/// The subject, if it is known that the child has ended: what only that shows.
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

/// Whether the host has our name.
fn is_named() -> bool {
    let mut is_ours = false;
    namespace::uname(|name| is_ours = name.nodename.starts_with(NAME));
    is_ours
}

/// Whether the task is at the root of its cgroup namespace, cgroup_namespaces(7): 1 or 0. The line of the unified hierarchy
/// begins with `0::`.
fn is_cgroup_root() -> Answer {
    let mut is_root = None;
    proc::find(c"/proc/thread-self/cgroup", &mut |line| {
        is_root = line.after(b"0::").map(|path| path.whole() == Some(b"/"));
        is_root.is_some()
    })
    .and_then(|_| proc::or_missing(is_root.map(usize::from)))
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

/// The list of semaphore adjustments; without one in the parent kcmp compares nothing with nothing. The parent has one if it has
/// another than the asker, of which it is a plain copy: a copy begins without.
pub fn sysvsem_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    let has_none = process::kcmp(ids::getpid().pid()?, pair.parent?, process::KCMP_SYSVSEM).ok()? == 0;
    if has_none {
        return None;
    }
    compare(pair, process::KCMP_SYSVSEM)
}

/// Both have raised the semaphore: was the child's part taken back at its end? Where the end of a plain child takes nothing
/// back, that says nothing.
pub fn sysvsem(pair: &Pair) -> Option<bool> {
    pair.of_parent(Word::UndoWorks).and(pair.of_parent(Word::Gone))?;
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

/// The child could copy its own mounts, and has tried to copy those of a path that the parent has opened: the kernel copies
/// only what is in the caller's mount namespace (EINVAL). Nothing is mounted anywhere.
pub fn mount_namespace(pair: &Pair) -> Option<bool> {
    match pair.board.child().get(Word::Mounts).split() {
        Ok(_) => Some(true),
        Err(Errno::EINVAL) => Some(false),
        Err(_) => None,
    }
}

/// The first process of a PID namespace has the id 1, and nobody else.
pub fn pid_namespace(pair: &Pair) -> Option<bool> {
    if pair.of_parent(Word::Pid)? == 1 { None } else { Some(pair.of_child(Word::Pid)? != 1) }
}

/// The child has tried to take a name that the parent's socket has.
pub fn net_namespace(pair: &Pair) -> Option<bool> {
    pair.of_parent(Word::Socket)?;
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
    one_of(pair.tasks?.stat(pair.child?, proc::EXIT_SIGNAL).ok()?, 0, pair.call.signal() as usize)
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
    let mut room = [0; 20];
    let name = crate::words::digits(fd, 10, &mut room);
    Some(pair.tasks?.number(pair.parent?, [b"fdinfo/", name], b"Pid:\t", 10).ok()? != pair.child?.number())
}

/// The descriptor says when the child has ended.
pub fn pidfd(pair: &Pair) -> Option<bool> {
    pair.of_parent(Word::Gone)?;
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
    let caught = pair.tasks?.number(pair.child?, STATUS, b"SigCgt:\t", 16).ok()?;
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
    let childs = pair.tasks?.number(pair.child?, STATUS, b"NoNewPrivs:\t", 10).ok()?;
    (pair.of_parent(Word::NoNewPrivileges)? == 0).then_some(childs == 0)
}

/// The same, as the child says.
pub fn nnp(pair: &Pair) -> Option<bool> {
    let childs = pair.of_child(Word::NoNewPrivileges)?;
    (pair.of_parent(Word::NoNewPrivileges)? == 0).then_some(childs == 0)
}

/// The list of processes in the group that was asked for: the child must be there, and the parent must not. The ids there are
/// those of the PID namespace in which the list is read.
pub fn into_cgroup_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    let fd = file::open_in(pair.call.cgroup as usize, c"cgroup.procs", file::O_RDONLY).ok()?;
    let tasks = [pair.parent?.number(), pair.child?.number()];
    let mut has = [false; 2];
    let read = proc::find_in(fd, &mut |line| {
        has.iter_mut().zip(tasks).for_each(|(has, task)| *has |= line.whole().and_then(scan::number) == Some(task));
        false
    });
    // A failed close loses nothing of what was read.
    let _ = file::close(fd);
    read.ok()?;
    let [has_parent, has_child] = has;
    if has_parent { None } else { Some(!has_child) }
}

/// Who traces the child: the subject's own tracer.
pub fn ptrace_kernel(pair: &Pair, _: &Resource) -> Option<bool> {
    let tasks = pair.tasks?;
    let tracer = |task| tasks.number(task, STATUS, b"TracerPid:\t", 10).ok();
    match (tracer(ids::getpid().pid()?)?, tracer(pair.parent?)?, tracer(pair.child?)?) {
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
