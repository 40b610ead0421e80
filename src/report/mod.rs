//! Telling: the printer, the pages for people, the lines for machines.

pub mod json;
pub mod laboratory;
pub mod print;
pub mod table;
pub mod text;
