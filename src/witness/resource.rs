//! The resources of a task: one table of what the flags ask for each and of its two witnesses.

use super::effects;
use super::pair::Pair;
use super::verdict::{self, Words};
use super::{behaviour, kernel};
use crate::clone::call::Call;
use crate::clone::flags::Flags;
use crate::words::Text;

/// What the kernel says: whether the two tasks have one object; none if it cannot say.
pub type Kernel = fn(&Pair, &Resource) -> Option<bool>;

/// The same of behaviour, from the facts that the tasks have left.
pub type Behaviour = fn(&Pair) -> Option<bool>;

/// A resource.
pub struct Resource {
    /// One of these in the set decides about it; for the exit signal it is none.
    pub flags: Flags,
    /// What the kernel says.
    pub kernel: Kernel,
    /// What the two do to each other.
    pub behaviour: Behaviour,
    /// Its name, and the flag that decides.
    pub names: [Text; 2],
    /// What is asked for with one of the flags, and without.
    asked: [Text; 2],
}

/// How many the four modes prove: the first of them.
pub const COUNT: usize = 7;

/// The row of the parent.
pub const PARENT: usize = 5;

const SHARED: [Text; 2] = [Text::Shared, Text::Copied];
const JOINED: [Text; 2] = [Text::Shared, Text::New];
const NEW: [Text; 2] = [Text::New, Text::Shared];
const NONE: Flags = Flags::empty();
const EFFECT: [Text; 2] = [Text::New, Text::NotAsked];

/// All that can be proven: name, flag, what is asked for with it and without it, and the witnesses. One object for both
/// is [`Text::Shared`], one that is equal at the start [`Text::Copied`], a fresh one or an effect [`Text::New`]. For
/// the parent "new" is the caller and "shared" is the caller's own parent.
#[rustfmt::skip]
pub static RESOURCES: &[Resource] = &[
    row(Text::Memory, Text::FlagVm, Flags::VM, SHARED, kernel::memory, behaviour::memory),
    row(Text::Files, Text::FlagFiles, Flags::FILES, SHARED, kernel::files, behaviour::files),
    row(Text::Fs, Text::FlagFs, Flags::FS, SHARED, kernel::fs, behaviour::fs),
    row(Text::Handlers, Text::FlagSighand, Flags::SIGHAND, SHARED, kernel::handlers, behaviour::handlers),
    row(Text::ThreadGroup, Text::FlagThread, Flags::THREAD, JOINED, kernel::thread_group, behaviour::thread_group),
    row(Text::Parent, Text::FlagParent, Flags::PARENT.union(Flags::THREAD), JOINED, kernel::parent, behaviour::parent),
    row(Text::UserNamespace, Text::FlagNewuser, Flags::NEWUSER, NEW, kernel::namespace, behaviour::user_namespace),
    // What the laboratory alone can prove.
    row(Text::PidNamespace, Text::FlagNewpid, Flags::NEWPID, NEW, kernel::namespace, effects::pid_namespace),
    row(Text::MntNamespace, Text::FlagNewns, Flags::NEWNS.union(Flags::EMPTY_MNTNS), NEW, kernel::namespace, effects::mount_namespace),
    row(Text::UtsNamespace, Text::FlagNewuts, Flags::NEWUTS, NEW, kernel::namespace, effects::uts_namespace),
    row(Text::IpcNamespace, Text::FlagNewipc, Flags::NEWIPC, NEW, kernel::namespace, effects::ipc_namespace),
    row(Text::NetNamespace, Text::FlagNewnet, Flags::NEWNET, NEW, kernel::namespace, effects::net_namespace),
    row(Text::CgroupNamespace, Text::FlagNewcgroup, Flags::NEWCGROUP, NEW, kernel::namespace, effects::cgroup_namespace),
    row(Text::TimeNamespace, Text::FlagNewtime, Flags::NEWTIME, NEW, kernel::namespace, effects::time_namespace),
    row(Text::Io, Text::FlagIo, Flags::IO, SHARED, effects::io_kernel, effects::io),
    row(Text::Sysvsem, Text::FlagSysvsem, Flags::SYSVSEM, JOINED, effects::sysvsem_kernel, effects::sysvsem),
    row(Text::ExitSignal, Text::FlagExitSignal, Flags::empty(), EFFECT, effects::exit_signal_kernel, effects::exit_signal),
    row(Text::Pidfd, Text::FlagPidfd, Flags::PIDFD, EFFECT, effects::pidfd_kernel, effects::pidfd),
    row(Text::Ptrace, Text::FlagPtrace, Flags::PTRACE, EFFECT, effects::ptrace_kernel, effects::silent),
    row(Text::Untraced, Text::FlagUntraced, Flags::UNTRACED, EFFECT, effects::untraced_kernel, effects::silent),
    row(Text::Vfork, Text::FlagVfork, Flags::VFORK, EFFECT, effects::vfork_kernel, effects::vfork),
    row(Text::Settls, Text::FlagSettls, Flags::SETTLS, EFFECT, effects::no_word, effects::settls),
    row(Text::ParentSettid, Text::FlagParentSettid, Flags::PARENT_SETTID, EFFECT, effects::no_word, effects::parent_settid),
    row(Text::ChildSettid, Text::FlagChildSettid, Flags::CHILD_SETTID, EFFECT, effects::no_word, effects::child_settid),
    row(Text::ChildCleartid, Text::FlagChildCleartid, Flags::CHILD_CLEARTID, EFFECT, effects::cleartid_kernel, effects::cleartid),
    row(Text::ClearSighand, Text::FlagClearSighand, Flags::CLEAR_SIGHAND, EFFECT, effects::clear_sighand_kernel, effects::clear_sighand),
    row(Text::IntoCgroup, Text::FlagIntoCgroup, Flags::INTO_CGROUP, EFFECT, effects::into_cgroup_kernel, effects::silent),
    row(Text::Autoreap, Text::FlagAutoreap, Flags::AUTOREAP, EFFECT, effects::no_word, effects::autoreap),
    row(Text::Nnp, Text::FlagNnp, Flags::NNP, EFFECT, effects::nnp_kernel, effects::nnp),
    row(Text::Autokill, Text::FlagPidfdAutokill, Flags::PIDFD_AUTOKILL, EFFECT, effects::no_word, effects::autokill),
    row(Text::EmptyMntns, Text::FlagEmptyMntns, Flags::EMPTY_MNTNS, EFFECT, effects::no_word, effects::no_mounts),
];

