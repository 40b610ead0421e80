//! The resources of a task: one table of what the flags ask for each resource, and of its two witnesses.

use super::kernel::{self, Kernel};
use super::pair::Pair;
use super::verdict::{Asked, Row, Says};
use super::{behaviour, effects};
use crate::clone::call::Call;
use crate::clone::flags::{Flags, Kind};
use crate::sys::process::Kcmp;

/// A witness of behaviour, which reads the facts that both tasks left: whether they have one object; none if nothing
/// can be said.
pub type Behaviour = fn(&Pair) -> Option<bool>;

/// A resource.
pub struct Resource {
    /// The name in tables.
    pub name: &'static str,
    /// The name, without CLONE_, of the flag that decides.
    pub flag: &'static str,
    /// Any of these flags decides; empty for the exit signal.
    pub flags: Flags,
    /// How to ask the kernel.
    pub kernel: Kernel,
    /// What the behaviour of the two tasks shows.
    pub behaviour: Behaviour,
    /// What a call asks for with one of the flags, and without.
    asked: [Asked; 2],
}

/// The number of resources that the four modes prove: the first rows.
pub const OF_MODES: usize = 7;

/// The number of resources.
pub const COUNT: usize = 31;

/// The index of the row of the parent.
pub const PARENT: usize = 5;

const SHARED: [Asked; 2] = [Asked::Shared, Asked::Copied];
const JOINED: [Asked; 2] = [Asked::Shared, Asked::New];
const NEW: [Asked; 2] = [Asked::New, Asked::Shared];
const EFFECT: [Asked; 2] = [Asked::New, Asked::None];
const NONE: Flags = Flags::empty();

/// All resources. Of the parent process "new" means the caller, and "shared" means the caller's own parent.
#[rustfmt::skip]
pub static RESOURCES: [Resource; COUNT] = [
    row("memory", "VM", Flags::VM, SHARED, Kernel::Kcmp(Kcmp::Vm), behaviour::memory),
    row("files", "FILES", Flags::FILES, SHARED, Kernel::Kcmp(Kcmp::Files), behaviour::files),
    row("cwd/root/umask", "FS", Flags::FS, SHARED, Kernel::Kcmp(Kcmp::Fs), behaviour::fs),
    row("signal handlers", "SIGHAND", Flags::SIGHAND, SHARED, Kernel::Kcmp(Kcmp::Sighand), behaviour::handlers),
    row("thread group", "THREAD", Flags::THREAD, JOINED, Kernel::Ask(kernel::thread_group), behaviour::thread_group),
    row("parent process", "PARENT", Flags::PARENT.union(Flags::THREAD), JOINED, Kernel::Ask(kernel::parent), behaviour::parent),
    row("user namespace", "NEWUSER", Flags::NEWUSER, NEW, Kernel::Namespace(Kind::User), behaviour::user_namespace),
    row("pid namespace", "NEWPID", Flags::NEWPID, NEW, Kernel::Namespace(Kind::Pid), effects::pid_namespace),
    row("mnt namespace", "NEWNS", Flags::NEWNS.union(Flags::EMPTY_MNTNS), NEW, Kernel::Namespace(Kind::Mnt), effects::mount_namespace),
    row("uts namespace", "NEWUTS", Flags::NEWUTS, NEW, Kernel::Namespace(Kind::Uts), effects::uts_namespace),
    row("ipc namespace", "NEWIPC", Flags::NEWIPC, NEW, Kernel::Namespace(Kind::Ipc), effects::ipc_namespace),
    row("net namespace", "NEWNET", Flags::NEWNET, NEW, Kernel::Namespace(Kind::Net), effects::net_namespace),
    row("cgroup namespace", "NEWCGROUP", Flags::NEWCGROUP, NEW, Kernel::Namespace(Kind::Cgroup), effects::cgroup_namespace),
    row("time namespace", "NEWTIME", Flags::NEWTIME, NEW, Kernel::Namespace(Kind::Time), effects::time_namespace),
    row("I/O context", "IO", Flags::IO, SHARED, Kernel::Ask(effects::io_kernel), effects::io),
    row("semaphore undo", "SYSVSEM", Flags::SYSVSEM, JOINED, Kernel::Ask(effects::sysvsem_kernel), effects::sysvsem),
    row("exit signal", "exit_signal", Flags::empty(), EFFECT, Kernel::Ask(effects::exit_signal_kernel), effects::exit_signal),
    row("descriptor", "PIDFD", Flags::PIDFD, EFFECT, Kernel::Ask(effects::pidfd_kernel), effects::pidfd),
    row("traced too", "PTRACE", Flags::PTRACE, EFFECT, Kernel::Ask(effects::ptrace_kernel), effects::silent),
    row("not traced", "UNTRACED", Flags::UNTRACED, EFFECT, Kernel::Ask(effects::untraced_kernel), effects::silent),
    row("caller sleeps", "VFORK", Flags::VFORK, EFFECT, Kernel::Ask(effects::vfork_kernel), effects::vfork),
    row("FS base", "SETTLS", Flags::SETTLS, EFFECT, Kernel::Silent, effects::settls),
    row("id in parent", "PARENT_SETTID", Flags::PARENT_SETTID, EFFECT, Kernel::Silent, effects::parent_settid),
    row("id in child", "CHILD_SETTID", Flags::CHILD_SETTID, EFFECT, Kernel::Silent, effects::child_settid),
    row("id cleared", "CHILD_CLEARTID", Flags::CHILD_CLEARTID, EFFECT, Kernel::Ask(effects::cleartid_kernel), effects::cleartid),
    row("default handlers", "CLEAR_SIGHAND", Flags::CLEAR_SIGHAND, EFFECT, Kernel::Ask(effects::clear_sighand_kernel), effects::clear_sighand),
    row("in the cgroup", "INTO_CGROUP", Flags::INTO_CGROUP, EFFECT, Kernel::Ask(effects::into_cgroup_kernel), effects::silent),
    row("no zombie", "AUTOREAP", Flags::AUTOREAP, EFFECT, Kernel::Silent, effects::autoreap),
    row("no new privileges", "NNP", Flags::NNP, EFFECT, Kernel::Ask(effects::nnp_kernel), effects::nnp),
    row("killed by close", "PIDFD_AUTOKILL", Flags::PIDFD_AUTOKILL, EFFECT, Kernel::Silent, effects::autokill),
    row("empty root", "EMPTY_MNTNS", Flags::EMPTY_MNTNS, EFFECT, Kernel::Silent, effects::no_mounts),
];

