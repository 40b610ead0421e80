//! What a command writes instead of its page.

use crate::report::picture::Language;

/// The forms of a report that are no page: nothing else is written then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    /// `--json`: objects for programs, one a line.
    Json,
    /// `--graph`, `--svg`, `--dot` or `--mermaid`: a picture.
    Picture(Language),
}