/// Holds what the kernel has said of each of the first resources, and what behaviour says, against what was asked.
pub fn judge(words: &mut [Words], kernel: &[Option<bool>], pair: &Pair) {
    for ((words, kernel), resource) in words.iter_mut().zip(kernel).zip(RESOURCES) {
        *words = verdict::judge(resource.asked(pair.call), *kernel, (resource.behaviour)(pair));
    }
}

/// The rows that are shown of a call, each with what was found out.
pub struct Shown<'a> {
    /// The call.
    pub call: &'a Call,
    /// What was found out about each of the resources, or of the first.
    pub words: &'a [Words],
    /// The number of the next row.
    pub next: usize,
}

impl<'a> Iterator for Shown<'a> {
    type Item = (&'static Resource, &'a Words);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let row = (RESOURCES.get(self.next)?, self.words.get(self.next)?);
            self.next += 1;
            if row.0.is_shown(self.call) {
                return Some(row);
            }
        }
    }
}

const fn row(name: Text, flag: Text, flags: Flags, asked: [Text; 2], kernel: Kernel, behaviour: Behaviour) -> Resource {
    Resource { flags, kernel, behaviour, names: [name, flag], asked }
}

impl Resource {
    /// Whether a call asks for what the flag gives.
    pub fn is_asked(&self, call: &Call) -> bool {
        if self.flags.is_empty() {
            // A thread has none, and CLONE_PARENT takes that of the caller.
            call.signal() != 0 && !call.flags.intersects(Flags::THREAD.union(Flags::PARENT))
        } else {
            call.flags.intersects(self.flags)
        }
    }

    /// What a call asks for.
    pub fn asked(&self, call: &Call) -> Text {
        let [with, without] = self.asked;
        if self.is_asked(call) { with } else { without }
    }

    /// Whether it is no object, but something that a flag does.
    pub fn is_effect(&self) -> bool {
        self.asked == EFFECT
    }

    /// Whether it is shown: what was not asked for has no effect to be seen. CLONE_PTRACE undoes CLONE_UNTRACED, and with
    /// CLONE_PARENT the exit signal is not for the caller to see.
    pub fn is_shown(&self, call: &Call) -> bool {
        match self.flags {
            Flags::UNTRACED if call.flags.contains(Flags::PTRACE) => false,
            NONE => !call.flags.contains(Flags::PARENT),
            _ => self.asked(call) != Text::NotAsked,
        }
    }
}
