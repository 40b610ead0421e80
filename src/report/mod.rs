//! Reports: pages for people, lines for machines, and how each type is shown.

pub mod advice;
pub mod bench;
pub mod check;
pub mod explain;
pub mod inspect;
pub mod json;
pub mod laboratory;
pub mod legend;
pub mod lesson;
pub mod look;
pub mod names;
pub mod outcome;
pub mod page;
pub mod picture;
pub mod quiz;
pub mod rules;
pub mod show;
pub mod table;
pub mod task;
