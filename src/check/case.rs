//! A case that deviates: what was asked of the kernel, what was expected, and what came.

use super::step::Step;
use crate::board::record::Deviation;
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::error::named;
use crate::rules::expected::Expected;
use crate::sys::{Errno, Result, Signal};
use crate::witness::resource::{RESOURCES, Resource};

/// What was expected, or what came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The call succeeded.
    Ok,
    /// The call was refused.
    Refused(Errno),
    /// The effect of a flag, or what the flag shares, was there.
    Seen,
    /// The effect of a flag, or what the flag shares, was not there.
    NotSeen,
    /// A number: an id, a status.
    Number(u32),
    /// A signal killed the task that asked, or the one that was made.
    Killed(Signal),
    /// There was no answer in time.
    Hung,
    /// What came could not be seen.
    Unknown,
}

impl Answer {
    /// The answer of a call whose value does not matter.
    pub fn of<T>(result: Result<T>) -> Self {
        result.map_or_else(Self::Refused, |_| Self::Ok)
    }

    /// The answer that the rules expect.
    pub fn expected(expected: Expected) -> Self {
        match expected {
            Expected::Made => Self::Ok,
            Expected::Refused(errno) => Self::Refused(errno),
            Expected::Killed => Self::Killed(Signal::SYS),
        }
    }

    /// The form in which a worker leaves it on the board: not 0.
    pub fn to_bits(self) -> u64 {
        let (kind, number) = match self {
            Self::Ok => (1, 0),
            Self::Refused(errno) => (2, errno.number() as u64),
            Self::Seen => (3, 0),
            Self::NotSeen => (4, 0),
            Self::Number(number) => (5, u64::from(number)),
            Self::Killed(signal) => (6, signal.number() as u64),
            Self::Hung => (7, 0),
            Self::Unknown => (8, 0),
        };
        kind << 32 | number
    }

    /// What was left in that form; none if nothing was.
    pub fn of_bits(bits: u64) -> Option<Self> {
        let number = bits as u32;
        Some(match bits >> 32 {
            1 => Self::Ok,
            2 => Self::Refused(Errno::new(number as usize)?),
            3 => Self::Seen,
            4 => Self::NotSeen,
            5 => Self::Number(number),
            6 => Self::Killed(Signal::new(number as usize)?),
            7 => Self::Hung,
            8 => Self::Unknown,
            _ => return None,
        })
    }
}

