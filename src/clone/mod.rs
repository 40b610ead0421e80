//! Making tasks: the flags, the call in assembly, the stacks, and the handle that joins.

pub mod asm;
pub mod bare;
pub mod call;
pub mod flags;
pub mod stack;
pub mod task;
