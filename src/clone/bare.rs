//! The cheapest possible task: clone(2), fork(2) or clone3(2) in assembly, without a stack and without Rust. All other
//! measurements are compared with this one, and `check` asks the kernel with it.
//!
//! A measurement in Rust includes the compiler's work. This code contains only the call, the child's exit and the wait.
//! The child touches no stack, so thirty thousand tasks need no memory of this process.
//!
//! Unsafe code in this file: a call that returns twice.
#![allow(unsafe_code, reason = "the child runs without a stack, which needs assembly")]

use super::attempt::{Attempt, FIRST_VERSION, Made};
use super::call::{Api, Call, StackOf};
use super::flags::Flags;
use crate::sys::memory::PAGE;
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{Errno, Pid, RawFd, Result, Signal, answer, nr};
use core::arch::naked_asm;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use linux_raw_sys::general::{POLLIN, clone_args};

/// The arguments of [`make`].
#[repr(C)]
struct Bare {
    /// The call and its arguments; the fourth is the word that the kernel clears when a thread ends.
    call: usize,
    arguments: [usize; 5],
    /// exit or exit_group.
    exit: usize,
    /// How the kernel reports the child's end.
    end: End,
    /// The address of the word that a sleeper waits on while it is 0; without a sleeper 0.
    gate: usize,
    /// Where the child reports its registers, see [`REPORT`]; 0 for nowhere.
    report: usize,
}

/// How the caller waits for the end of a child without a gate.
#[derive(Clone, Copy)]
#[repr(usize)]
enum End {
    /// By wait4(2), whatever that says.
    Wait = 0,
    /// By the word that the kernel clears when a thread ends.
    Word = 1,
    /// Not at all: a thread without such a word ends unseen.
    Unseen = 2,
}

/// struct pollfd for the parent of the sleepers: its pidfd, and the event to poll for. Filled in by [`set_parent`].
static PARENT: [AtomicU32; 2] = [const { AtomicU32::new(0) }; 2];

/// Sets the pidfd by which sleepers see that their parent has ended; none if there is no pidfd. Called before the first
/// sleeper is made.
pub fn set_parent(pidfd: Option<RawFd>) {
    let [fd, events] = &PARENT;
    fd.store(pidfd.map_or(u32::MAX, |fd| fd.number() as u32), Relaxed);
    events.store(POLLIN, Relaxed);
}

/// Makes a task that ends at once, and waits for its end. `cleared` is the word that the kernel clears for a thread.
pub fn make_and_reap(call: &Call, cleared: &'static AtomicU32) -> Result<()> {
    answer(bare(call, cleared, None)).map(|_| ())
}

/// Makes a task that sleeps until `gate` is no longer 0, and returns its id. `cleared` is the word that the kernel
/// clears for a thread.
pub fn make_sleeper(call: &Call, cleared: &'static AtomicU32, gate: &'static AtomicU32) -> Result<Pid> {
    answer(bare(call, cleared, Some(gate))).and_then(|number| Pid::new(number).ok_or(Errno::EIO))
}

/// Makes a task in assembly. Without a gate the task ends at once and is waited for. The result is the task's id; 0 for
/// a thread that was waited for.
fn bare(call: &Call, cleared: &'static AtomicU32, gate: Option<&'static AtomicU32>) -> usize {
    cleared.store(ALIVE, Relaxed);
    let (stack, cleared) = (no_stack(), cleared.as_ptr() as usize);
    let is_shared = call.flags.contains(Flags::VM);
    let is_thread = call.flags.contains(Flags::THREAD);
    let gate = gate.map_or(0, |gate| gate.as_ptr() as usize);
    let exit = if is_thread { nr::EXIT } else { nr::EXIT_GROUP };
    let known = clone_args {
        flags: call.flags.bits(),
        pidfd: 0,
        child_tid: cleared as u64,
        parent_tid: 0,
        exit_signal: call.exit_signal,
        stack: if is_shared { stack as u64 } else { 0 },
        stack_size: if is_shared { 16 } else { 0 },
        tls: 0,
        set_tid: 0,
        set_tid_size: 0,
        cgroup: 0,
    };
    let (number, arguments) = match call.api {
        Api::Fork => (nr::FORK, [0, 0, 0, cleared, 0]),
        Api::Clone => (nr::CLONE, [call.first_argument(), if is_shared { stack } else { 0 }, 0, cleared, 0]),
        Api::Clone3 => (nr::CLONE3, [&raw const known as usize, size_of::<clone_args>(), 0, cleared, 0]),
    };
    let end = if is_thread { End::Word } else { End::Wait };
    let bare = Bare { call: number, arguments, exit, end, gate, report: 0 };
    // SAFETY: the struct outlives the call, the words are `'static`, and the child runs only the assembly below.
    unsafe { make(&bare) as usize }
}

