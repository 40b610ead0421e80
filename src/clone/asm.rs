//! clone(2) and clone3(2) with a stack of the caller's choice, in assembly.
//!
//! After the call the child has the caller's registers but possibly another stack without any frame of the caller, so
//! compiled code cannot continue there. One naked function therefore contains the call, the child's first function call
//! and its exit. The child finds its entry and argument in the [`Frame`] on its stack. A child that gets no stack
//! pointer from the kernel starts at the caller's: only for such a child the caller switches to the child's stack
//! during the call.
//!
//! Unsafe code in this file: calls that return twice.
#![allow(unsafe_code, reason = "a child that starts on a new stack needs assembly")]

use super::call::{Api, Call};
use super::flags::Flags;
use super::stack::{Frame, Stack};
use crate::board::TidWords;
use crate::sys::{Pid, Result, nr};
use core::arch::naked_asm;
use linux_raw_sys::general::clone_args;

/// The system call's registers, and the stack pointer of the caller during the call.
#[repr(C)]
struct Registers {
    /// The number of clone or clone3.
    call: usize,
    /// rdi, rsi, rdx, r10, r8: for clone(2) flags, stack, parent_tid, child_tid and tls, in the order of x86-64.
    arguments: [usize; 5],
    /// The address of the [`Frame`] if the child gets no stack pointer; otherwise 0, and the caller stays on its own
    /// stack.
    stand_at: usize,
}

/// struct clone_args of clone3(2), followed by the zeros that a longer `size` covers: a page in all, the longest that
/// the kernel accepts.
#[repr(C)]
struct Arguments {
    known: clone_args,
    rest: [u64; (4096 - size_of::<clone_args>()) / 8],
}

/// Where the kernel stores the descriptor of CLONE_PIDFD.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PidfdAt {
    /// In the word reserved for it.
    Word,
    /// At an unmapped address: the kernel fails the call with EFAULT after all other checks.
    Nowhere,
}

/// An address in the first page, which is never mapped.
pub(super) const NOWHERE: usize = 8;

/// A call that is ready to be made.
pub(super) struct Start<'a> {
    /// The call.
    pub call: &'a Call,
    /// The stack on which the child starts.
    pub stack: &'a Stack,
    /// The child's initial stack pointer.
    pub pointer: usize,
    /// The frame that is placed there.
    pub frame: Frame,
    /// The words whose addresses the call passes.
    pub tids: TidWords,
    /// The address for the descriptor, see [`PidfdAt`].
    pub pidfd: usize,
    /// The FS base for CLONE_SETTLS.
    pub tls: usize,
}

impl Start<'_> {
    /// Makes the call. Returns the child's id, in the caller only: the child calls its entry and ends.
    pub fn issue(self) -> Result<Pid> {
        let pointer = self.stack.place(self.pointer, &self.frame);
        if self.call.api == Api::Clone3 { self.clone3(pointer) } else { self.clone(pointer) }
    }

    /// Makes the call with clone(2).
    fn clone(&self, frame: usize) -> Result<Pid> {
        let (stack, stand_at) = if self.call.has_stack() { (frame, 0) } else { (0, frame) };
        let is_pidfd = self.call.flags.contains(Flags::PIDFD);
        let parent_tid = if is_pidfd { self.pidfd } else { self.tids.parent_tid.as_ptr() as usize };
        let child_tid = self.tids.child_tid.as_ptr() as usize;
        let arguments = [self.call.first_argument(), stack, parent_tid, child_tid, self.tls];
        let registers = Registers { call: nr::CLONE, arguments, stand_at };
        // SAFETY: the frame is in place, the stack belongs to this child only, and the words that the arguments name
        // are `'static`.
        Pid::answered(unsafe { make(&registers) } as usize)
    }

    /// Makes the call with clone3(2).
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
            // 0 unless the flag is set, because kernels before 5.7 have no such member and require zeros there.
            cgroup: if call.flags.contains(Flags::INTO_CGROUP) { call.cgroup } else { 0 },
        };
        let arguments = Arguments { known, rest: [0; _] };
        let registers = Registers {
            call: nr::CLONE3,
            arguments: [&raw const arguments as usize, call.size, 0, 0, 0],
            stand_at: if call.has_stack() { 0 } else { frame },
        };
        // SAFETY: as in `clone`; the struct outlives the call and is as long as the kernel ever reads.
        Pid::answered(unsafe { make(&registers) } as usize)
    }
}

/// Makes the call. Returns the child's id or a negative errno, in the caller only: the child calls its entry and ends.
///
/// # Safety
/// The child's stack pointer, from the arguments or else from `stand_at`, must be a multiple of 16 and point at a
/// [`Frame`] with enough stack below it for the entry. The stack must belong to the child alone until the kernel
/// reports the child's end. Words that the arguments name must outlive the child if the flags use them. With
/// `stand_at`, no signal handler may run during the call: the handler would run on the child's stack.
#[unsafe(naked)]
unsafe extern "C" fn make(registers: *const Registers) -> isize {
    naked_asm!(
        "mov r9, rsp",             // keep the caller's stack pointer: r9 is preserved and neither call uses it
        "mov rax, [rdi]",          // clone or clone3
        "mov rsi, [rdi + 16]",     // stack, or size
        "mov rdx, [rdi + 24]",     // parent_tid
        "mov r10, [rdi + 32]",     // child_tid: `syscall` destroys rcx, so the fourth argument is in r10
        "mov r8, [rdi + 40]",      // tls
        "mov rcx, [rdi + 48]",     // the stack pointer during the call, or 0
        "mov rdi, [rdi + 8]",      // flags, or the struct
        "test rcx, rcx",           // does the kernel give the child a stack pointer?
        "cmovnz rsp, rcx",         // if not, the child starts at the caller's: at the frame
        "syscall",                 // one task enters the kernel, two come back
        "test eax, eax",           // 0 is the child
        "jz {child}",              // the child stays on this stack
        "mov rsp, r9",             // the caller returns to its own stack
        "ret",                     // with the child's id or the negative errno
        child = sym child,
    )
}

/// The start of the child: on its own stack, at its [`Frame`]. Reached by a jump, never called.
#[unsafe(naked)]
unsafe extern "C" fn child() -> ! {
    naked_asm!(
        "xor ebp, ebp",   // the outermost frame
        "pop rax",        // entry
        "pop rdi",        // argument; rsp is a multiple of 16, as the ABI requires at a call
        "call rax",       // int entry(argument)
        "mov edi, eax",   // its result is the exit status
        "pop rax",        // exit or exit_group
        "syscall",        // the child ends here,
        "2:",             // unless a filter or a tracer refused the call:
        "mov eax, {exit}", // then end this task alone
        "syscall",        // by exit(2),
        "jmp 2b",         // and never run into the code that follows
        exit = const nr::EXIT,
    )
}
