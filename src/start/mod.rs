//! What a libc would otherwise provide: entry, memory functions, heap, panic handler.
//!
//! Unsafe code in this room: the first instructions of the process, the memory functions that compiled code calls, and
//! the global allocator.
#![allow(unsafe_code, reason = "the entry, the memory functions and the allocator need it")]

mod entry;
mod heap;
mod memory;
mod panic;

/// The exit status of a process that cannot continue.
const FAILED: i32 = 1;