/// The stack for calls that require one; no task ever pushes to it.
static NO_STACK: [AtomicU32; 8] = [const { AtomicU32::new(0) }; 8];

/// An address in the middle of that, a multiple of 16.
fn no_stack() -> usize {
    NO_STACK[4].as_ptr() as usize & !15
}

/// What the word of CLONE_CHILD_CLEARTID holds before the call.
const ALIVE: u32 = 1;

/// What the other words hold before the call: no id, and no descriptor.
const UNSET: u32 = u32::MAX;

/// Where the child of [`attempt_with`] reports its stack pointer, the base of FS if it is asked for that, the answer of
/// arch_prctl(2) about that, and that it has run.
static REPORT: [AtomicUsize; 4] = [const { AtomicUsize::new(0) }; 4];

/// What the answer of arch_prctl(2) is before the call: the child is to ask, or not. 0 is success.
const ASK: usize = 1;
const DO_NOT_ASK: usize = 2;

/// Makes a call whose task, if the kernel makes one, ends at once, and returns the id of that task; see
/// [`attempt_with`].
pub fn attempt(call: &Call) -> Result<Pid> {
    attempt_with(&Attempt::new(*call)).map(|made| made.task)
}

/// Makes a call whose task, if the kernel makes one, ends at once, and returns what that task left. A task that the
/// caller may wait for is reaped then. The caller blocks all signals, and no other task of the process makes such a
/// call.
pub fn attempt_with(attempt: &Attempt) -> Result<Made> {
    // The words of CLONE_CHILD_*TID, of CLONE_PARENT_SETTID and of CLONE_PIDFD.
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    let pidfd_at = if attempt.call.api == Api::Clone3 { attempt.pidfd } else { None };
    let at = [attempt.child_tid, attempt.parent_tid, pidfd_at.unwrap_or(attempt.parent_tid)];
    let own = [&WORDS[0], &WORDS[1], if pidfd_at.is_some() { &WORDS[2] } else { &WORDS[1] }];
    for ((word, pointer), value) in WORDS.iter().zip(at).zip([ALIVE, UNSET, UNSET]) {
        word.store(value, Relaxed);
        pointer.fill(value.to_ne_bytes().into_iter());
    }
    let asks = if attempt.call.flags.contains(Flags::SETTLS) { ASK } else { DO_NOT_ASK };
    REPORT.iter().zip([0, 0, asks, 0]).for_each(|(word, value)| word.store(value, Relaxed));
    let addresses = [0, 1, 2].map(|which: usize| at[which].address(own[which].as_ptr() as usize));
    let made = issue(attempt, addresses)?;
    let [child_tid, parent_tid, pidfd] = [0, 1, 2].map(|which: usize| at[which].word(own[which]));
    let [pointer, base, answer, has_run] = REPORT.each_ref().map(|word| word.load(Relaxed));
    let closed = if attempt.call.flags.contains(Flags::PIDFD) { pidfd.map(close) } else { None };
    restore_handlers(attempt.call.flags);
    let stack_pointer = (has_run == 1).then_some(pointer);
    let fs_base = (answer == 0).then_some(base);
    Ok(Made { task: made, child_tid, parent_tid, closed, stack_pointer, fs_base })
}

/// Closes the descriptor that the kernel stored. EBADF: it stored none, or none that was open.
fn close(descriptor: u32) -> Result<()> {
    RawFd::new(descriptor as usize).map_or(Err(Errno::EBADF), RawFd::close)
}