macro_rules! whats {
    ($($(#[doc = $about:literal])+ $name:ident $text:literal)*) => {
        named! {
            /// What distinguishes a case from others of its leaf, besides the flags: an argument of the call, or a
            /// step. Its text is the word in diagnostics.
            What;

            $($(#[doc = $about])+ $name $text)*
        }

        impl What {
            /// What the word means, in a sentence; a blank comes before it.
            pub fn about(self) -> &'static str {
                match self {
                    $(What::$name => concat!($($about),+),)*
                }
            }
        }
    };
}

whats! {
    /// Nothing: the flags say it all.
    Flags "flags"
    /// The number of a case that did not end.
    Case "number"
    /// The exit signal.
    ExitSignal "exit_signal"
    /// The size of clone3(2)'s struct.
    Size "size"
    /// What was done besides a call of clone(2): a step with a name.
    Step "step"
    /// An effect, or what two tasks share, by its row in the table of resources.
    Effect "effect"
    /// The address of clone3(2)'s struct.
    Struct "struct"
    /// The byte of clone3(2)'s struct, and of what follows, that is not zero.
    OddByte "nonzero_byte"
    /// The address of the stack: the highest for clone(2), the lowest for clone3(2).
    Stack "stack"
    /// The size of the stack.
    StackSize "stack_size"
    /// An id that is chosen, or the address of several.
    SetTid "set_tid"
    /// How many ids are chosen.
    SetTidSize "set_tid_size"
    /// The address of thread-local storage.
    Tls "tls"
    /// The descriptor of a cgroup.
    Cgroup "cgroup"
    /// The address for the descriptor of CLONE_PIDFD; 0 for a good one, and for null.
    Pidfd "pidfd"
    /// The address for the id of CLONE_PARENT_SETTID; 0 for a good one, and for null.
    ParentTid "parent_tid"
    /// The address for the id of CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID; 0 for a good one, and for null.
    ChildTid "child_tid"
    /// Whether a refused call has left a task.
    TaskLeft "task_left"
    /// Whether a refused call has left a descriptor.
    DescriptorLeft "descriptor_left"
}

/// The call of a case, as far as diagnostics show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The system call.
    pub api: Api,
    /// Its flags.
    pub flags: Flags,
    /// Its exit signal.
    pub exit_signal: u64,
}

impl Asked {
    /// What is shown of a call.
    pub fn of(call: &Call) -> Self {
        Self { api: call.api, flags: call.flags, exit_signal: call.exit_signal }
    }
}

/// A case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Case {
    /// The call; none if the case is about another system call.
    pub asked: Option<Asked>,
    /// What distinguishes the case besides.
    pub what: What,
    /// The value of that.
    pub value: u64,
    /// What was expected.
    pub want: Answer,
    /// What came.
    pub got: Answer,
    /// The index of the rule that says so.
    pub rule: Option<usize>,
}

impl Case {
    /// A case about the flags of a call alone.
    pub fn of(call: &Call, want: Answer, got: Answer) -> Self {
        Self { asked: Some(Asked::of(call)), what: What::Flags, value: 0, want, got, rule: None }
    }

    /// A case about a step, or another system call.
    pub fn step(what: What, want: Answer, got: Answer) -> Self {
        Self { asked: None, what, value: 0, want, got, rule: None }
    }

    /// A case about a named step.
    pub fn taken(step: Step, want: Answer, got: Answer) -> Self {
        Self::step(What::Step, want, got).with(What::Step, step as u64)
    }

    /// The word of the step, if the case is about a named one.
    pub fn taken_step(&self) -> Option<Step> {
        if self.what == What::Step { Step::ALL.get(self.value as usize).copied() } else { None }
    }

    /// The resource whose row the case is about, if it is about one.
    pub fn resource(&self) -> Option<&'static Resource> {
        if self.what == What::Effect { RESOURCES.get(self.value as usize) } else { None }
    }

    /// Names what distinguishes the case, and its value.
    pub fn with(self, what: What, value: u64) -> Self {
        Self { what, value, ..self }
    }

    /// Names the rule.
    pub fn by(self, rule: Option<usize>) -> Self {
        Self { rule, ..self }
    }

    /// Leaves the case on the board.
    pub fn put(&self, place: &Deviation) {
        if let Some(asked) = self.asked {
            let api = match asked.api {
                Api::Fork => 1,
                Api::Clone => 2,
                Api::Clone3 => 3,
            };
            place.api.put(api);
            place.flags.put(asked.flags.bits());
            place.exit_signal.put(asked.exit_signal);
        }
        place.what.put(self.what as u64);
        place.value.put(self.value);
        place.rule.put(self.rule.map_or(0, |rule| rule as u64 + 1));
        place.want.put(self.want.to_bits());
        place.got.put(self.got.to_bits());
    }

    /// What was left on the board; none if nothing was.
    pub fn get(place: &Deviation) -> Option<Self> {
        let api = match place.api.get() {
            1 => Some(Api::Fork),
            2 => Some(Api::Clone),
            3 => Some(Api::Clone3),
            _ => None,
        };
        let flags = Flags::from_bits_retain(place.flags.get());
        Some(Self {
            asked: api.map(|api| Asked { api, flags, exit_signal: place.exit_signal.get() }),
            what: *What::ALL.get(place.what.get() as usize)?,
            value: place.value.get(),
            want: Answer::of_bits(place.want.get())?,
            got: Answer::of_bits(place.got.get())?,
            rule: (place.rule.get() as usize).checked_sub(1),
        })
    }
}
