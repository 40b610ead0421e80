//! Proving what two tasks share: the kernel's word and the tasks' own behaviour, side by side.

pub mod behaviour;
pub mod effects;
pub mod kernel;
pub mod pair;
pub mod resource;
pub mod root;
pub mod verdict;
