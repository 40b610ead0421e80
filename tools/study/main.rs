//! The study tool: what `make size`, `make elf`, `make asm` and `make strace` print.
//!
//! What is measured is the file that ships. It is stripped, so names and source lines are read
//! from a twin of it, and only after every byte that the kernel loads has been found equal in both (`same`).
//! A study ends with a status: 0 if all that it looked at is as it must be, 1 if not.
#![forbid(unsafe_code)]

mod asm;
mod elf;
mod image;
mod lesson;
mod objdump;
mod same;
mod size;
mod trace;

use image::Image;
use std::io::Write;
use std::process::ExitCode;

/// What a study came to: a text to read, and what is wrong, if so.
pub struct Report {
    /// The text, for fd 1.
    pub text: String,
    /// What is wrong.
    pub fault: Option<String>,
}

/// A study, or why there is none.
pub type Result<T> = std::result::Result<T, String>;

/// The words of the command line; a study gets the words behind its name.
type Study = fn(&[String]) -> Result<Report>;
const STUDIES: [(&str, &str, Study); 7] = [
    ("same", "SHIPPED TWIN", |words| same::study(&open(words, 0)?, &open(words, 1)?)),
    ("size", "SHIPPED TWIN", |words| size::study(&open(words, 0)?, &open(words, 1)?)),
    ("asm", "SHIPPED TWIN", |words| asm::study(&open(words, 0)?, &open(words, 1)?)),
    ("elf", "SHIPPED", |words| elf::study(&open(words, 0)?)),
    ("lesson", "SHIPPED TWIN", |words| lesson::assembly(&open(words, 0)?, &open(words, 1)?)),
    ("lesson-trace", "SHIPPED MODE", |words| lesson::trace(&words[0], &words[1])),
    ("trace", "SHIPPED MODE", |words| trace::study(&words[0], &words[1])),
];

fn open(words: &[String], place: usize) -> Result<Image> {
    Image::read(&words[place])
}

fn usage() -> String {
    let lines = STUDIES.map(|(name, words, _)| format!("\n  study {name} {words}"));
    format!("usage:{}", lines.concat())
}

fn run(words: &[String]) -> Result<Report> {
    let (name, rest) = words.split_first().ok_or_else(usage)?;
    let fits = |(known, operands, _): &&(&str, &str, Study)| known == name && operands.split(' ').count() == rest.len();
    let (_, _, study) = STUDIES.iter().find(fits).ok_or_else(usage)?;
    study(rest)
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (text, fault) = match run(&words) {
        Ok(Report { text, fault }) => (text, fault),
        Err(reason) => (String::new(), Some(reason)),
    };
    // One write at the end: a reader that has gone away, such as a pager, is no fault.
    let _ = std::io::stdout().write_all(text.as_bytes());
    match fault {
        None => ExitCode::SUCCESS,
        Some(fault) => {
            eprintln!("study: {fault}");
            ExitCode::FAILURE
        }
    }
}
