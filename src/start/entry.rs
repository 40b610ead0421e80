//! `_start`: from the kernel's initial stack to Rust.
//!
//! A few instructions; everything else is Rust. The function is naked because the kernel *jumps* to it: there is no
//! return address on the stack, which a compiled prologue would expect.

use chimera::sys::initial::InitialStack;
use chimera::sys::process::exit_group;
use core::arch::naked_asm;
use core::cell::UnsafeCell;

/// The size of the spare stack, in bytes: [`look`] uses 500, and 1,700 in a build without optimising. Less than a page,
/// so that the stack and all variables that a start writes to lie in one (linker.ld).
const SPARE: usize = 3072;

/// A stack for the look at the initial one, which may be too small even for that.
#[repr(C, align(16))]
struct Spare(UnsafeCell<[u8; SPARE]>);

// SAFETY: only the first task uses it, before there is any other.
unsafe impl Sync for Spare {}

static STACK: Spare = Spare(UnsafeCell::new([0; SPARE]));

/// The first instruction of the process. The kernel enters with `rsp` a multiple of 16, pointing at argc.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp",                      // the outermost frame: debuggers stop where rbp is 0
        "mov rdi, rsp",                      // first argument: where the kernel put argc, argv, envp, auxv
        "lea rsp, [rip + {spare} + {size}]", // a call may be too much for the kernel's stack, so not yet on that
        "call {look}",                       // returns what it was given
        "mov rdi, rax",                      // the same argument,
        "mov rsp, rax",                      // and from here on the kernel's stack
        "and rsp, -16",                      // already so by the ABI; a tracer may have started us otherwise
        "call {entry}",                      // pushes a return address, as compiled code expects
        "ud2",                               // entry never returns
        spare = sym STACK,
        size = const SPARE,
        look = sym look,
        entry = sym entry,
    )
}

/// Ends the process if the initial stack is too small for the program; otherwise returns that stack.
extern "C" fn look(initial: *const usize) -> *const usize {
    // SAFETY: `_start` passes the initial stack pointer, and nothing has written to that memory since.
    let stack = unsafe { InitialStack::new(initial) };
    if let Some(status) = crate::refuse(&stack) {
        exit_group(status);
    }
    initial
}

/// Continues in Rust: runs the program and ends the process with its status.
extern "C" fn entry(initial: *const usize) -> ! {
    debug_assert!(initial.is_aligned());
    // SAFETY: `_start` passes the initial stack pointer, and nothing has written to that memory since.
    let stack = unsafe { InitialStack::new(initial) };
    exit_group(crate::main(&stack))
}