const fn row(
    name: &'static str,
    flag: &'static str,
    flags: Flags,
    asked: [Asked; 2],
    kernel: Kernel,
    behaviour: Behaviour,
) -> Resource {
    Resource { name, flag, flags, kernel, behaviour, asked }
}

/// Asks the kernel about the first `count` resources of a pair.
pub fn ask_kernel(pair: &Pair, count: usize) -> [Option<bool>; COUNT] {
    let mut said = [None; COUNT];
    for (said, resource) in said.iter_mut().zip(&RESOURCES).take(count) {
        *said = resource.kernel.says(pair);
    }
    said
}

/// Compares what the kernel said of each resource, and what behaviour shows, with what was asked.
pub fn judge(kernel: &[Option<bool>; COUNT], pair: &Pair, count: usize) -> [Row; COUNT] {
    let mut rows = [Row::UNKNOWN; COUNT];
    for ((row, kernel), resource) in rows.iter_mut().zip(kernel).zip(&RESOURCES).take(count) {
        *row = Row::judge(resource.asked(pair.call), (*kernel).into(), (resource.behaviour)(pair).into());
    }
    rows
}

impl Resource {
    /// The prefix of the flag's name in the kernel's header; empty for the exit signal, which is no flag.
    pub fn prefix(&self) -> &'static str {
        if self.flags.is_empty() { "" } else { "CLONE_" }
    }

    /// Whether a call sets the flag that decides.
    pub fn is_asked(&self, call: &Call) -> bool {
        if self.flags.is_empty() {
            // A thread has no exit signal, and CLONE_PARENT takes over the caller's.
            call.signal_number() != 0 && !call.flags.intersects(Flags::THREAD.union(Flags::PARENT))
        } else {
            call.flags.intersects(self.flags)
        }
    }

    /// What a call asks for.
    pub fn asked(&self, call: &Call) -> Asked {
        let [with, without] = self.asked;
        if self.is_asked(call) { with } else { without }
    }

    /// Whether the resource is not an object but an effect of a flag.
    pub fn is_effect(&self) -> bool {
        self.asked == EFFECT
    }

    /// The word for what the kernel says.
    pub fn kernel_word(&self, says: Says) -> &'static str {
        if self.is_effect() { says.of_effect() } else { says.of_kernel() }
    }

    /// The word for what behaviour shows.
    pub fn behaviour_word(&self, says: Says) -> &'static str {
        if self.is_effect() { says.of_effect() } else { says.of_behaviour() }
    }

    /// The words of a row on a page: what was asked for, what the kernel says, and what behaviour shows.
    pub fn words(&self, row: &Row) -> [&'static str; 3] {
        let asked = match row.asked {
            Asked::New if self.is_effect() => "yes",
            Asked::None => "no",
            asked => asked.name(),
        };
        [asked, self.kernel_word(row.kernel), self.behaviour_word(row.behaviour)]
    }

    /// Whether the row is shown: an effect only if it was requested. CLONE_PTRACE overrides CLONE_UNTRACED, and with
    /// CLONE_PARENT the exit signal goes to another task.
    pub fn is_shown(&self, call: &Call) -> bool {
        match self.flags {
            Flags::UNTRACED if call.flags.contains(Flags::PTRACE) => false,
            NONE => !call.flags.contains(Flags::PARENT),
            _ => self.asked(call) != Asked::None,
        }
    }
}
