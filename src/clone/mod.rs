//! Making tasks: the flags, the call in assembly, stacks by hand, and a handle that joins.

pub mod call;
pub mod flags;
pub mod place;
pub mod raw;
pub mod rules;
pub mod spelling;
pub mod stack;
pub mod task;
