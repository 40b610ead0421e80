//! The arguments of `chimera clone` and `chimera rules`: a call, and how to report it.
//!
//! Both commands share the options about calls, so a call is written the same way for both.

use super::form::{Known, Opt, Section, Values};
use super::misuse::{Misuse, keep};
use super::options::{Given, Options, Program, Word};
use super::output::Output;
use crate::clone::call::{Api, Call, StackOf};
use crate::clone::flags::{Flags, Version};
use crate::clone::stack;
use crate::error::{At, Failure, Step};
use crate::host::path;
use crate::host::place::Place;
use crate::rules::spelling::{self, SIGNALS, Wrong};
use crate::sys::{Result as SysResult, file};
use crate::text::read::{number, parts};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Id {
    Output(Output),
    Stable,
    Clone3,
    Flags,
    Unprivileged,
    Kernel,
    ExitSignal,
    Stack,
    Tls,
    SetTid,
    Cgroup,
    Size,
}

/// The options of both commands.
pub const OPTIONS: Section<Id> = Section {
    title: "the call",
    options: &[
        Opt::flag("--clone3", Id::Clone3, "clone3(2) instead of clone(2)"),
        Opt::value("--exit-signal", SIGNAL, Id::ExitSignal, "the signal that the parent gets when the child ends")
            .default("SIGCHLD, with CLONE_THREAD 0, which is none"),
        Opt::value("--stack", STACK, Id::Stack, "the child's stack; with none it begins at the caller's stack pointer")
            .default("65536 with CLONE_VM, else none"),
        Opt::value("--tls", ADDRESS, Id::Tls, "the thread-local storage that CLONE_SETTLS sets")
            .default("the child's first stack pointer"),
        Opt::value(
            "--set-tid",
            TIDS,
            Id::SetTid,
            "the ids that the child gets, with --clone3; that in its own namespace first",
        ),
        Opt::value("--cgroup", FOLDER, Id::Cgroup, "the child's cgroup, with --clone3 and CLONE_INTO_CGROUP"),
        Opt::value("--size", BYTES, Id::Size, "the size of the structure of clone3, with --clone3").default("88"),
    ],
};

/// `--kernel`, of `rules` alone.
pub const VERSION: Values = Values::new("X.Y", "two numbers from 0 to 255, as in 6.18");

const SIGNAL: Values =
    Values::new("SIGNAL", "a signal's name, or a number from 0 to 255, with --clone3 of up to 64 bits")
        .with(&SIGNALS)
        .of(Known::Signals);
const STACK: Values =
    Values::new("SIZE|none", "none, or a number of bytes from 0 to 65536, with CMD from 12288").with(&["none"]);
const ADDRESS: Values = Values::new("ADDRESS", "an address of up to 64 bits");
const TIDS: Values = Values::new("ID,..", "up to 40 ids from 0 to 2147483647");
const FOLDER: Values = Values::new("PATH", "the path of its folder").of(Known::Folders);
const BYTES: Values = Values::new("BYTES", "a number of bytes from 0 to 1048576");
const NUMBERS: Values = Values::new("FLAGS", "numbers of up to 64 bits, in decimal or as in 0x100");

/// What the word FLAGS means.
pub const FLAGS: &str = "\
FLAGS are names of flags, with or without CLONE_, in upper or lower case, numbers, an exit signal, and presets, in one word \
or in several, with | or , or blanks between them. The presets are fork, vfork, chimera, thread, pthread, user and \
container. In lower case vfork and thread are the presets, in upper case the flags. A number below 256 is an exit signal \
(with --clone3, 0x80 is CLONE_NEWTIME); the low byte of a larger one is the exit signal of clone(2), and with --clone3 a \
part of the flags. `chimera rules --flags` lists all flags.";

/// What the words FLAGS are, for a shell.
pub const OPERAND: Option<Values> = Some(Values::named("FLAGS").of(Known::Flags));

/// The parsed arguments.
pub struct Asked<'a> {
    /// The call.
    pub call: Call,
    /// What is written instead of the page, and the option that asks for it.
    pub output: Option<(Output, &'static str)>,
    /// `--stable`: whether ids are written by role, and addresses not at all.
    pub is_stable: bool,
    /// `--kernel`: the kernel version for which the call is judged.
    version: Option<Version>,
    /// `--unprivileged`: whether the call is judged as an ordinary user's.
    is_unprivileged: bool,
    /// The number of words up to and including `--`, if there is one.
    pub command: Option<usize>,
    /// `--flags`: whether to print the table of flags instead.
    pub lists_flags: bool,
    /// Whether there are FLAGS.
    pub has_flags: bool,
    /// The path of `--cgroup`; empty without the option.
    pub cgroup: &'a [u8],
    /// The failure that kept an option from being prepared, if any.
    pub failure: Option<Failure>,
}

/// An option that only some calls read.
struct Need {
    option: Id,
    is_met: fn(&Call) -> bool,
    /// What any other call lacks.
    lack: &'static str,
}

/// All of them.
const NEEDS: [Need; 5] = [
    Need { option: Id::SetTid, is_met: has_room, lack: "--clone3" },
    Need { option: Id::Size, is_met: has_room, lack: "--clone3" },
    Need { option: Id::Cgroup, is_met: has_room, lack: "--clone3" },
    Need {
        option: Id::Cgroup,
        is_met: |call| call.flags.contains(Flags::INTO_CGROUP),
        lack: "CLONE_INTO_CGROUP among FLAGS",
    },
    Need { option: Id::Tls, is_met: |call| call.flags.contains(Flags::SETTLS), lack: "CLONE_SETTLS among FLAGS" },
];

/// Whether the call has the structure of clone3(2).
fn has_room(call: &Call) -> bool {
    call.api == Api::Clone3
}

