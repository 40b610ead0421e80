//! Proving what two tasks share: the kernel's word and the tasks' own behaviour, side by side.

pub mod behaviour;
pub mod board;
pub mod effects;
pub mod kernel;
pub mod laboratory;
pub mod pair;
pub mod resource;
pub mod root;
pub mod trial;
pub mod verdict;
