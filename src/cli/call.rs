//! The arguments of `chimera clone` and `chimera rules`: a call, and how to report it.
//!
//! Both commands share the options about calls, so a call is written the same way for both.

use super::options::{Misuse, Opt, Options, Word};
use crate::clone::call::{Api, Call, StackOf};
use crate::clone::flags::{Flags, Version};
use crate::clone::stack;
use crate::error::{At, Failure, Step};
use crate::host::path;
use crate::host::place::Place;
use crate::rules::spelling;
use crate::sys::{Result as SysResult, file};
use crate::text::read::{number, parts};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Id {
    Help,
    Json,
    Clone3,
    Dot,
    Graph,
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

/// Both commands have this option and those below: the help page.
pub const HELP: Opt<Id> = Opt::help(Id::Help);
/// The call.
pub const CLONE3: Opt<Id> = Opt::flag("--clone3", Id::Clone3, "clone3(2) instead of clone(2)");
/// The signal that the child's end sends to the parent.
pub const EXIT_SIGNAL: Opt<Id> =
    Opt::value("--exit-signal", "SIGNAL", Id::ExitSignal, "the signal to the parent when the child ends");
/// The child's stack.
pub const STACK: Opt<Id> =
    Opt::value("--stack", "SIZE|none", Id::Stack, "the child's stack: 0 to 65536 bytes, or none");
/// The child's thread-local storage.
pub const TLS: Opt<Id> = Opt::value("--tls", "ADDRESS", Id::Tls, "the address for CLONE_SETTLS");
/// The child's ids.
pub const SET_TID: Opt<Id> =
    Opt::value("--set-tid", "ID,..", Id::SetTid, "the child's ids in its PID namespaces (clone3)");
/// The child's cgroup.
pub const CGROUP: Opt<Id> = Opt::value("--cgroup", "PATH", Id::Cgroup, "the folder of the child's cgroup (clone3)");
/// The size of clone3's structure.
pub const SIZE: Opt<Id> = Opt::value("--size", "BYTES", Id::Size, "the size of the structure of clone3");

/// What the word FLAGS means.
pub const FLAGS: &str = "\
FLAGS are names of flags, with or without CLONE_, in upper or lower case,
numbers, an exit signal and presets, with | or , between them. The presets are
fork, vfork, chimera, thread, pthread, user and container. In lower case vfork
and thread are the presets. `chimera rules --flags` lists all flags.";

/// The form of the report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A page for people.
    Page,
    /// `--json`
    Json,
    /// `--dot`
    Dot,
    /// `--graph`
    Graph,
}

/// The parsed arguments.
pub struct Asked<'a> {
    /// The call.
    pub call: Call,
    /// The form of the report.
    pub form: Form,
    /// `--kernel`: the kernel version for which the call is judged.
    version: Option<Version>,
    /// `--unprivileged`: whether the call is judged as an ordinary user's.
    is_unprivileged: bool,
    /// The number of words up to and including `--`, if there is one.
    pub command: Option<usize>,
    /// `--flags`: whether to print the table of flags instead.
    pub lists_flags: bool,
    /// The word with the flags.
    pub word: Option<&'a [u8]>,
    /// The path of `--cgroup`; empty without the option.
    pub cgroup: &'a [u8],
    /// The failure that kept an option from being prepared, if any.
    pub failure: Option<Failure>,
}

/// The valid values of options.
const VALID_SIGNAL: &str = "it takes a name, or a number from 0 to 255; of clone3 up to 64 bits";
const VALID_STACK: &str = "it takes none, or a number of bytes from 0 to 65536";
const VALID_TLS: &str = "it takes an address of up to 64 bits";
const VALID_TID: &str = "it takes up to 40 ids from 0 to 2147483647";
const VALID_SIZE: &str = "it takes a number of bytes from 0 to 1048576";
const VALID_KERNEL: &str = "it takes two numbers from 0 to 255, as in 6.18";
const VALID_FORM: &str = "a report has one form, --json, --dot or --graph";

/// An option that only some calls read.
struct Need {
    option: Id,
    is_met: fn(&Call) -> bool,
    /// What any other call lacks.
    lack: &'static str,
}

