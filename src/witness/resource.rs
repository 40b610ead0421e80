//! The resources of a task: one table of what the flags ask for each and of its two witnesses.

use super::trial::Trial;
use super::{behaviour, kernel};
use crate::clone::flags::Flags;
use crate::words::Text;

/// A witness: whether the two tasks have one object; none if it cannot say.
pub type Witness = fn(&Trial) -> Option<bool>;

/// A resource.
pub struct Resource {
    /// One of these in the set decides about it.
    flags: Flags,
    /// What the kernel says.
    pub kernel: Witness,
    /// What the two do to each other.
    pub behaviour: Witness,
    /// Its name, and the flag that decides.
    pub names: [Text; 2],
    /// What is asked for with one of the flags, and without.
    asked: [Text; 2],
}

/// How many there are.
pub const COUNT: usize = RESOURCES.len();

/// The row of the parent.
pub const PARENT: usize = 5;

/// All that the four modes prove: name, flag, what is asked for with it and without it, and the witnesses. One object
/// for both is [`Text::Shared`], one that is equal at the start [`Text::Copied`], a fresh one [`Text::New`]. For the
/// parent "new" is the caller and "shared" is the caller's own parent.
#[rustfmt::skip]
pub static RESOURCES: [Resource; 7] = [
    row(Text::Memory, Text::FlagVm, Flags::VM, [Text::Shared, Text::Copied], kernel::memory, behaviour::memory),
    row(Text::Files, Text::FlagFiles, Flags::FILES, [Text::Shared, Text::Copied], kernel::files, behaviour::files),
    row(Text::Fs, Text::FlagFs, Flags::FS, [Text::Shared, Text::Copied], kernel::fs, behaviour::fs),
    row(Text::Handlers, Text::FlagSighand, Flags::SIGHAND, [Text::Shared, Text::Copied], kernel::handlers, behaviour::handlers),
    row(Text::ThreadGroup, Text::FlagThread, Flags::THREAD, [Text::Shared, Text::New], kernel::thread_group, behaviour::thread_group),
    row(Text::Parent, Text::FlagParent, Flags::PARENT.union(Flags::THREAD), [Text::Shared, Text::New], kernel::parent, behaviour::parent),
    row(Text::UserNamespace, Text::FlagNewuser, Flags::NEWUSER, [Text::New, Text::Shared], kernel::user_namespace, behaviour::user_namespace),
];

const fn row(name: Text, flag: Text, flags: Flags, asked: [Text; 2], kernel: Witness, behaviour: Witness) -> Resource {
    Resource { flags, kernel, behaviour, names: [name, flag], asked }
}

impl Resource {
    /// What a set of flags asks for.
    pub fn asked(&self, set: Flags) -> Text {
        self.asked[usize::from(!set.intersects(self.flags))]
    }
}
