//! `_start`: from the kernel's initial stack to Rust.
//!
//! Five instructions; everything else is Rust. The function is naked because the kernel *jumps* to it: there is no
//! return address on the stack, which a compiled prologue would expect.

use chimera::sys::initial::InitialStack;
use core::arch::naked_asm;

/// The first instruction of the process. The kernel enters with `rsp` a multiple of 16, pointing at argc.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp",   // the outermost frame: debuggers stop where rbp is 0
        "mov rdi, rsp",   // first argument: where the kernel put argc, argv, envp, auxv
        "and rsp, -16",   // already so by the ABI; a tracer may have started us otherwise
        "call {entry}",   // pushes a return address, as compiled code expects
        "ud2",            // entry never returns
        entry = sym entry,
    )
}

/// Continues in Rust: runs the program and ends the process with its status.
extern "C" fn entry(initial: *const usize) -> ! {
    debug_assert!(initial.is_aligned());
    // SAFETY: `_start` passes the initial stack pointer, and nothing has written to that memory since.
    let stack = unsafe { InitialStack::new(initial) };
    chimera::sys::process::exit_group(crate::main(&stack))
}
