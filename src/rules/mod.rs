//! The kernel's rules: which calls it refuses and why, and what helps; and the spelling of calls.

pub mod amend;
pub mod expected;
pub mod question;
pub mod rule;
pub mod spelling;
