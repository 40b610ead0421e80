//! The cheapest possible task: clone(2), fork(2) or clone3(2) in assembly, without a stack and without Rust. All other
//! measurements are compared with this one, and `check` asks the kernel with it.
//!
//! A measurement in Rust includes the compiler's work. This code contains only the call, the child's exit and the wait.
//! The child touches no stack, so thirty thousand tasks need no memory of this process.
//!
//! Unsafe code in this file: a call that returns twice.
#![allow(unsafe_code, reason = "the child runs without a stack, which needs assembly")]

use super::asm::Arguments;
use super::call::{Api, Call, StackOf};
use super::flags::Flags;
use crate::sys::signal::{Disposition, dispose};
use crate::sys::{Errno, Pid, RawFd, Result, Signal, answer, nr};
use core::arch::naked_asm;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
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

/// Makes a task in assembly. Without a gate the task ends at once and is waited for. The result is the task's id; 0 for a
/// thread that was waited for.
fn bare(call: &Call, cleared: &'static AtomicU32, gate: Option<&'static AtomicU32>) -> usize {
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
    let bare = Bare { call: number, arguments, exit, end, gate };
    // SAFETY: the struct outlives the call, the words are `'static`, and the child runs only the assembly below.
    unsafe { make(&bare) as usize }
}

/// The stack for calls that require one; no task ever pushes to it.
static NO_STACK: [AtomicU32; 8] = [const { AtomicU32::new(0) }; 8];

/// An address in the middle of that, a multiple of 16.
fn no_stack() -> usize {
    NO_STACK[4].as_ptr() as usize & !15
}

/// Makes a call whose task, if the kernel makes one, ends at once, and returns the id of that task. A task that the caller
/// may wait for is reaped then. The caller blocks all signals, and no other task of the process makes such a call.
pub fn attempt(call: &Call) -> Result<Pid> {
    // The words of CLONE_CHILD_*TID, of CLONE_PARENT_SETTID and of CLONE_PIDFD.
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    let [child_tid, parent_tid, pidfd] = WORDS.each_ref().map(|word| word.as_ptr() as usize);
    let stack = if call.has_stack() { no_stack() } else { 0 };
    let stack_size = match call.stack {
        StackOf::Own(size) => size,
        _ if stack == 0 => 0,
        _ => 16,
    };
    let tls = call.tls.unwrap_or(no_stack());
    let known = clone_args {
        flags: call.flags.bits(),
        pidfd: pidfd as u64,
        child_tid: child_tid as u64,
        parent_tid: parent_tid as u64,
        exit_signal: call.exit_signal,
        stack: stack as u64,
        stack_size: stack_size as u64,
        tls: tls as u64,
        set_tid: if call.set_tid.is_empty() { 0 } else { call.set_tid.as_ptr() as u64 },
        set_tid_size: call.set_tid.len() as u64,
        // As in `asm`: kernels before 5.7 have no such member and require zeros there.
        cgroup: if call.flags.contains(Flags::INTO_CGROUP) { call.cgroup } else { 0 },
    };
    let structure = Arguments::new(known);
    let (number, arguments) = match call.api {
        Api::Fork => (nr::FORK, [0, 0, 0, child_tid, 0]),
        Api::Clone => (nr::CLONE, [call.first_argument(), stack, parent_tid, child_tid, tls]),
        Api::Clone3 => (nr::CLONE3, [&raw const structure as usize, call.size, 0, child_tid, 0]),
    };
    let (exit, end) = match call.flags.contains(Flags::THREAD) {
        true => (nr::EXIT, End::Unseen),
        false => (nr::EXIT_GROUP, End::Wait),
    };
    let bare = Bare { call: number, arguments, exit, end, gate: 0 };
    WORDS.iter().for_each(|word| word.store(u32::MAX, Relaxed)); // no descriptor
    // SAFETY: the structs outlive the call, the words and the stack are `'static`, and the child runs only the assembly.
    let made = answer(unsafe { make(&bare) as usize }).and_then(|number| Pid::new(number).ok_or(Errno::EIO));
    if made.is_ok() {
        clear_up(call, &WORDS);
    }
    made
}

/// Takes back what a task of [`attempt`] leaves: its descriptor, and SIGCHLD ignored in a table of handlers that it shared
/// as process 1 of a PID namespace (kernel/pid_namespace.c, zap_pid_ns_processes).
fn clear_up(call: &Call, [_, parent_tid, pidfd]: &[AtomicU32; 3]) {
    if call.flags.contains(Flags::PIDFD) {
        let word = if call.api == Api::Clone3 { pidfd } else { parent_tid };
        // A kernel that stored none has ignored the flag, which other cases find.
        let _ = RawFd::new(word.swap(u32::MAX, Relaxed) as usize).map(RawFd::close);
    }
    if call.flags.contains(Flags::SIGHAND | Flags::NEWPID) {
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
        "mov rax, [rbx]",          // which call
        "mov rsi, [rbx + 16]",     // stack, or size
        "mov rdx, [rbx + 24]",     // parent_tid
        "mov r10, [rbx + 32]",     // child_tid
        "mov r8, [rbx + 40]",      // tls
        "mov r9, [rbx + 48]",      // for the child: exit or exit_group
        "mov rdi, [rbx + 8]",      // flags, or the struct of clone3
        "mov dword ptr [r10], 1",  // the word: still alive
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

/// The child of [`make`], with the gate in r12 and the number of its exit call in r9. Reached by a jump, never called.
#[unsafe(naked)]
unsafe extern "C" fn child() -> ! {
    naked_asm!(
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
        exit = const nr::EXIT,
        futex = const nr::FUTEX,
        parent = sym PARENT,
        poll = const nr::POLL,
        prctl = const nr::PRCTL,
    )
}