/// The largest `--size`, far beyond the page that the kernel accepts.
const LONGEST: usize = 1 << 20;

/// The ids of `--set-tid`: room for more than the 32 that the kernel accepts.
static IDS: [AtomicU32; 40] = [const { AtomicU32::new(0) }; 40];

/// Parses the words after the command; an error is the word that makes no sense.
pub fn parse<'a>(
    table: &'static [Section<Id>],
    program: Program,
    words: impl Iterator<Item = &'a [u8]> + Clone,
) -> Result<Asked<'a>, Misuse<'a>> {
    let mut asked = Asked {
        call: Call::usual(Api::Clone, Flags::empty()),
        output: None,
        is_stable: false,
        version: None,
        is_unprivileged: false,
        command: None,
        lists_flags: false,
        has_flags: false,
        cgroup: b"",
        failure: None,
    };
    let mut signal = None;
    let mut options = Options::new(table, program, words.clone());
    for word in &mut options {
        match word? {
            Word::Plain(_) => asked.has_flags = true,
            Word::Option(Id::ExitSignal, given) => {
                signal = Some((spelling::signal(given.text()).ok_or(given.wrong())?, given));
            }
            Word::Option(option, given) => asked.set(option, given)?,
        }
    }
    asked.command = options.is_at_dashes().then_some(options.read());
    if asked.has_flags {
        let mut plain = Options::new(table, program, words.clone()).filter_map(|word| match word {
            Ok(Word::Plain(word)) => Some(word),
            _ => None,
        });
        // Last, because `--clone3` may follow.
        spelling::parse(&mut plain, &mut asked.call).map_err(misuse)?;
    }
    if let Some((number, given)) = signal {
        // clone(2) has room for one byte.
        if asked.call.api == Api::Clone && number > 0xff {
            return Err(given.wrong());
        }
        asked.call.exit_signal = number as u64;
    }
    have_effect(&asked.call, Options::new(table, program, words))?;
    Ok(asked)
}

/// What is wrong with FLAGS.
pub fn misuse(wrong: Wrong<'_>) -> Misuse<'_> {
    match wrong {
        Wrong::Name(word) => {
            Misuse::Unknown { what: "flag, preset or signal", word, near: spelling::near(word, &|_| true) }
        }
        Wrong::Number(word) => Misuse::Value("FLAGS", NUMBERS, word),
        Wrong::Separator(word) => Misuse::Separator(word),
        Wrong::Nothing(word) => Misuse::Unknown { what: "flag, preset or signal", word, near: None },
    }
}

/// Checks that the call reads each of the options; an error is the first that it does not read.
fn have_effect<'a>(call: &Call, options: Options<'a, Id, impl Iterator<Item = &'a [u8]>>) -> Result<(), Misuse<'a>> {
    for word in options {
        let Word::Option(option, given) = word? else { continue };
        if let Some(need) = NEEDS.iter().find(|need| need.option == option && !(need.is_met)(call)) {
            return Err(Misuse::Needs(given.form.long, need.lack));
        }
    }
    Ok(())
}

impl<'a> Asked<'a> {
    /// The place for which the call is judged.
    pub fn place(&self) -> Place {
        let is_unprivileged = self.is_unprivileged;
        match self.version {
            Some(version) => Place { version, is_here: false, is_unprivileged },
            None => Place { is_unprivileged, ..Place::here() },
        }
    }

    /// Sets an option.
    fn set(&mut self, option: Id, given: Given<'a>) -> Result<(), Misuse<'a>> {
        let value = given.text();
        let up_to = |most: usize| number(value).filter(|number| *number <= most).ok_or(given.wrong());
        match option {
            Id::ExitSignal => {} // handled before
            Id::Clone3 => self.call.api = Api::Clone3,
            Id::Stable => self.is_stable = true,
            Id::Output(output) => keep(&mut self.output, output, given.form.long)?,
            Id::Flags => self.lists_flags = true,
            Id::Unprivileged => self.is_unprivileged = true,
            Id::Kernel => self.version = Some(version(value).ok_or(given.wrong())?),
            Id::Stack if value == b"none" => self.call.stack = StackOf::Caller,
            Id::Stack => self.call.stack = StackOf::Own(up_to(stack::SIZE)?),
            Id::Tls => self.call.tls = Some(up_to(usize::MAX)?),
            Id::SetTid => self.call.set_tid = ids(value).ok_or(given.wrong())?,
            Id::Cgroup => {
                self.cgroup = value;
                match cgroup(value).at(Step::OpenCgroup) {
                    Ok(cgroup) => self.call.cgroup = cgroup,
                    Err(failure) => self.failure = Some(failure),
                }
            }
            Id::Size => self.call.size = up_to(LONGEST)?,
        }
        Ok(())
    }
}

/// Parses a kernel version, `X.Y`.
fn version(value: &[u8]) -> Option<Version> {
    let mut numbers = parts(value, b".").map(number);
    let (major, minor) = (numbers.next()??.try_into().ok()?, numbers.next()??.try_into().ok()?);
    numbers.next().is_none().then_some(Version { major, minor })
}

/// Parses a list of ids. The kernel reads each as a signed number, which must not be negative.
fn ids(value: &[u8]) -> Option<&'static [AtomicU32]> {
    let mut count = 0;
    for part in parts(value, b",") {
        let id = number(part).filter(|id| *id <= i32::MAX as usize)?;
        IDS.get(count)?.store(id as u32, Relaxed);
        count += 1;
    }
    Some(&IDS[..count])
}

/// Opens a cgroup, for the rest of the program's life.
fn cgroup(value: &[u8]) -> SysResult<u64> {
    path::with(&[value], |path| file::open(path, file::O_PATH)).map(|folder| folder.leave().number() as u64)
}
