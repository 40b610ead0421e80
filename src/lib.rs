#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod bench;
pub mod cli;
pub mod clone;
pub mod report;
pub mod run;
pub mod scan;
pub mod sys;
pub mod witness;
pub mod words;
