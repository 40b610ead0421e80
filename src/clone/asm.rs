//! clone(2) and clone3(2) onto a stack of the caller's choice, in assembly.
//!
//! After the call the child has all of the caller's registers but perhaps another stack, on which nothing of the caller's
//! frame exists; no compiled code can go on from there. So one naked function owns the call, the child's first call and its
//! exit. The child finds what it needs in the [`Frame`] on its stack. A child that gets no stack pointer from the kernel starts
//! where the caller stands: for it, and only for it, the caller stands on the child's stack during the call.
//!
//! Unsafety held here: calls that return twice.
#![allow(unsafe_code, reason = "the child of a new stack can only be written in assembly")]

use super::call::{Api, Call};
use super::flags::Flags;
use super::stack::{Frame, Stack};
use crate::board::TidWords;
use crate::sys::{Pid, Result, nr};
use core::arch::naked_asm;
use linux_raw_sys::general::clone_args;

/// What the kernel gets in its registers, and where the caller is to stand during the call.
#[repr(C)]
struct Registers {
    /// clone or clone3.
    call: usize,
    /// rdi, rsi, rdx, r10, r8: for clone(2) flags, stack, parent_tid, child_tid and tls, in the order of x86-64.
    arguments: [usize; 5],
    /// The address of the [`Frame`] if the child gets no stack pointer, else 0: the caller stays on its own stack.
    stand_at: usize,
}

/// The struct of clone3(2), and the zeros that a newer kernel's would hold: as much as may be named at all.
#[repr(C)]
struct Arguments {
    known: clone_args,
    rest: [u64; (4096 - size_of::<clone_args>()) / 8],
}

/// Where the kernel is to store the descriptor of CLONE_PIDFD.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PidfdAt {
    /// In the word that the call has for it.
    Word,
    /// Where nothing may be stored, in the zero page: the kernel refuses the call when all else is done.
    Nowhere,
}

/// An address in the zero page, which is never mapped.
pub(super) const NOWHERE: usize = 8;

/// A call that is about to be made.
pub(super) struct Start<'a> {
    /// What is asked for.
    pub call: &'a Call,
    /// The stack on which the child starts.
    pub stack: &'a Stack,
    /// Where on it.
    pub pointer: usize,
    /// What the child runs.
    pub frame: Frame,
    /// The words that the flags name.
    pub tids: TidWords,
    /// Where the descriptor goes, see [`PidfdAt`].
    pub pidfd: usize,
    /// The base of FS for CLONE_SETTLS.
    pub tls: usize,
}

impl Start<'_> {
    /// Issues the call: the child's id in the caller. The child calls its entry and ends.
    pub fn issue(self) -> Result<Pid> {
        let pointer = self.stack.place(self.pointer, &self.frame);
        if self.call.api == Api::Clone3 { self.clone3(pointer) } else { self.clone(pointer) }
    }

    /// Makes the call by clone(2).
    fn clone(&self, frame: usize) -> Result<Pid> {
        let (stack, stand_at) = if self.call.has_stack() { (frame, 0) } else { (0, frame) };
        let is_pidfd = self.call.flags.contains(Flags::PIDFD);
        let parent_tid = if is_pidfd { self.pidfd } else { self.tids.parent_tid.as_ptr() as usize };
        let child_tid = self.tids.child_tid.as_ptr() as usize;
        let arguments = [self.call.first_argument(), stack, parent_tid, child_tid, self.tls];
        let registers = Registers { call: nr::CLONE, arguments, stand_at };
        // SAFETY: the frame is in place and the stack is this child's alone; the words that the arguments name are `'static`.
        Pid::answered(unsafe { make(&registers) } as usize)
    }

    /// Makes the call by clone3(2).
    fn clone3(&self, frame: usize) -> Result<Pid> {
        let call = self.call;
        let known = clone_args {
            flags: call.flags.bits(),
            pidfd: self.pidfd as u64,
            child_tid: self.tids.child_tid.as_ptr() as u64,
            parent_tid: self.tids.parent_tid.as_ptr() as u64,
            exit_signal: call.exit_signal,
            stack: if call.has_stack() { self.stack.base() as u64 } else { 0 },
            stack_size: if call.has_stack() { (frame - self.stack.base()) as u64 } else { 0 },
            tls: self.tls as u64,
            set_tid: if call.set_tid.is_empty() { 0 } else { call.set_tid.as_ptr() as u64 },
            set_tid_size: call.set_tid.len() as u64,
            // Unless the flag asks for it, none: kernels before 5.7 refuse what they have no member for.
            cgroup: if call.flags.contains(Flags::INTO_CGROUP) { call.cgroup } else { 0 },
        };
        let arguments = Arguments { known, rest: [0; _] };
        let registers = Registers {
            call: nr::CLONE3,
            arguments: [&raw const arguments as usize, call.size, 0, 0, 0],
            stand_at: if call.has_stack() { 0 } else { frame },
        };
        // SAFETY: as in `clone`; the struct outlives the call, and it is as long as the kernel ever reads.
        Pid::answered(unsafe { make(&registers) } as usize)
    }
}

/// Makes the call. Answers the child's id or a negative errno in the caller only: the child calls its entry and ends.
///
/// # Safety
/// The child's stack pointer, which the arguments name, or `stand_at` if they name none, must point at a [`Frame`] at a multiple
/// of 16, with enough room below for the entry, and must stay the child's alone until the kernel says that it is gone. The
/// words that the arguments name must outlive the child, if the flags use them. With `stand_at` no signal handler may run
/// meanwhile: it would run on the child's stack.
#[unsafe(naked)]
unsafe extern "C" fn make(registers: *const Registers) -> isize {
    naked_asm!(
        "mov r9, rsp",             // the caller's stack: the kernel leaves r9 alone, and neither call takes it
        "mov rax, [rdi]",          // clone or clone3
        "mov rsi, [rdi + 16]",     // stack, or size
        "mov rdx, [rdi + 24]",     // parent_tid
        "mov r10, [rdi + 32]",     // child_tid: `syscall` destroys rcx, so the fourth argument is in r10
        "mov r8, [rdi + 40]",      // tls
        "mov rcx, [rdi + 48]",     // where to stand
        "mov rdi, [rdi + 8]",      // flags, or the struct
        "test rcx, rcx",           // does the kernel give the child a stack pointer?
        "cmovnz rsp, rcx",         // if not, the child starts where the caller stands: at the frame
        "syscall",                 // one task enters the kernel, two come back
        "test eax, eax",           // 0 is the child
        "jz {child}",              // the child stays on this stack
        "mov rsp, r9",             // the caller alone goes home,
        "ret",                     // with the child's id or the errno
        child = sym child,
    )
}

/// Where the child begins: on its own stack, at its [`Frame`]. Never called, only jumped to.
#[unsafe(naked)]
unsafe extern "C" fn child() -> ! {
    naked_asm!(
        "xor ebp, ebp",   // the outermost frame
        "pop rax",        // entry
        "pop rdi",        // argument; rsp is a multiple of 16 again, as a call wants it
        "call rax",       // int entry(argument)
        "mov edi, eax",   // its answer is the exit status
        "pop rax",        // exit or exit_group
        "syscall",        // the child ends here,
        "2:",             // unless a filter or a tracer refused that:
        "mov eax, {exit}", // then this task alone
        "syscall",        // ends,
        "jmp 2b",         // and never falls into what lies behind
        exit = const nr::EXIT,
    )
}
