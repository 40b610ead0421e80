//! Adding up what sweeps have written: outputs of one kernel that have each set once, and leave none out.
//!
//! Every byte of an output is read as if somebody else had written it. Nothing here opens a file: the command does.

pub mod fault;
pub mod gap;
pub mod head;
pub mod line;
pub mod output;
pub mod union;
