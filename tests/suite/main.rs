//! The tests that run the ELF, whichever the environment names (CHIMERA): all in one program, which is built once.
//!
//! Nothing in here depends on being alone in its process or on this machine, so that all run side by
//! side. What needs the process for itself is a program of its own beside this folder.

#[path = "../common/mod.rs"]
mod common;

mod baseline;
mod bench;
mod binfmt;
mod causes;
mod check;
mod columns;
mod command;
mod counts;
mod doctor;
mod drop;
mod elf;
mod environment;
mod exercise;
mod explain;
mod faults;
mod generate;
mod honour;
mod init;
mod inspect;
mod json;
mod keep;
mod killed;
mod lab;
mod limits;
mod live;
mod lying;
mod merge;
mod modes;
mod owner;
mod pages;
mod picture;
mod places;
mod quiz;
mod raised;
mod readme;
mod refused;
mod rules;
mod run;
mod sandbox;
mod schema;
mod start;
mod strace;
mod sweep;
mod terminal;
mod usage;
mod userns;
mod ways;
