//! Making tasks to look at them: the four modes, and the laboratory for any call. Both come to [`findings::Findings`].

pub mod findings;
pub mod laboratory;
pub mod trial;
