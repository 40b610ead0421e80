//! Steps that can fail, and failures: which step, and why.

use crate::sys::{Errno, Signal};

macro_rules! steps {
    ($($(#[$about:meta])* $name:ident $text:literal)*) => {
        /// A step that can fail.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Step {
            $($(#[$about])* $name,)*
        }

        impl Step {
            /// All of them.
            pub const ALL: &[Step] = &[$(Step::$name),*];

            /// The step as a message names it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Step::$name => $text,)*
                }
            }
        }
    };
}

steps! {
    /// The call under study, which makes a task; a message spells the call itself.
    Call "clone"
    /// unshare(2) of the namespaces that were asked for; a message spells them.
    Unshare "unshare"
    /// The clone(2) that makes the subject of the laboratory.
    Subject "clone the subject"
    /// The clone(2) of a process that does the work where the caller has children already.
    Alone "clone a process that has no children"
    /// The clone(2) of the process that writes id maps from outside.
    Helper "clone a helper for the maps"
    /// The call by which process 1 of a PID namespace makes the program.
    Program "clone the program"
    /// Making at least one of the kinds of tasks that `bench` measures.
    Kind "make a task of any kind"
    /// Making one more of many tasks that live at once.
    Sleeper "one more task of kind"
    /// mmap(2) of the shared page.
    Board "mmap the board"
    /// mmap(2) of what the tasks of `run` are told.
    Plan "mmap the plan"
    /// rt_sigprocmask(2).
    Block "block the signals"
    /// open(2) of the folder of a cgroup.
    OpenCgroup "open the cgroup"
    /// unshare(2) of an IPC namespace for the semaphore of a witness.
    UnshareIpc "unshare(CLONE_NEWIPC)"
    /// stat(2) by which the PID namespace of the children is known.
    StatChildren "stat /proc/self/ns/pid_for_children"
    /// execve(2).
    Execute "execve"
    /// mmap(2) of a stack.
    Stack "mmap a stack"
    /// mprotect(2) of a stack, all but its guard page.
    Guard "guard a stack"
    /// Waiting until the child has acted.
    AwaitAct "await the child's act"
    /// Waiting for the end of the child.
    AwaitEnd "await the child's end"
    /// write(2) of a result.
    Output "write to fd 1"
    /// Forbidding setgroups(2) in a new user namespace, or allowing it.
    WriteSetgroups "write /proc/self/setgroups"
    /// The proof that namespaces are new.
    ProveNew "look whether the namespaces are new"
    /// The proof that a number in /proc names the task that a system call means by it.
    ProveTasks "look whether /proc shows this PID namespace"
    /// The map of user ids.
    UidMap "write /proc/self/uid_map"
    /// The map of group ids.
    GidMap "write /proc/self/gid_map"
    /// getuid(2) of the root of a new user namespace.
    Getuid "getuid()"
    /// getgid(2) of the root of a new user namespace.
    Getgid "getgid()"
    /// setuid(2) of the root of a new user namespace.
    SetuidRoot "setuid(0)"
    /// unshare(2) of a UTS namespace by the root of a new user namespace.
    UnshareUts "unshare(CLONE_NEWUTS)"
    /// sethostname(2) by the root of a new user namespace.
    NameHost "sethostname(\"chimera\")"
    /// mount(2) with MS_PRIVATE and the like.
    Propagation "set the propagation of mounts"
    /// sethostname(2).
    Sethostname "sethostname"
    /// chroot(2).
    Chroot "chroot"
    /// chdir(2).
    Chdir "chdir"
    /// mount(2) of proc(5).
    MountProc "mount proc on"
    /// The offsets of the clocks of a time namespace.
    Offsets "write /proc/self/timens_offsets"
    /// setgroups(2).
    Setgroups "setgroups"
    /// setgid(2).
    Setgid "setgid"
    /// setuid(2).
    Setuid "setuid"
    /// capset(2) and PR_CAP_AMBIENT_RAISE.
    KeepCapabilities "keep the capabilities"
    /// The signal that comes when the parent ends.
    KillChild "prctl(PR_SET_PDEATHSIG)"
    /// close(2) of descriptors that are the parent's.
    Close "close what the parent has opened"
    /// Keeping the program's root from the memory of process 1.
    Dumpable "prctl(PR_SET_DUMPABLE)"
    /// Entering a time namespace by execve(2), which kernels before 6.3 do not.
    TimeNamespace "enter a time namespace by execve, since Linux 6.3"
    /// clock_gettime(2).
    Clock "clock_gettime"
    /// mmap(2) of the memory that `bench --heap` touches.
    Heap "mmap the heap"
    /// Giving up the right to gain rights.
    Renounce "prctl(PR_SET_NO_NEW_PRIVS)"
    /// The child should have lived.
    Killed "the child was killed"
    /// The child used up its stack.
    AtGuard "the child ran into its guard page"
}

impl Step {
    /// The step with this place in the list, see [`Step::number`].
    pub fn numbered(number: usize) -> Option<Self> {
        Self::ALL.get(number).copied()
    }

    /// The place in the list, by which one task tells another a step.
    pub const fn number(self) -> usize {
        self as usize
    }
}

/// Why a step failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The kernel refused.
    Errno(Errno),
    /// A signal killed the task.
    Signal(Signal),
}

/// A step that failed. The answer of a step that only prepares a call is never told as that of the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Which step.
    pub step: Step,
    /// Why.
    pub why: Why,
}

impl Failure {
    /// The kernel refused a step.
    pub const fn new(step: Step, errno: Errno) -> Self {
        Self { step, why: Why::Errno(errno) }
    }

    /// The errno; none if a signal is the reason.
    pub const fn errno(self) -> Option<Errno> {
        match self.why {
            Why::Errno(errno) => Some(errno),
            Why::Signal(_) => None,
        }
    }

    /// The refusal of the call under study itself; none if that was never made.
    pub fn of_call(self) -> Option<Errno> {
        self.errno().filter(|_| self.step == Step::Call)
    }
}

/// Names the step of a refusal: `file::open(..).at(Step::OpenCgroup)?`.
pub trait At<T> {
    /// The same result, in which an errno has become a failure of this step.
    fn at(self, step: Step) -> Result<T, Failure>;
}

impl<T> At<T> for crate::sys::Result<T> {
    fn at(self, step: Step) -> Result<T, Failure> {
        self.map_err(|errno| Failure::new(step, errno))
    }
}