/// All of them.
const NEEDS: [Need; 5] = [
    Need { option: Id::SetTid, is_met: has_room, lack: "clone(2) has no room for it: add --clone3" },
    Need { option: Id::Size, is_met: has_room, lack: "clone(2) has no structure: add --clone3" },
    Need { option: Id::Cgroup, is_met: has_room, lack: "clone(2) has no room for it: add --clone3" },
    Need {
        option: Id::Cgroup,
        is_met: |call| call.flags.contains(Flags::INTO_CGROUP),
        lack: "only CLONE_INTO_CGROUP reads it: add INTO_CGROUP",
    },
    Need {
        option: Id::Tls,
        is_met: |call| call.flags.contains(Flags::SETTLS),
        lack: "only CLONE_SETTLS reads it: add SETTLS",
    },
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
    table: &'static [Opt<Id>],
    words: impl Iterator<Item = &'a [u8]> + Clone,
) -> Result<Asked<'a>, Misuse<'a>> {
    let mut asked = Asked {
        call: Call::usual(Api::Clone, Flags::empty()),
        form: Form::Page,
        version: None,
        is_unprivileged: false,
        command: None,
        lists_flags: false,
        word: None,
        cgroup: b"",
        failure: None,
    };
    let mut signal = None;
    let mut options = Options::new(table, words.clone());
    while let Some(word) = options.next() {
        let name = options.word();
        match word? {
            Word::Plain(word) => {
                if asked.word.replace(word).is_some() {
                    return Err(word.into());
                }
            }
            Word::Option(Id::ExitSignal, value) => {
                let misuse = Misuse { word: name, allowed: Some(VALID_SIGNAL) };
                signal = Some((spelling::signal(value).ok_or(misuse)?, misuse));
            }
            Word::Option(option, value) => {
                asked.set(option, value).map_err(|allowed| Misuse { word: name, allowed: Some(allowed) })?;
            }
        }
    }
    asked.command = options.is_at_end().then_some(options.read);
    if let Some(word) = asked.word {
        spelling::parse(word, &mut asked.call)?;
    }
    if let Some((number, misuse)) = signal {
        // clone(2) has room for one byte; this is checked last, because `--clone3` may follow `--exit-signal`.
        if asked.call.api == Api::Clone && number > 0xff {
            return Err(misuse);
        }
        asked.call.exit_signal = number as u64;
    }
    have_effect(&asked.call, Options::new(table, words))?;
    Ok(asked)
}

/// Checks that the call reads each of the options; an error is the first that it does not read.
fn have_effect<'a>(
    call: &Call,
    mut options: Options<'a, Id, impl Iterator<Item = &'a [u8]>>,
) -> Result<(), Misuse<'a>> {
    while let Some(word) = options.next() {
        let Word::Option(option, _) = word? else { continue };
        if let Some(need) = NEEDS.iter().find(|need| need.option == option && !(need.is_met)(call)) {
            return Err(Misuse { word: options.word(), allowed: Some(need.lack) });
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

    /// Sets an option; an error says which values are valid.
    fn set(&mut self, option: Id, value: &'a [u8]) -> Result<(), &'static str> {
        let up_to = |most: usize, allowed| number(value).filter(|number| *number <= most).ok_or(allowed);
        match option {
            Id::Help | Id::ExitSignal => {} // handled before
            Id::Clone3 => self.call.api = Api::Clone3,
            Id::Json => self.report(Form::Json)?,
            Id::Dot => self.report(Form::Dot)?,
            Id::Graph => self.report(Form::Graph)?,
            Id::Flags => self.lists_flags = true,
            Id::Unprivileged => self.is_unprivileged = true,
            Id::Kernel => self.version = Some(version(value).ok_or(VALID_KERNEL)?),
            Id::Stack if value == b"none" => self.call.stack = StackOf::Caller,
            Id::Stack => self.call.stack = StackOf::Own(up_to(stack::SIZE, VALID_STACK)?),
            Id::Tls => self.call.tls = Some(up_to(usize::MAX, VALID_TLS)?),
            Id::SetTid => self.call.set_tid = ids(value).ok_or(VALID_TID)?,
            Id::Cgroup => {
                self.cgroup = value;
                match cgroup(value).at(Step::OpenCgroup) {
                    Ok(cgroup) => self.call.cgroup = cgroup,
                    Err(failure) => self.failure = Some(failure),
                }
            }
            Id::Size => self.call.size = up_to(LONGEST, VALID_SIZE)?,
        }
        Ok(())
    }

    /// Sets the form of the report; an error says that it has one already.
    fn report(&mut self, form: Form) -> Result<(), &'static str> {
        let is_other = self.form != Form::Page && self.form != form;
        self.form = form;
        if is_other { Err(VALID_FORM) } else { Ok(()) }
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
