//! Making tasks in order to examine them: the four modes, and the laboratory for any call. Both produce
//! [`findings::Findings`].

pub mod findings;
pub mod laboratory;
pub mod tracing;
pub mod trial;

mod deadline;
mod examiner;
mod subject;
