//! Telling: the printer, the pages for people, the lines for machines.

#[cfg(feature = "laboratory")]
pub mod json;
#[cfg(feature = "laboratory")]
pub mod laboratory;
pub mod print;
#[cfg(feature = "laboratory")]
pub mod table;
pub mod text;
