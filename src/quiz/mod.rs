//! The quiz: questions on calls, drawn from a seed, and the proof of each answer by the tasks of the laboratory.

pub mod draw;
pub mod evidence;
pub mod kind;
pub mod kinds;
pub mod proof;
pub mod random;
