#![doc = include_str!("../README.md")]
#![no_std]
#![deny(unsafe_code)]
#![warn(missing_docs)]

#[cfg(feature = "laboratory")]
extern crate alloc;

pub mod cli;
pub mod clone;
pub mod report;
pub mod sys;
pub mod witness;
