//! `chimera check`: whether this kernel keeps the rules, and honours what it accepts.
//!
//! A group has leaves, and a leaf has cases. A case asks the kernel one thing and compares the answer with what the
//! rules expect. Most cases are asked in a worker, a process of the check's own, so neither a kernel that crashes a
//! task nor a filter that kills one ends the check. The worker leaves counts and deviations on a board, and prints
//! nothing.

pub mod args;
pub mod case;
pub mod decisive;
pub mod ground;
pub mod group;
pub mod honour;
pub mod init;
pub mod judge;
pub mod leaf;
pub mod merge;
pub mod order;
mod own;
pub mod pairs;
pub mod rules;
pub mod skip;
pub mod step;
pub mod sum;
pub mod sweep;
pub mod userns;
pub mod wait;
mod want;
pub mod worker;
