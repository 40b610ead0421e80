//! The exit statuses of the commands.

/// Exit statuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// Every claim is proven.
    Proven = 0,
    /// A claim is disproven, or a step failed.
    Failed = 1,
    /// The command line was not understood.
    Usage = 2,
    /// The kernel refused the call as predicted.
    Refused = 3,
    /// Refused on this machine, or a requested flag could not be observed.
    Skipped = 4,
}
