//! Making tasks: the flags, the call in assembly, stacks by hand, and a handle that joins.

pub mod call;
pub mod flags;
#[cfg(feature = "laboratory")]
pub mod place;
pub mod raw;
#[cfg(feature = "laboratory")]
pub mod rules;
#[cfg(feature = "laboratory")]
pub mod spelling;
pub mod stack;
pub mod task;
