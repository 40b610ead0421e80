//! The words of `chimera clone` and `chimera rules`: a call, and what is to be said of it.
//!
//! The decision behind it: both commands read the same table of options, so a call is written the same way for both.

use super::clone::Form;
use super::options::{Misuse, Options};
use crate::clone::call::{Api, Call, NO_CGROUP, StackOf};
use crate::clone::flags::Flags;
use crate::clone::place::Place;
use crate::clone::task::Failure;
use crate::clone::{spelling, stack};
use crate::scan::{self, parts};
use crate::sys::{Errno, file};
use crate::words::Text;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What was asked for.
pub struct Asked<'a> {
    /// The call.
    pub call: Call,
    /// How its result is to be told.
    pub form: Form,
    /// Where it would be made, for `rules`: on another kernel, and by an ordinary user.
    version: Option<[u8; 2]>,
    is_unprivileged: bool,
    /// The words behind `--`, by how many words stand before them.
    pub command: Option<usize>,
    /// The table to print instead.
    pub instead: Option<Text>,
    /// The word with the flags.
    pub word: Option<&'a [u8]>,
    /// What kept an option from being prepared.
    pub failure: Option<Failure>,
}

/// The ids of `--set-tid`: one more than the kernel takes can be written, and a few.
static IDS: [AtomicU32; 40] = [const { AtomicU32::new(0) }; 40];

/// Reads the words behind the command; an error is the word that makes no sense.
pub fn parse<'a>(command: u8, words: impl Iterator<Item = &'a [u8]>) -> Result<Asked<'a>, Misuse<'a>> {
    let mut asked = Asked {
        call: Call::usual(Api::Clone, Flags::empty()),
        form: Form::Page,
        version: None,
        is_unprivileged: false,
        command: None,
        instead: None,
        word: None,
        failure: None,
    };
    let mut signal = None;
    let mut options = Options::new(command, words);
    while let Some(word) = options.next() {
        let name = options.word();
        match word? {
            (Text::Nothing, word) => {
                if asked.word.replace(word).is_some() {
                    return Err(word.into());
                }
            }
            (Text::OptionExitSignal, value) => {
                let misuse = Misuse { word: name, allowed: Text::RangeSignal };
                signal = Some((spelling::signal(value).ok_or(misuse)?, misuse));
            }
            (option, value) => asked.take(option, value).map_err(|allowed| Misuse { word: name, allowed })?,
        }
    }
    asked.command = options.is_at_end().then_some(options.read);
    if let Some(word) = asked.word {
        spelling::read(word, &mut asked.call)?;
    }
    if let Some((number, misuse)) = signal {
        // clone(2) has room for a byte; which call it is, a later word may have said.
        if asked.call.api == Api::Clone && number > 0xff {
            return Err(misuse);
        }
        asked.call.exit_signal = number as u64;
    }
    Ok(asked)
}

impl Asked<'_> {
    /// The place in which the call is judged.
    pub fn place(&self) -> Place {
        let is_unprivileged = self.is_unprivileged;
        match self.version {
            Some(version) => Place { version, is_here: false, is_unprivileged },
            None => Place { is_unprivileged, ..Place::here() },
        }
    }

    /// Takes an option; an error says which values it has.
    fn take(&mut self, option: Text, value: &[u8]) -> Result<(), Text> {
        let up_to = |most: usize, allowed: Text| scan::number(value).filter(|number| *number <= most).ok_or(allowed);
        match option {
            Text::OptionClone3 => self.call.api = Api::Clone3,
            Text::OptionJson => self.form = Form::Json,
            Text::OptionDot => self.form = Form::Dot,
            Text::OptionGraph => self.form = Form::Graph,
            Text::OptionUnprivileged => self.is_unprivileged = true,
            Text::OptionKernel => self.version = Some(version(value).ok_or(Text::RangeKernel)?),
            Text::OptionStack if value == b"none" => self.call.stack = StackOf::Caller,
            Text::OptionStack => self.call.stack = StackOf::Own(up_to(stack::SIZE, Text::RangeStack)?),
            Text::OptionTls => self.call.tls = Some(up_to(usize::MAX, Text::RangeTls)?),
            Text::OptionSetTid => self.call.set_tid = ids(value).ok_or(Text::RangeTid)?,
            Text::OptionCgroup => match cgroup(value) {
                Ok(cgroup) => self.call.cgroup = cgroup,
                Err(errno) => self.failure = Some(Failure { step: Text::StepCgroup, errno }),
            },
            Text::OptionSize => self.call.size = up_to(LONGEST, Text::RangeSize)?,
            _ => self.instead = Some(option),
        }
        Ok(())
    }
}

/// How long a struct of clone3(2) may be called: far more than a page, which is the most that the kernel takes.
const LONGEST: usize = 1 << 20;

/// A version of the kernel, `X.Y`, and nothing behind it.
fn version(value: &[u8]) -> Option<[u8; 2]> {
    let mut numbers = parts(value, b".").map(scan::number);
    let version = [numbers.next()??.try_into().ok()?, numbers.next()??.try_into().ok()?];
    numbers.next().is_none().then_some(version)
}

/// The ids of a list. The kernel reads each as a number with a sign, of which none is negative.
fn ids(value: &[u8]) -> Option<&'static [AtomicU32]> {
    let mut count = 0;
    for part in parts(value, b",") {
        let id = scan::number(part).filter(|id| *id <= i32::MAX as usize)?;
        IDS.get(count)?.store(id as u32, Relaxed);
        count += 1;
    }
    IDS.get(..count)
}

/// An open descriptor of a cgroup, which lives as long as the program; one that is not there is as none.
fn cgroup(value: &[u8]) -> Result<u64, Errno> {
    match file::at(&[value], &mut |path| file::open(path, file::O_PATH)).split() {
        Ok(fd) => Ok(fd as u64),
        Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ENAMETOOLONG) => Ok(NO_CGROUP),
        Err(errno) => Err(errno),
    }
}