/// Makes the call of an attempt with the addresses of child_tid, parent_tid and pidfd.
fn issue(attempt: &Attempt, [child_tid, parent_tid, pidfd]: [usize; 3]) -> Result<Pid> {
    let call = &attempt.call;
    let own_stack = match call.stack {
        StackOf::Own(size) => [no_stack(), size],
        _ if call.has_stack() => [no_stack(), 16],
        _ => [0, 0],
    };
    let [stack, stack_size] = attempt.stack.unwrap_or(own_stack);
    let tls = call.tls.unwrap_or(no_stack());
    let ids = if call.set_tid.is_empty() { 0 } else { call.set_tid.as_ptr() as usize };
    let known = clone_args {
        flags: call.flags.bits(),
        pidfd: pidfd as u64,
        child_tid: child_tid as u64,
        parent_tid: parent_tid as u64,
        exit_signal: call.exit_signal,
        stack: stack as u64,
        stack_size: stack_size as u64,
        tls: tls as u64,
        set_tid: attempt.set_tid.map_or(ids, |pointer| pointer.address(ids)) as u64,
        set_tid_size: attempt.set_tid_size.unwrap_or(call.set_tid.len() as u64),
        // As in `asm`: kernels before 5.7 have no such member and require zeros there.
        cgroup: if call.flags.contains(Flags::INTO_CGROUP) { call.cgroup } else { 0 },
    };
    let structure = page(&known, attempt.odd_byte);
    attempt.structure.fill(structure.iter().flat_map(|word| word.to_ne_bytes()));
    let (number, arguments) = match call.api {
        Api::Fork => (nr::FORK, [0; 5]),
        Api::Clone => (nr::CLONE, [call.first_argument(), stack, parent_tid, child_tid, tls]),
        Api::Clone3 => (nr::CLONE3, [attempt.structure.address(structure.as_ptr() as usize), call.size, 0, 0, 0]),
    };
    let (exit, end) = match call.flags.contains(Flags::THREAD) {
        true => (nr::EXIT, End::Unseen),
        false => (nr::EXIT_GROUP, End::Wait),
    };
    let report = if attempt.reports { REPORT.as_ptr() as usize } else { 0 };
    let bare = Bare { call: number, arguments, exit, end, gate: 0, report };
    // SAFETY: the structs outlive the call. Where the kernel can write, there are words of this program, which are
    // `'static`, or bytes of a page that serves for nothing else. The child runs only the assembly, which uses no
    // stack.
    Pid::answered(unsafe { make(&bare) as usize })
}

/// clone3(2)'s struct and the zeros behind it: a page in all, the longest that the kernel accepts. The odd byte is 1.
fn page(known: &clone_args, odd_byte: Option<usize>) -> [u64; PAGE / 8] {
    let &clone_args { flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, .. } = known;
    let &clone_args { set_tid, set_tid_size, cgroup, .. } = known;
    let first = [flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls];
    let mut page = [0; _];
    for (place, member) in page.iter_mut().zip(first.into_iter().chain([set_tid, set_tid_size, cgroup])) {
        *place = member;
    }
    if let Some(place) = odd_byte.filter(|place| (FIRST_VERSION..PAGE).contains(place)) {
        page[place / 8] |= 1 << (place % 8 * 8);
    }
    page
}

/// Undoes what a task does that shares the table of handlers and is process 1 of a PID namespace: at its end SIGCHLD is
/// ignored (kernel/pid_namespace.c, zap_pid_ns_processes).
fn restore_handlers(flags: Flags) {
    if flags.contains(Flags::SIGHAND | Flags::NEWPID) {
        // If refused, the next children are reaped by nobody, which harms nothing.
        let _ = dispose(Signal::CHLD, Disposition::DEFAULT);
    }
}

