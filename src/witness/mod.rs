//! Proving what two tasks share: what the kernel says, and how the tasks behave.

pub mod behaviour;
pub mod effects;
pub mod kernel;
pub mod pair;
pub mod resource;
pub mod root;
pub mod verdict;
