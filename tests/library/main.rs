//! The tests that link the library: what is held against it is compiled, so that they are run in both profiles.
//!
//! The Makefile lists the programs of which this holds; all else is compiled once, and runs the ELF.

#[path = "../common/mod.rs"]
mod common;

mod again;
mod answers;
mod arithmetic;
mod causes;
mod costs;
mod docs;
mod explain;
mod initial;
mod merge;
mod numbers;
mod options;
mod parsers;
mod pictures;
mod provoked;
mod quiz;
mod rooms;
mod sweep;
mod text;
mod units;
