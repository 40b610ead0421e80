//! The reports of `inspect`: a page with a line per process, a summary of the machine, JSON, pictures.

pub mod all;
pub mod files;
pub mod foot;
pub mod json;
pub mod lines;
pub mod page;
pub mod pair;
pub mod picture;
pub mod svg;
