#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub mod bench;
pub mod board;
pub mod check;
pub mod cli;
pub mod clone;
pub mod error;
pub mod experiment;
pub mod explain;
pub mod host;
pub mod inspect;
pub mod quiz;
pub mod report;
pub mod rules;
pub mod run;
pub mod sys;
pub mod text;
pub mod witness;
