//! clone(2) and clone3(2) with words on a stack, in assembly.
//!
//! The decision behind it: after the call the child has all of the caller's registers but perhaps another stack, where
//! nothing of the caller's frame exists; no compiled code can go on from there. So one naked function owns the call,
//! the child's first call and its exit. It stands on the child's stack while it makes the call: a child that gets no
//! stack pointer of its own starts there too. It finds what it needs as four words on that stack:
//!
//! ```text
//! [rsp]      entry      the function to call
//! [rsp + 8]  argument   its one argument
//! [rsp + 16] exit       the number of the call that ends it: exit for a thread, exit_group for a process
//! [rsp + 24] 0          where a return address would be: the end of the frames
//! ```
//!
//! Unsafety held here, and in [`bare`]: calls that return twice.
#![allow(unsafe_code, reason = "the child of a new stack can only be written in assembly")]

pub mod bare;

use super::call::Api;
use super::flags::Flags;
use super::stack::Stack;
use super::task::Task;
use crate::sys::{Answer, nr};
use core::arch::naked_asm;
use linux_raw_sys::general::clone_args;

/// The four words on the child's stack, lowest address first.
pub type Words = [usize; 4];

/// What the kernel gets in its registers, and where the [`Words`] lie.
#[repr(C)]
pub struct Registers {
    /// clone or clone3.
    pub call: usize,
    /// rdi, rsi, rdx, r10, r8: for clone(2) flags, stack, parent_tid, child_tid and tls, in the order of x86-64.
    pub arguments: [usize; 5],
    /// The address of the [`Words`].
    pub words: usize,
}

/// The struct of clone3(2), and the zeros that a newer kernel's would hold: as much as may be named at all.
#[repr(C)]
struct Arguments {
    known: clone_args,
    rest: [u64; (4096 - size_of::<clone_args>()) / 8],
}

/// Makes the call of `task`, which starts with its words on the stack that it has taken.
pub(super) fn start(task: &Task, stack: &Stack) -> Answer {
    stack.place(task.child_stack, task.words);
    let call = task.call;
    let pointer = if call.has_stack() { task.child_stack } else { 0 };
    let [parent_tid, child_tid] = [task.tids.parent_tid, task.tids.child_tid].map(|word| word.as_ptr() as usize);
    let tls = task.tls();
    let mut registers = Registers { call: nr::CLONE, arguments: [0; 5], words: task.child_stack };
    if call.api == Api::Clone3 {
        let size = pointer.saturating_sub(stack.base());
        let known = clone_args {
            flags: call.flags.bits(),
            pidfd: task.pidfd_at as u64,
            child_tid: child_tid as u64,
            parent_tid: parent_tid as u64,
            exit_signal: call.exit_signal,
            stack: if call.has_stack() { stack.base() as u64 } else { 0 },
            stack_size: size as u64,
            tls: tls as u64,
            set_tid: if call.set_tid.is_empty() { 0 } else { call.set_tid.as_ptr() as u64 },
            set_tid_size: call.set_tid.len() as u64,
            // Unless it is asked for, none: kernels before 5.7 refuse what they have no member for.
            cgroup: if call.flags.contains(Flags::INTO_CGROUP) { call.cgroup } else { 0 },
        };
        let arguments = Arguments { known, rest: [0; _] };
        registers.call = nr::CLONE3;
        registers.arguments[..2].copy_from_slice(&[&raw const arguments as usize, call.size]);
        // SAFETY: as below; the struct outlives the call, and it is as long as the kernel ever reads.
        return Answer(unsafe { make(&registers) } as usize);
    }
    let first = if call.flags.contains(Flags::PIDFD) { task.pidfd_at } else { parent_tid };
    registers.arguments = [call.first_argument(), pointer, first, child_tid, tls];
    // SAFETY: the words are in place and the stack is this child's alone; what the addresses name is `'static`.
    Answer(unsafe { make(&registers) } as usize)
}

/// Makes the call. Answers the child's id or a negative errno in the caller only: the child calls its entry and ends.
///
/// # Safety
/// `words` must point at [`Words`] at a multiple of 16, with enough room below for the entry, and must stay the child's
/// alone until the kernel says that it is gone; so must the stack that the arguments name, which is there too or none.
/// The words that the arguments name must outlive the child, if the flags use them. What the entry reaches through its
/// argument must outlive the child too.
#[unsafe(naked)]
pub unsafe extern "C" fn make(registers: *const Registers) -> isize {
    naked_asm!(
        "mov r9, rsp",             // the caller's stack: the kernel leaves r9 alone, and neither call takes it
        "mov rax, [rdi]",          // clone or clone3
        "mov rsi, [rdi + 16]",     // stack, or size
        "mov rdx, [rdi + 24]",     // parent_tid
        "mov r10, [rdi + 32]",     // child_tid: `syscall` destroys rcx, so the fourth argument is in r10
        "mov r8, [rdi + 40]",      // tls
        "mov rsp, [rdi + 48]",     // the words: where a child without a stack pointer of its own starts
        "mov rdi, [rdi + 8]",      // flags, or the struct
        "syscall",
        "test eax, eax",           // 0 is the child
        "jz {child}",
        "mov rsp, r9",             // the caller alone goes home,
        "ret",                     // with the child's id or the errno
        child = sym child,
    )
}

/// Where the child begins: on its own stack, at its [`Words`]. Never called, only jumped to.
#[unsafe(naked)]
unsafe extern "C" fn child() -> ! {
    naked_asm!(
        "xor ebp, ebp",   // the outermost frame
        "pop rax",        // entry
        "pop rdi",        // argument; rsp is a multiple of 16 again, as a call wants it
        "call rax",       // int entry(argument)
        "mov edi, eax",   // its answer is the exit status
        "pop rax",        // exit or exit_group
        "syscall",
        "2:",             // still here: a filter or a tracer refused it,
        "mov eax, {exit}",
        "syscall",        // so this task alone, and
        "jmp 2b",         // never fall into what lies behind
        exit = const nr::EXIT,
    )
}
