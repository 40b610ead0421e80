//! Steps that can fail, and failures: the step, and the reason.

use crate::sys::{Errno, Signal};

/// Makes an enum of things that one task names to another by their index, and to people by their text.
macro_rules! named {
    ($(#[$about:meta])* $enum:ident; $($(#[$what:meta])* $name:ident $text:literal)*) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum $enum {
            $($(#[$what])* #[doc = concat!("\n\n`", $text, "`")] $name,)*
        }

        impl $enum {
            /// All, in the order of their indexes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The text.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

pub(crate) use named;

named! {
    /// A step that can fail. Its text is what messages call it.
    Step;

    /// The call under study, which makes a task; messages spell out the call itself.
    Call "clone"
    /// unshare(2) of the requested namespaces; messages spell them out.
    Unshare "unshare"
    /// The clone(2) that makes the laboratory's subject.
    Subject "clone the subject"
    /// The clone(2) of the process that does the work if the caller already has children.
    Alone "clone a process that has no children"
    /// The clone(2) of the helper, which writes id maps from outside the new user namespace.
    Helper "clone a helper for the maps"
    /// The call with which process 1 of a PID namespace makes the program.
    Program "clone the program"
    /// The clone(2) of the process that enters the namespaces by unshare(2), and makes the program's.
    Between "clone a process that calls unshare"
    /// The fork(2) of a process in which `doctor` tries something.
    Trial "fork a process for a trial"
    /// Making a task of at least one of the kinds that `bench` measures.
    Kind "make a task of any kind"
    /// The clone(2) of the process in which `check` asks the kernel.
    Worker "clone a worker"
    /// In a sweep: waiting until the kernel has taken down the networks of earlier tasks.
    TakeDown "wait until networks are taken down"
    /// As /init: the clone(2) of the process that becomes the check.
    Check "clone the check"
    /// As /init: reading which groups are asked for.
    CommandLine "read /proc/cmdline"
    /// As /init: reboot(2).
    PowerOff "reboot(RB_POWER_OFF)"
    /// Making one more of many tasks that are alive at once.
    Sleeper "one more task of kind"
    /// mmap(2) of the shared page.
    Board "mmap the board"
    /// mmap(2) of the plan for the tasks of `run`.
    Plan "mmap the plan"
    /// rt_sigprocmask(2).
    Block "block the signals"
    /// open(2) of a cgroup's directory.
    OpenCgroup "open the cgroup"
    /// open(2) of what a sweep has written.
    OpenSweep "open the sweep"
    /// read(2) of what a sweep has written.
    ReadSweep "read the sweep"
    /// unshare(2) of an IPC namespace for a witness's semaphore.
    UnshareIpc "unshare(CLONE_NEWIPC)"
    /// A call that asks the kernel and makes no task: a filter kills for it.
    Ask "ask the kernel"
    /// stat(2) of the file that identifies the PID namespace of the children.
    StatChildren "stat /proc/self/ns/pid_for_children"
    /// execve(2).
    Execute "execve"
    /// mmap(2) of a stack.
    Stack "mmap a stack"
    /// mprotect(2) of a stack, except its guard page.
    Guard "guard a stack"
    /// Waiting for the child to act.
    AwaitAct "await the child's act"
    /// Waiting for the child's end.
    AwaitEnd "await the child's end"
    /// write(2) of a result.
    Output "write to fd 1"
    /// Denying setgroups(2) in a new user namespace, or allowing it.
    WriteSetgroups "write /proc/self/setgroups"
    /// Proving that namespaces are new.
    ProveNew "look whether the namespaces are new"
    /// Proving that ids in /proc and ids in system calls name the same tasks.
    ProveTasks "look whether /proc shows this PID namespace"
    /// Listing all tasks.
    ListTasks "list the tasks in /proc"
    /// Reading the files of a task.
    ReadTask "read the files of a task in /proc"
    /// Writing the map of user ids.
    UidMap "write /proc/self/uid_map"
    /// Writing the map of group ids.
    GidMap "write /proc/self/gid_map"
    /// Looking for the caller's block of user ids.
    UserBlock "find a block in /etc/subuid"
    /// Looking for the caller's block of group ids.
    GroupBlock "find a block in /etc/subgid"
    /// Having newuidmap(1) write the map of user ids.
    Newuidmap "newuidmap"
    /// Having newgidmap(1) write the map of group ids.
    Newgidmap "newgidmap"
    /// getuid(2) by the root of a new user namespace.
    Getuid "getuid()"
    /// getgid(2) by the root of a new user namespace.
    Getgid "getgid()"
    /// setuid(2) by the root of a new user namespace.
    SetuidRoot "setuid(0)"
    /// unshare(2) of a UTS namespace by the root of a new user namespace.
    UnshareUts "unshare(CLONE_NEWUTS)"
    /// sethostname(2) by the root of a new user namespace.
    NameHost "sethostname(\"chimera\")"
    /// mount(2) with MS_PRIVATE, MS_SHARED or MS_SLAVE.
    Propagation "set the propagation of mounts"
    /// sethostname(2).
    Sethostname "sethostname"
    /// chroot(2).
    Chroot "chroot"
    /// chdir(2).
    Chdir "chdir"
    /// fsopen(2), fsconfig(2) and fsmount(2) of binfmt_misc.
    MakeBinfmt "make a binfmt_misc for the namespace"
    /// Writing to the file `register` of a new binfmt_misc.
    LoadInterpreter "register the interpreter"
    /// mount(2) of proc(5).
    MountProc "mount proc on"
    /// move_mount(2) of a new binfmt_misc.
    MountBinfmt "mount binfmt_misc on"
    /// Writing the clock offsets of a time namespace.
    Offsets "write /proc/self/timens_offsets"
    /// mount(2) of a namespace on a file.
    Keep "keep the namespace at"
    /// umount2(2) of a namespace that was mounted on a file.
    Unkeep "give up the namespace at"
    /// setgroups(2) and setgid(2), to become the owner of a user namespace.
    OwnerGroup "become the group of the owner"
    /// setuid(2), to become the owner of a user namespace.
    OwnerUser "become the owner"
    /// setgroups(2).
    Setgroups "setgroups"
    /// setgid(2).
    Setgid "setgid"
    /// setuid(2).
    Setuid "setuid"
    /// capset(2) and prctl(PR_CAP_AMBIENT_RAISE).
    KeepCapabilities "keep the capabilities"
    /// Requesting a signal for the parent's end.
    KillChild "prctl(PR_SET_PDEATHSIG)"
    /// close(2) of the parent's descriptors.
    Close "close what the parent has opened"
    /// Making process 1 not dumpable, so that root of its namespace cannot reach its memory.
    Dumpable "prctl(PR_SET_DUMPABLE)"
    /// clock_gettime(2).
    Clock "clock_gettime"
    /// getrandom(2), for the seed of a quiz.
    Seed "getrandom"
    /// mmap(2) of the memory that `bench --heap` touches.
    Heap "mmap the heap"
    /// Setting no_new_privs, prctl(2).
    Renounce "prctl(PR_SET_NO_NEW_PRIVS)"
    /// A signal killed the child.
    Killed "the child was killed"
    /// The child overran its stack and hit the guard page.
    AtGuard "the child ran into its guard page"
}

impl Step {
    /// The step with this index in [`Step::ALL`].
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// The index in [`Step::ALL`], by which one task names a step to another.
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// The reason for a failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The kernel refused.
    Errno(Errno),
    /// A signal killed the task.
    Signal(Signal),
    /// Another program ended with this status, 1 to 255; it has said why itself.
    Status(u8),
}

/// A failed step. A step that only prepares a call is never reported as the call itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The step.
    pub step: Step,
    /// The reason.
    pub why: Why,
}

impl Failure {
    /// The kernel refused a step.
    pub const fn new(step: Step, errno: Errno) -> Self {
        Self { step, why: Why::Errno(errno) }
    }

    /// The errno; none if there was another reason.
    pub const fn errno(self) -> Option<Errno> {
        match self.why {
            Why::Errno(errno) => Some(errno),
            Why::Signal(_) | Why::Status(_) => None,
        }
    }

    /// The errno of the call under study; none if a different step failed.
    pub fn call_errno(self) -> Option<Errno> {
        self.errno().filter(|_| self.step == Step::Call)
    }
}

/// Attaches a step to an errno: `file::open(..).at(Step::OpenCgroup)?`.
pub trait At<T> {
    /// The same result, with an errno turned into a failure of this step.
    fn at(self, step: Step) -> Result<T, Failure>;
}

impl<T> At<T> for crate::sys::Result<T> {
    fn at(self, step: Step) -> Result<T, Failure> {
        self.map_err(|errno| Failure::new(step, errno))
    }
}
