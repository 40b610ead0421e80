//! What a libc would have done: entry, memory functions, heap, panic.
//!
//! Unsafety held here: the first instructions of the process, raw memory functions that the compiler itself calls,
//! and the one global allocator.
#![allow(unsafe_code, reason = "the entry, the memory functions and the allocator cannot be written without it")]

mod entry;
mod heap;
mod memory;
mod panic;

/// The exit status of a process that cannot go on.
const FAILED: i32 = 1;
