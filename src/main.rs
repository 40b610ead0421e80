//! The freestanding program: what connects the kernel to [`chimera::cli`].
//!
//! Everything that ordinary tests can reach is in the library. This crate holds only what exists once per process:
//! entry, panic handler, allocator, memory functions.
#![no_std]
#![no_main]
#![deny(unsafe_code)]

mod start;

use chimera::sys::initial::InitialStack;

/// Called once, on a spare stack, before anything is done on the initial one: the exit status if that one is too small.
fn refuse(stack: &InitialStack) -> Option<i32> {
    chimera::cli::stack::refuse(stack)
}

/// Called once, by way of `_start`, with the initial stack; returns the exit status.
fn main(stack: &InitialStack) -> i32 {
    chimera::cli::main(stack)
}
