//! The cheapest possible task: clone(2), fork(2) or clone3(2) in assembly, with no stack and no Rust. All else is measured
//! against it.
//!
//! What is measured in Rust has the compiler's work in it. Here are the call, the child's exit and the wait, and no stack is
//! touched, so that thirty thousand tasks need no memory of ours.
//!
//! Unsafety held here: a call that returns twice.
#![allow(unsafe_code, reason = "the child runs on no stack, which only assembly can do")]

use super::call::{Api, Call};
use super::flags::Flags;
use crate::sys::{Errno, Pid, RawFd, Result, answer, nr};
use core::arch::naked_asm;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use linux_raw_sys::general::{POLLIN, clone_args};

/// What [`make`] is told.
#[repr(C)]
struct Bare {
    /// The call and its arguments; the fourth is the word that the kernel clears as a thread ends.
    call: usize,
    arguments: [usize; 5],
    /// exit or exit_group.
    exit: usize,
    /// Whether the end is told by that word, and not by wait4(2).
    is_thread: usize,
    /// What a sleeper waits for: a word that is 0 until it may end.
    gate: usize,
}

/// The struct pollfd of the process that makes sleepers: its descriptor, and that an end is asked for.
static MAKER: [AtomicU32; 2] = [AtomicU32::new(u32::MAX), AtomicU32::new(POLLIN)];

/// Tells sleepers the descriptor of the process that makes them, by which they see that it has ended; none if there is none.
pub fn set_maker(pidfd: Option<RawFd>) {
    MAKER[0].store(pidfd.map_or(u32::MAX, |fd| fd.number() as u32), Relaxed);
}

/// Makes a task that ends at once, and waits for its end. `cleared` is the word of a thread.
pub fn make_and_reap(call: &Call, cleared: &'static AtomicU32) -> Result<()> {
    answer(bare(call, cleared, None)).map(|_| ())
}

/// Makes a task that sleeps until `gate` is no longer 0: its id. `cleared` is the word of a thread.
pub fn make_sleeper(call: &Call, cleared: &'static AtomicU32, gate: &'static AtomicU32) -> Result<Pid> {
    answer(bare(call, cleared, Some(gate))).and_then(|number| Pid::new(number).ok_or(Errno::EIO))
}

/// Makes a task in assembly alone. Without a gate the task ends at once and is waited for, and the answer is 0; with one the
/// answer is its id.
fn bare(call: &Call, cleared: &'static AtomicU32, gate: Option<&'static AtomicU32>) -> usize {
    // No task pushes anything there.
    static NO_STACK: [AtomicU32; 8] = [const { AtomicU32::new(0) }; 8];
    let (stack, cleared) = (NO_STACK[4].as_ptr() as usize & !15, cleared.as_ptr() as usize);
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
    let bare = Bare { call: number, arguments, exit, is_thread: is_thread.into(), gate };
    // SAFETY: the struct outlives the call, the words are `'static`, and the child runs the assembly below alone.
    unsafe { make(&bare) as usize }
}

/// Makes a task. Without a gate the task ends at once and is waited for; with one it sleeps, and is not waited for here.
#[unsafe(naked)]
unsafe extern "C" fn make(bare: *const Bare) -> isize {
    naked_asm!(
        "push rbx",                // the caller's,
        "push r12",                // to be kept
        "mov rbx, rdi",            // the struct
        "mov r12, [rbx + 64]",     // the gate
        "mov rax, [rbx]",          // which call
        "mov rsi, [rbx + 16]",     // stack, or size
        "mov rdx, [rbx + 24]",     // parent_tid
        "mov r10, [rbx + 32]",     // child_tid
        "mov r8, [rbx + 40]",      // tls
        "mov r9, [rbx + 48]",      // for the child: exit or exit_group
        "mov rdi, [rbx + 8]",      // flags, or the struct of clone3
        "mov dword ptr [r10], 1",  // not gone yet
        "syscall",                 // one task enters the kernel, two come back
        "test eax, eax",           // 0 is the child,
        "jz {child}",              // which goes its own way
        "js 4f",                   // refused
        "test r12, r12",           // a gate?
        "jnz 4f",                  // asleep: the id is the answer
        "cmp qword ptr [rbx + 56], 0", // a thread?
        "jne 3f",                  // its word tells of its end
        "mov edi, eax",            // wait4(id,
        "xor esi, esi",            //   no status,
        "mov edx, 0x40000000",     //   __WALL,
        "xor r10d, r10d",          //   no usage)
        "mov eax, {wait4}",
        "syscall",                 // until the process has ended
        "xor eax, eax",            // the answer is 0
        "jmp 4f",
        "3:",                      // a thread: until its word is 0
        "mov rdi, [rbx + 32]",     // futex(word,
        "xor esi, esi",            //   FUTEX_WAIT,
        "mov edx, [rdi]",          //   what it is now,
        "mov eax, edx",            // which is the answer when it is 0
        "test edx, edx",           // gone?
        "jz 4f",
        "xor r10d, r10d",          //   no limit)
        "mov eax, {futex}",
        "syscall",                 // until the kernel clears the word,
        "jmp 3b",                  // or a signal comes
        "4:",
        "pop r12",                 // as they were
        "pop rbx",
        "ret",
        child = sym child,
        wait4 = const nr::WAIT4,
        futex = const nr::FUTEX,
    )
}

/// The child of [`make`], with the gate in r12 and the number of its exit in r9. Never called, only jumped to.
#[unsafe(naked)]
unsafe extern "C" fn child() -> ! {
    naked_asm!(
        "test r12, r12",          // a gate?
        "jz 4f",                  // without one the child ends
        "cmp r9d, {exit}",        // a thread ends with its process, and its parent is that of the process:
        "je 3f",                  // it asks for nothing
        "mov edi, 1",             // prctl(PR_SET_PDEATHSIG,
        "mov esi, 9",             //   SIGKILL): a sleeper must not outlive its maker
        "mov eax, {prctl}",
        "syscall",                // from here on
        "lea rdi, [rip + {maker}]", // poll(the maker's descriptor,
        "mov esi, 1",             //   one,
        "mov edx, 1",             //   for a millisecond: its children are told of its end before its descriptor is)
        "mov eax, {poll}",
        "syscall",                // has the maker ended?
        "cmp eax, 1",             // one descriptor can be read:
        "je 4f",                  // the maker had ended before it was asked for
        "3:",                     // until the gate is open
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
        "mov r9d, {exit}",        // refused: this task alone, then,
        "jmp 4b",                 // and there is nowhere else to go
        exit = const nr::EXIT,
        futex = const nr::FUTEX,
        maker = sym MAKER,
        poll = const nr::POLL,
        prctl = const nr::PRCTL,
    )
}
