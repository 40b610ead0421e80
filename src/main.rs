//! The freestanding program: what stands between the kernel and [`chimera::cli`].
//!
//! Everything that can be tested by ordinary means is in the library; here is only what exists once in a process (entry,
//! panic handler, allocator, memory functions).
#![no_std]
#![no_main]
#![deny(unsafe_code)]

mod start;

use chimera::sys::initial::InitialStack;

/// Called once by `_start` with what the kernel put on the initial stack; the answer is the exit status.
fn main(stack: &InitialStack) -> i32 {
    chimera::cli::main(stack)
}
