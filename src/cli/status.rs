//! The exit statuses of the commands.

/// Exit statuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Made, and every claim proven.
    Proven = 0,
    /// Something is not as claimed, or failed.
    Failed = 1,
    /// The command line was not understood.
    Usage = 2,
    /// Refused by the kernel, as predicted.
    Refused = 3,
    /// Nothing could be tested here.
    Skipped = 4,
}
