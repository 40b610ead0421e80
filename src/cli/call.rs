//! The words of `chimera clone` and `chimera rules`: a call, and what is to be said of it.
//!
//! The decision behind it: both commands read the same table of options, so a call is written the same way for both.

use super::clone::Form;
use crate::clone::call::{Api, Call, NO_CGROUP, StackOf};
use crate::clone::flags::Flags;
use crate::clone::place::Place;
use crate::clone::{spelling, stack};
use crate::sys::file;
use crate::words::Text;
use core::ffi::CStr;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What was asked for.
pub struct Asked<'a> {
    /// The call.
    pub call: Call,
    /// How its result is to be told.
    pub form: Form,
    /// Where it would be made, for `rules`.
    pub place: Place,
    /// The words behind `--`, by how many words stand before them.
    pub command: Option<usize>,
    /// What else: a table to print, or the help.
    pub instead: Option<Text>,
    /// The word with the flags.
    pub word: Option<&'a [u8]>,
}

/// The options: the name, and whether a value follows.
static OPTIONS: [(Text, bool); 14] = [
    (Text::OptionHelp, false),
    (Text::OptionClone3, false),
    (Text::OptionJson, false),
    (Text::OptionDot, false),
    (Text::OptionGraph, false),
    (Text::OptionFlags, false),
    (Text::OptionUnprivileged, false),
    (Text::OptionKernel, true),
    (Text::OptionExitSignal, true),
    (Text::OptionStack, true),
    (Text::OptionTls, true),
    (Text::OptionSetTid, true),
    (Text::OptionCgroup, true),
    (Text::OptionSize, true),
];

/// The ids of `--set-tid`: one more than the kernel takes can be written, and a few.
static IDS: [AtomicU32; 40] = [const { AtomicU32::new(0) }; 40];

/// Reads the words behind the command; an error is the word that makes no sense.
pub fn parse<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> Result<Asked<'a>, &'a [u8]> {
    let mut asked = Asked {
        call: Call::usual(Api::Clone, Flags::empty()),
        form: Form::Page,
        place: Place::here(),
        command: None,
        instead: None,
        word: None,
    };
    let (mut read, mut signal) = (0, None);
    while let Some(word) = words.next() {
        read += 1;
        if word == b"--" {
            asked.command = Some(read);
            break;
        }
        if !word.starts_with(b"--") {
            if asked.word.replace(word).is_some() {
                return Err(word);
            }
            continue;
        }
        let mut halves = word.splitn(2, |byte| *byte == b'=');
        let name = halves.next().unwrap_or_default();
        let (option, takes_value) = *OPTIONS.iter().find(|(known, _)| known.bytes() == name).ok_or(word)?;
        let value = match halves.next() {
            Some(_) if !takes_value => return Err(word),
            None if takes_value => {
                read += 1;
                words.next().ok_or(word)?
            }
            value => value.unwrap_or_default(),
        };
        if option == Text::OptionExitSignal {
            signal = Some(spelling::signal(value).ok_or(word)?);
        } else {
            asked.take(option, value).ok_or(word)?;
        }
    }
    if let Some(word) = asked.word {
        spelling::read(word, &mut asked.call)?;
    }
    asked.call.exit_signal = signal.unwrap_or(asked.call.exit_signal);
    Ok(asked)
}

impl Asked<'_> {
    /// Takes an option; none if its value makes no sense.
    fn take(&mut self, option: Text, value: &[u8]) -> Option<()> {
        let number = || spelling::number(value);
        match option {
            Text::OptionClone3 => self.call.api = Api::Clone3,
            Text::OptionJson => self.form = Form::Json,
            Text::OptionDot => self.form = Form::Dot,
            Text::OptionGraph => self.form = Form::Graph,
            Text::OptionUnprivileged => self.place.is_unprivileged = true,
            Text::OptionKernel => {
                let mut numbers = value.split(|byte| *byte == b'.').map(spelling::number);
                self.place.version = [numbers.next()??.try_into().ok()?, numbers.next()??.try_into().ok()?];
                self.place.is_here = false;
            }
            Text::OptionStack if value == b"none" => self.call.stack = StackOf::Caller,
            Text::OptionStack => {
                self.call.stack = StackOf::Own(number().filter(|size| *size <= stack::SIZE as u64)? as usize);
            }
            Text::OptionTls => self.call.tls = Some(number()? as usize),
            Text::OptionSetTid => self.call.set_tid = ids(value)?,
            Text::OptionCgroup => self.call.cgroup = cgroup(value)?,
            Text::OptionSize => self.call.size = number().filter(|size| *size <= 1 << 20)? as usize,
            _ => self.instead = Some(option),
        }
        Some(())
    }
}

/// The ids of a list.
fn ids(value: &[u8]) -> Option<&'static [AtomicU32]> {
    let mut count = 0;
    for part in value.split(|byte| *byte == b',') {
        IDS.get(count)?.store(spelling::number(part)?.try_into().ok()?, Relaxed);
        count += 1;
    }
    IDS.get(..count)
}

/// An open descriptor of a cgroup, which lives as long as the program; one that cannot be opened is as none.
fn cgroup(value: &[u8]) -> Option<u64> {
    let mut room = [0; 4096];
    room.get_mut(..value.len())?.copy_from_slice(value);
    let path = CStr::from_bytes_until_nul(&room).ok()?;
    Some(file::open(path, file::O_PATH).ok().map_or(NO_CGROUP, |fd| fd as u64))
}
