//! Making tasks: the flags, the call in assembly, the stacks, and the handles that join, kill and reap.

pub mod asm;
pub mod attempt;
pub mod bare;
pub mod call;
pub mod flags;
pub mod process;
pub mod stack;
pub mod task;
