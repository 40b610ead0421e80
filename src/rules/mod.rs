//! The kernel's rules: which calls it refuses and why; and the spelling of calls.

pub mod rule;
pub mod spelling;
