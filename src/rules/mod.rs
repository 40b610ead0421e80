//! The rules of the kernel: which calls it refuses and why, and how a call may be written.

pub mod rule;
pub mod spelling;