/// Makes a task. Without a gate the task ends at once and is waited for; with a gate the task sleeps and is not waited
/// for here.
#[unsafe(naked)]
unsafe extern "C" fn make(bare: *const Bare) -> isize {
    naked_asm!(
        "push rbx",                // callee-saved,
        "push r12",                // so kept,
        "push r13",                // all three
        "mov rbx, rdi",            // the struct
        "mov r12, [rbx + 64]",     // the gate
        "mov r13, [rbx + 72]",     // the report
        "mov rax, [rbx]",          // which call
        "mov rsi, [rbx + 16]",     // stack, or size
        "mov rdx, [rbx + 24]",     // parent_tid
        "mov r10, [rbx + 32]",     // child_tid
        "mov r8, [rbx + 40]",      // tls
        "mov r9, [rbx + 48]",      // for the child: exit or exit_group
        "mov rdi, [rbx + 8]",      // flags, or the struct of clone3
        "syscall",                 // one task enters the kernel, two come back
        "test eax, eax",           // 0 is the child,
        "jz {child}",              // which jumps to its own code
        "js 4f",                   // refused
        "test r12, r12",           // a gate?
        "jnz 4f",                  // the child sleeps: return its id
        "cmp qword ptr [rbx + 56], 1", // a thread
        "je 3f",                   // with a word: wait on that
        "ja 4f",                   // without one: return its id
        "mov r13d, eax",           // a process: keep its id
        "mov edi, eax",            // wait4(id,
        "xor esi, esi",            //   no status,
        "mov edx, 0x40000000",     //   __WALL,
        "xor r10d, r10d",          //   no usage)
        "mov eax, {wait4}",
        "syscall",                 // returns when the process has ended
        "mov eax, r13d",           // return the id
        "jmp 4f",
        "3:",                      // a thread: wait until its word is 0
        "mov rdi, [rbx + 32]",     // futex(word,
        "xor esi, esi",            //   FUTEX_WAIT,
        "mov edx, [rdi]",          //   its current value,
        "mov eax, edx",            // also the return value, once it is 0
        "test edx, edx",           // gone?
        "jz 4f",
        "xor r10d, r10d",          //   no limit)
        "mov eax, {futex}",
        "syscall",                 // sleeps until the kernel clears the word
        "jmp 3b",                  // or a signal arrives
        "4:",
        "pop r13",                 // restored
        "pop r12",
        "pop rbx",
        "ret",
        child = sym child,
        wait4 = const nr::WAIT4,
        futex = const nr::FUTEX,
    )
}

/// The child of [`make`], with the gate in r12, the report in r13 and the number of its exit call in r9. Reached by a
/// jump, never called.
#[unsafe(naked)]
unsafe extern "C" fn child() -> ! {
    naked_asm!(
        "test r13, r13",          // a report?
        "jz 2f",
        "mov [r13], rsp",         // the stack pointer
        "mov dword ptr [r13 + 24], 1", // it has run
        "cmp dword ptr [r13 + 16], {ask}", // the base of FS too?
        "jne 2f",
        "mov edi, 0x1003",        // arch_prctl(ARCH_GET_FS,
        "lea rsi, [r13 + 8]",     //   behind that)
        "mov eax, {arch_prctl}",
        "syscall",
        "mov [r13 + 16], rax",    // 0 if it answered
        "2:",
        "test r12, r12",          // a gate?
        "jz 4f",                  // without one the child ends
        "cmp r9d, {exit}",        // a thread ends with its process,
        "je 3f",                  // so it needs no death signal
        "mov edi, 1",             // prctl(PR_SET_PDEATHSIG,
        "mov esi, 9",             //   SIGKILL): a sleeper must not outlive its parent,
        "mov eax, {prctl}",
        "syscall",                // which sends nothing if the parent has already ended
        "lea rdi, [rip + {parent}]", // so poll(the parent's pidfd,
        "mov esi, 1",             //   one,
        "mov edx, 1",             //   1 ms: the kernel signals children before pidfds)
        "mov eax, {poll}",
        "syscall",                // has the parent ended?
        "cmp eax, 1",             // one readable descriptor:
        "je 4f",                  // the parent ended before the prctl
        "3:",                     // sleep until the gate opens
        "mov rdi, r12",           // futex(gate,
        "xor esi, esi",           //   FUTEX_WAIT,
        "xor edx, edx",           //   while it is 0,
        "xor r10d, r10d",         //   no limit)
        "mov eax, {futex}",
        "syscall",                // a wake, or a signal
        "cmp dword ptr [r12], 0", // is the gate open?
        "je 3b",                  // not yet
        "4:",
        "mov eax, r9d",           // exit or exit_group
        "xor edi, edi",           // status 0
        "syscall",                // the child ends here
        "mov r9d, {exit}",        // refused: end this task alone
        "jmp 4b",                 // and never run into the code that follows
        arch_prctl = const nr::ARCH_PRCTL,
        ask = const ASK,
        exit = const nr::EXIT,
        futex = const nr::FUTEX,
        parent = sym PARENT,
        poll = const nr::POLL,
        prctl = const nr::PRCTL,
    )
}
