//! clone(2) and clone3(2) with a new stack, in assembly.
//!
//! The decision behind it: after the call the child has all of the caller's registers but another stack, where nothing
//! of the caller's frame exists; no compiled code can go on from there. So one naked function owns the call, the
//! child's first call and its exit. The child finds what it needs as four words on its own stack:
//!
//! ```text
//! [rsp]      entry      the function to call
//! [rsp + 8]  argument   its one argument
//! [rsp + 16] exit       the number of the call that ends it: exit for a thread, exit_group for a process
//! [rsp + 24] 0          where a return address would be: the end of the frames
//! ```
//!
//! Unsafety held here: two calls that return on two stacks.
#![allow(unsafe_code, reason = "the child of a new stack can only be written in assembly")]

use super::stack::Stack;
use super::task::Task;
use crate::sys::{Answer, nr};
use core::arch::naked_asm;

/// The four words on the child's stack, lowest address first.
pub type Words = [usize; 4];

/// clone(2) of `task`, which starts with its words on the stack that it has taken and that its join gives back. The same
/// stack's top serves CLONE_SETTLS: nothing here ever reads through FS.
pub(super) fn start(task: &Task, stack: &Stack) -> Answer {
    stack.place(task.words);
    let (parent_tid, child_tid) = (task.tids.parent_tid.as_ptr() as usize, task.tids.child_tid.as_ptr() as usize);
    // SAFETY: the words are in place and the stack is this child's alone; what the addresses name is `'static`.
    Answer(unsafe { clone(task.first_argument(), stack.pointer(), parent_tid, child_tid, stack.pointer()) } as usize)
}

/// clone(2) with a new stack; the five arguments are in the kernel's order for x86-64. Answers the child's id or a
/// negative errno in the caller only: the child calls its entry and ends.
///
/// # Safety
/// `stack` must point at [`Words`] at a multiple of 16, with enough room below for the entry, and must stay the child's
/// alone until the kernel says that it is gone. `parent_tid` and `child_tid` must be words that outlive the child, if
/// the flags name them. What the entry reaches through its argument must outlive the child too.
#[unsafe(naked)]
pub unsafe extern "C" fn clone(flags: usize, stack: usize, parent_tid: usize, child_tid: usize, tls: usize) -> isize {
    naked_asm!(
        "mov r10, rcx",   // child_tid: `syscall` destroys rcx, so the kernel takes its fourth argument in r10
        "mov eax, {nr}",  // clone; flags, stack, parent_tid and tls already lie in rdi, rsi, rdx and r8
        "syscall",
        "test eax, eax",  // 0 is the child
        "jz {child}",
        "ret",            // the caller goes home with the child's id or the errno
        nr = const nr::CLONE,
        child = sym child,
    )
}

/// clone3(2) with a new stack: `args` points at a `clone_args` of `size` bytes, whose stack plus stack_size is where
/// the [`Words`] lie. Answers as [`clone`] does.
///
/// # Safety
/// As for [`clone`], with the addresses in `args`.
#[unsafe(naked)]
pub unsafe extern "C" fn clone3(args: *const linux_raw_sys::general::clone_args, size: usize) -> isize {
    naked_asm!(
        "mov eax, {nr}",  // clone3; args and size already lie in rdi and rsi
        "syscall",
        "test eax, eax",  // 0 is the child
        "jz {child}",
        "ret",            // the caller goes home with the child's id or the errno
        nr = const nr::CLONE3,
        child = sym child,
    )
}

/// Where the child of both begins: on its own stack, at its [`Words`]. Never called, only jumped to.
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
