//! `chimera check --merge`: reads what sweeps have written, and adds it up.

use super::refusal::{self, About};
use super::status::Status;
use crate::check::merge::fault::Refusal;
use crate::check::merge::union::{Total, Union};
use crate::clone::flags::Flags;
use crate::error::{At, Failure, Step};
use crate::host::filter;
use crate::host::path;
use crate::host::proc::Own;
use crate::report::check::merge::{Files, Told, each_remedy, write};
use crate::report::page::{Console, Page};
use crate::sys::{Errno, RawFd, file};
use crate::text::out;
use alloc::vec::Vec;

/// How many bytes are read at once.
const ROOM: usize = 4096;

/// Why there is no sum.
enum Why {
    /// A step failed, at this file.
    Failed(Failure, &'static [u8]),
    /// The outputs are not added up.
    Refused(Refusal),
}

/// Adds up these files, and writes the sum.
pub fn merge(console: &mut Console, files: impl Iterator<Item = &'static [u8]>) -> Status {
    let files: Vec<_> = files.collect();
    filter::avoid_deadly_calls(&Own::read());
    match sum(&files) {
        Ok(total) => {
            write(&mut console.out, &total, Files(&files));
            Status::of_check(total.tally.outcome())
        }
        Err(Why::Failed(failure, file)) => {
            refusal::explain(console, About::Word(Flags::empty().into(), file), failure);
            Status::Failed
        }
        Err(Why::Refused(refusal)) => {
            explain(&mut console.err, &refusal, Files(&files));
            Status::Failed
        }
    }
}

/// Reads all files.
fn sum(files: &[&'static [u8]]) -> Result<Total, Why> {
    let mut union = Union::new();
    for name in files {
        if *name == b"-" {
            read(&mut union, RawFd::IN, name)?;
        } else {
            let file = path::with(&[name], |path| file::open(path, file::O_RDONLY | file::O_NOCTTY));
            let file = file.at(Step::OpenSweep).map_err(|failure| Why::Failed(failure, name))?;
            read(&mut union, file.raw(), name)?;
        }
        union.end_file().map_err(Why::Refused)?;
    }
    union.total().map_err(Why::Refused)
}

/// Reads a file to its end.
fn read(union: &mut Union, file: RawFd, name: &'static [u8]) -> Result<(), Why> {
    let mut room = [0; ROOM];
    loop {
        match file::read(file, &mut room) {
            Ok(0) => return Ok(()),
            Ok(count) => union.read(room.get(..count).unwrap_or_default()).map_err(Why::Refused)?,
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(Why::Failed(Failure::new(Step::ReadSweep, errno), name)),
        }
    }
}

/// Says why the outputs are not added up, and what asks the sets that are missing.
fn explain(page: &mut Page, refusal: &Refusal, files: Files) {
    let place = if matches!(refusal, Refusal::Overlap(..) | Refusal::Gaps(..)) { "merge: " } else { "merge " };
    page.message(("chimera: ", place, Told(refusal, files)));
    // What may be pasted is never broken.
    each_remedy(refusal, &mut |sweep| out!(page, "  try: ", sweep, "\n"));
}
