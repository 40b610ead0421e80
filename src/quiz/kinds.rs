//! The kinds of questions: one table.

use super::evidence::{Evidence, Property};
use super::kind::{Case, Does, Form, Kind, Mends, Which};
use crate::clone::call::Api;
use crate::clone::flags::Flags;
use crate::sys::Signal;

const NONE: Flags = Flags::empty();
const VM: Flags = Flags::VM;
const FS: Flags = Flags::FS;
const FILES: Flags = Flags::FILES;
const SIGHAND: Flags = Flags::SIGHAND;
const VFORK: Flags = Flags::VFORK;
const PARENT: Flags = Flags::PARENT;
const SYSVSEM: Flags = Flags::SYSVSEM;
const IO: Flags = Flags::IO;
const USER: Flags = Flags::NEWUSER;
const HANDLERS: Flags = VM.union(SIGHAND);
const THREAD: Flags = HANDLERS.union(Flags::THREAD);
const PROCESS_1: Flags = USER.union(Flags::NEWPID);
const HOST: Flags = USER.union(Flags::NEWUTS);
const NET: Flags = USER.union(Flags::NEWNET);
const IPC: Flags = USER.union(Flags::NEWIPC);
const MOUNTS: Flags = USER.union(Flags::NEWNS);
/// Not accepted without others.
const LONE_THREAD: Flags = VM.union(Flags::THREAD);
const PARENTS_WORD: Flags = Flags::PARENT_SETTID;
const CHILDS_WORD: Flags = Flags::CHILD_SETTID;
const CLEARED: Flags = Flags::CHILD_CLEARTID;

/// Sets about what two tasks share. A namespace always comes with CLONE_NEWUSER, so that every user may make it.
const SHARING: &[Flags] = &[VM, FS, FILES, HANDLERS, THREAD, VFORK, SYSVSEM, IO, USER, SIGHAND, LONE_THREAD, PROCESS_1];
/// Sets about who is whose parent and in which group.
const KINSHIP: &[Flags] = &[NONE, VM, FILES, THREAD, PARENT, VFORK, PROCESS_1, PROCESS_1, USER, SIGHAND, LONE_THREAD];

const YES: usize = 0;
const NO: usize = 1;
const THIRD: usize = 2;
const FOURTH: usize = 3;

/// The choice about a call that the kernel refuses.
const NO_CHILD: &str = "there is no child: the kernel refuses the call";
const YES_NO: &[&str] = &["yes", "no", NO_CHILD];

/// A case of calls with these flags.
const fn with(flags: Flags, answer: usize, why: &'static str) -> Case {
    Case { flags, signal: None, answer, why }
}

/// The case of all other calls.
const fn otherwise(answer: usize, why: &'static str) -> Case {
    with(NONE, answer, why)
}

/// The case of calls with this exit signal.
const fn sending(signal: Option<Signal>, answer: usize, why: &'static str) -> Case {
    Case { flags: NONE, signal: Some(signal), answer, why }
}

const fn does(
    name: &'static str,
    text: &'static str,
    sets: &'static [Flags],
    choices: &'static [&'static str],
    cases: &'static [Case],
    evidence: Evidence,
) -> Kind {
    // The last of three choices, as in YES_NO, or of more.
    let refused = Some(choices.len() - 1);
    let does = Does { api: Api::Clone, signals: &[], sets, choices, refused, cases, evidence };
    Kind { name, text, form: Form::Does(does) }
}

/// Where both tasks have one object, and where each has its own, the choice is this.
const fn row(flag: Flags, one: usize, two: usize) -> Evidence {
    Evidence::Row { flag, one, two }
}

/// Sets of which some lack a flag.
pub const LACKING: &[Flags] =
    &[VM, FS, FILES, SYSVSEM, SIGHAND, Flags::THREAD, LONE_THREAD, SIGHAND.union(Flags::THREAD), VFORK, IO];
/// Sets of which some exclude others.
pub const EXCLUDING: &[Flags] = &[VM, FS, FS, FILES, SYSVSEM, THREAD, THREAD, USER, PROCESS_1, IPC, MOUNTS, VFORK, IO];
/// Sets of both kinds.
const MIXED: &[Flags] =
    &[VM, FS, FILES, SYSVSEM, SIGHAND, LONE_THREAD, THREAD, USER, PROCESS_1, IPC, MOUNTS, VFORK, IO];

/// All kinds.
pub static KINDS: [Kind; 29] = [
    does(
        "counter",
        "A variable of the caller is 0. The child adds 1 to it. Which value does the caller read then?",
        SHARING,
        &["0", "1", NO_CHILD],
        &[
            with(VM, 1, "CLONE_VM gives both tasks one address space, so there is only one such variable."),
            otherwise(0, "Without CLONE_VM the child has a copy of the caller's memory and changes only that."),
        ],
        row(VM, 1, 0),
    ),
    does(
        "descriptor",
        "Descriptor 3 is open in the caller. The child closes it. Is it still open in the caller?",
        SHARING,
        YES_NO,
        &[
            with(
                FILES,
                NO,
                "CLONE_FILES gives both tasks one table of descriptors: what one closes is closed for both.",
            ),
            otherwise(
                YES,
                "Without CLONE_FILES the child has a copy of the table of descriptors and closes only its own.",
            ),
        ],
        row(FILES, NO, YES),
    ),
    does(
        "umask",
        "The caller's umask is 022. The child calls umask(077). Which umask does the caller have then?",
        SHARING,
        &["022", "077", NO_CHILD],
        &[
            with(FS, 1, "With CLONE_FS both tasks have one root directory, one working directory and one umask."),
            otherwise(0, "Without CLONE_FS the child has its own copy of the umask."),
        ],
        row(FS, 1, 0),
    ),
    does(
        "directory",
        "The child calls chdir(\"/\"). Does that change the caller's working directory too?",
        SHARING,
        YES_NO,
        &[
            with(FS, YES, "With CLONE_FS both tasks have one root directory, one working directory and one umask."),
            otherwise(NO, "Without CLONE_FS the child has its own copy of the working directory."),
        ],
        row(FS, YES, NO),
    ),
    does(
        "handler",
        "The child calls sigaction(2) in order to ignore SIGTERM. Is SIGTERM ignored in the caller too?",
        SHARING,
        YES_NO,
        &[
            with(SIGHAND, YES, "CLONE_SIGHAND gives both tasks one table of signal handlers."),
            otherwise(NO, "Without CLONE_SIGHAND the child has a copy of the table of signal handlers."),
        ],
        row(SIGHAND, YES, NO),
    ),
    Kind {
        name: "inherited",
        text: "The caller has a handler for SIGTERM. What does SIGTERM do to the child, right after the call?",
        form: Form::Does(Does {
            api: Api::Clone3,
            signals: &[],
            sets: &[NONE, VM, FS, FILES, HANDLERS, VFORK, SIGHAND, USER, Flags::CLEAR_SIGHAND, Flags::CLEAR_SIGHAND],
            choices: &["the handler runs in the child", "it ends the child: the default action", NO_CHILD],
            refused: Some(THIRD),
            cases: &[
                with(
                    Flags::CLEAR_SIGHAND,
                    1,
                    "CLONE_CLEAR_SIGHAND sets every signal that has a handler to its default.",
                ),
                with(SIGHAND, 0, "CLONE_SIGHAND gives both tasks one table of signal handlers."),
                otherwise(0, "A child starts with a copy of the caller's table of signal handlers."),
            ],
            evidence: row(Flags::CLEAR_SIGHAND, 0, 1),
        }),
    },
    does(
        "getpid",
        "What does getpid() return in the child?",
        KINSHIP,
        &["the same number as in the caller", "another number, greater than 1", "1", NO_CHILD],
        &[
            with(Flags::NEWPID, THIRD, "The first process of a new PID namespace has the id 1 there."),
            with(
                Flags::THREAD,
                0,
                "getpid() returns the id of the thread group, and CLONE_THREAD puts the child into the caller's.",
            ),
            otherwise(1, "Without CLONE_THREAD the child leads a thread group of its own: it is another process."),
        ],
        Evidence::ProcessId,
    ),
    Kind {
        name: "ids",
        text: "Which call returns the same number in both tasks?",
        form: Form::Does(Does {
            api: Api::Clone,
            signals: &[],
            sets: &[NONE, VM, FS, FILES, HANDLERS, THREAD, THREAD, VFORK, PARENT, SYSVSEM, IO],
            choices: &["getpid() alone", "gettid() alone", "both", "neither"],
            refused: None,
            cases: &[
                with(
                    Flags::THREAD,
                    0,
                    "The threads of a process have one process id, and each has a thread id of its own.",
                ),
                otherwise(FOURTH, "Without CLONE_THREAD the child is another process, so both its ids are its own."),
            ],
            evidence: Evidence::Ids,
        }),
    },
    does(
        "returned",
        "Is the number that the call returns in the caller the one that getpid() returns in the child?",
        KINSHIP,
        YES_NO,
        &[
            with(
                Flags::NEWPID,
                NO,
                "The caller gets the id that the child has in the caller's PID namespace; in its own the child is 1.",
            ),
            with(
                Flags::THREAD,
                NO,
                "The caller gets the child's thread id, but getpid() returns the id of the whole thread group.",
            ),
            otherwise(YES, "The child leads its own thread group, so its thread id is its process id too."),
        ],
        Evidence::Returned,
    ),
    does(
        "getppid",
        "What does getppid() return in the child?",
        KINSHIP,
        &["the process id of the caller", "the process id of the caller's parent", "0", NO_CHILD],
        &[
            with(
                Flags::NEWPID,
                THIRD,
                "The parent is outside the child's PID namespace and has no id there, so the call returns 0.",
            ),
            with(Flags::THREAD, 1, "A thread has the parent of its process, not the task that made the thread."),
            with(PARENT, 1, "CLONE_PARENT gives the child the caller's own parent: the two are siblings."),
            otherwise(0, "The task that makes the call is the child's parent."),
        ],
        Evidence::ParentId,
    ),
    does(
        "wait",
        "The child ends. Who can wait for it by wait4(2) with __WALL, which takes children of every kind?",
        KINSHIP,
        &["the caller", "the caller's parent", "nobody", NO_CHILD],
        &[
            with(
                Flags::THREAD,
                THIRD,
                "A thread leaves no zombie that could be waited for: the kernel reaps it at its end.",
            ),
            with(PARENT, 1, "CLONE_PARENT makes the child a child of the caller's parent, and only a parent can wait."),
            otherwise(0, "The child's parent is the caller, and a parent can wait for its children."),
        ],
        Evidence::Waiter,
    ),
    Kind {
        name: "signal",
        text: "The child ends. Which signal does the kernel send to the caller then?",
        form: Form::Does(Does {
            api: Api::Clone,
            signals: &[Some(Signal::CHLD), Some(Signal::USR1), None],
            sets: &[NONE, VM, FS, FILES, HANDLERS, THREAD, PARENT, VFORK, USER, SIGHAND, LONE_THREAD],
            choices: &["SIGCHLD", "SIGUSR1", "none", NO_CHILD],
            refused: Some(FOURTH),
            cases: &[
                with(
                    Flags::THREAD,
                    THIRD,
                    "The end of a thread sends no signal; clone(2) ignores the one that is given.",
                ),
                with(
                    PARENT,
                    THIRD,
                    "The child's parent is the caller's parent, so a signal goes there and not to the caller.",
                ),
                sending(
                    Some(Signal::CHLD),
                    0,
                    "The lowest byte of the flags is the exit signal, and here it is SIGCHLD.",
                ),
                sending(
                    Some(Signal::USR1),
                    1,
                    "The lowest byte of the flags is the exit signal, and here it is SIGUSR1.",
                ),
                otherwise(THIRD, "The lowest byte of the flags is the exit signal, and here it is 0: no signal."),
            ],
            evidence: Evidence::Signals { signals: &[Signal::CHLD, Signal::USR1], none: THIRD },
        }),
    },
    Kind {
        name: "answer",
        text: "What does the kernel do?",
        form: Form::Does(Does {
            api: Api::Clone,
            signals: &[],
            sets: &[
                NONE,
                VM,
                FS,
                SIGHAND,
                HANDLERS,
                Flags::THREAD,
                LONE_THREAD,
                THREAD,
                PARENT,
                USER,
                PROCESS_1,
                MOUNTS,
                IPC,
                SYSVSEM,
                VFORK,
                Flags::PIDFD,
                PARENTS_WORD,
                Flags::DETACHED,
            ],
            choices: &[
                "it makes a process",
                "it makes a thread of the caller's process",
                "it refuses: EINVAL",
                "it refuses: EPERM",
            ],
            refused: Some(THIRD),
            cases: &[
                with(Flags::THREAD, 1, "CLONE_THREAD has what it needs, CLONE_SIGHAND and CLONE_VM."),
                with(
                    Flags::DETACHED,
                    0,
                    "clone(2) ignores CLONE_DETACHED, and no other flags of the set exclude each other.",
                ),
                with(
                    USER,
                    0,
                    "Unless the machine forbids it, every user may make a user namespace, and has all rights in it.",
                ),
                otherwise(0, "Each flag of the set has the flags that it needs, and no two exclude each other."),
            ],
            evidence: row(Flags::THREAD, 1, 0),
        }),
    },
    Kind {
        name: "count",
        text: "The caller is the only task of its process. What do the caller and the child, if there is one, make up after the call?",
        form: Form::Does(Does {
            api: Api::Clone,
            signals: &[],
            sets: KINSHIP,
            choices: &["one process with one task", "one process with two tasks", "two processes with one task each"],
            refused: Some(0),
            cases: &[
                with(Flags::THREAD, 1, "CLONE_THREAD puts the new task into the caller's process, as a second thread."),
                otherwise(THIRD, "Without CLONE_THREAD each task is a process, whatever the two share."),
            ],
            evidence: row(Flags::THREAD, 1, THIRD),
        }),
    },
    does(
        "return",
        "When does the call return in the caller?",
        &[NONE, VM, VM, FS, FILES, HANDLERS, THREAD, PARENT, USER, SIGHAND, VFORK, VFORK],
        &["at once, while the child may still run", "only when the child has ended or called execve(2)", NO_CHILD],
        &[
            with(VFORK, 1, "CLONE_VFORK suspends the caller until the child ends or executes a program."),
            otherwise(0, "Only CLONE_VFORK suspends the caller; shared memory does not."),
        ],
        row(VFORK, 0, 1),
    ),
    Kind {
        name: "user",
        text: "The caller's user id is 1000. What does getuid() return in the child, right after the call?",
        form: Form::Does(Does {
            api: Api::Clone,
            signals: &[],
            sets: &[NONE, VM, FILES, FS, VFORK, PARENT, HANDLERS, THREAD, USER, USER, PROCESS_1, HOST, MOUNTS],
            choices: &["1000", "0", "65534", NO_CHILD],
            refused: Some(FOURTH),
            cases: &[
                with(
                    USER,
                    THIRD,
                    "A new user namespace has no id map yet, and an id that is not mapped is shown as 65534.",
                ),
                otherwise(0, "The child starts with the caller's credentials."),
            ],
            evidence: Evidence::User,
        }),
    },
    does(
        "setuid",
        "The child makes the system call setuid(65534), and the kernel allows it. Does that change the caller's user id too?",
        &[NONE, VM, FS, FILES, HANDLERS, THREAD, THREAD, VFORK, PARENT, IO, SIGHAND, LONE_THREAD],
        YES_NO,
        &[
            with(
                Flags::THREAD,
                NO,
                "The kernel keeps ids for each task, even for threads; a C library's setuid(3) changes every thread.",
            ),
            with(
                VM,
                NO,
                "The ids are the kernel's own, and the kernel keeps them for each task; shared memory does not matter.",
            ),
            otherwise(NO, "The child starts with a copy of the caller's ids, and each task changes only its own."),
        ],
        Evidence::Credentials { own: NO },
    ),
    does(
        "kill",
        "Somebody sends SIGKILL to the caller's process id by kill(2). Does that kill the child too?",
        KINSHIP,
        YES_NO,
        &[
            with(
                Flags::THREAD,
                YES,
                "SIGKILL ends a whole thread group, and CLONE_THREAD puts the child into the caller's.",
            ),
            otherwise(NO, "SIGKILL ends one thread group, and without CLONE_THREAD the child has its own."),
        ],
        row(Flags::THREAD, YES, NO),
    ),
    does(
        "exit_group",
        "The child calls exit_group(2), as exit(3) does. Does that end the caller too?",
        KINSHIP,
        YES_NO,
        &[
            with(
                Flags::THREAD,
                YES,
                "exit_group(2) ends a whole thread group, and CLONE_THREAD puts the child into the caller's.",
            ),
            otherwise(NO, "exit_group(2) ends one thread group, and without CLONE_THREAD the child has its own."),
        ],
        row(Flags::THREAD, YES, NO),
    ),
    does(
        "host",
        "An administrator then changes the host name that the caller sees. Does the child see the new name?",
        &[NONE, VM, FS, FILES, THREAD, USER, NET, IPC, MOUNTS, HOST, HOST],
        YES_NO,
        &[
            with(Flags::NEWUTS, NO, "CLONE_NEWUTS gives the child a UTS namespace with a copy of the host name."),
            otherwise(YES, "Without CLONE_NEWUTS both tasks are in one UTS namespace, which holds the host name."),
        ],
        row(Flags::NEWUTS, YES, NO),
    ),
    does(
        "port",
        "The caller listens on TCP port 8080 of all addresses, without SO_REUSEPORT. Can the child do so too?",
        &[NONE, VM, FS, FILES, FILES, THREAD, USER, HOST, IPC, MOUNTS, NET, NET],
        YES_NO,
        &[
            with(Flags::NEWNET, YES, "CLONE_NEWNET gives the child a network namespace with ports of its own."),
            otherwise(NO, "Without CLONE_NEWNET both tasks are in one network namespace, where the port is taken."),
        ],
        row(Flags::NEWNET, NO, YES),
    ),
    does(
        "queue",
        "The caller makes a System V message queue. Does the child find it by its key?",
        &[NONE, VM, FS, FILES, THREAD, SYSVSEM, USER, HOST, NET, MOUNTS, IPC, IPC],
        YES_NO,
        &[
            with(Flags::NEWIPC, NO, "CLONE_NEWIPC gives the child an IPC namespace that is empty."),
            otherwise(
                YES,
                "Without CLONE_NEWIPC both tasks are in one IPC namespace, which holds the queue; shared memory is not needed.",
            ),
        ],
        row(Flags::NEWIPC, YES, NO),
    ),
    does(
        "priority",
        "The child changes its I/O priority by ioprio_set(2). Does that change the caller's too?",
        &[NONE, VM, FS, FILES, HANDLERS, THREAD, VFORK, SIGHAND, LONE_THREAD, IO, IO],
        YES_NO,
        &[
            with(IO, YES, "CLONE_IO gives both tasks one I/O context, which holds the priority."),
            otherwise(NO, "Without CLONE_IO each task has its own I/O context, even the threads of one process."),
        ],
        row(IO, YES, NO),
    ),
    Kind {
        name: "stored",
        text: "The caller passes parent_tid and child_tid. Where does the kernel store the child's id?",
        form: Form::Does(Does {
            api: Api::Clone,
            signals: &[],
            sets: &[
                NONE,
                VM,
                FILES,
                THREAD,
                PARENT,
                CLEARED,
                PARENTS_WORD,
                CHILDS_WORD,
                PARENTS_WORD.union(CHILDS_WORD),
            ],
            choices: &["only at parent_tid", "only at child_tid", "at both", "nowhere"],
            refused: None,
            cases: &[
                with(
                    PARENTS_WORD.union(CHILDS_WORD),
                    THIRD,
                    "CLONE_PARENT_SETTID stores it in the caller's memory, CLONE_CHILD_SETTID in the child's.",
                ),
                with(PARENTS_WORD, 0, "CLONE_PARENT_SETTID stores it at parent_tid, in the caller's memory."),
                with(CHILDS_WORD, 1, "CLONE_CHILD_SETTID stores it at child_tid, in the child's memory."),
                with(
                    CLEARED,
                    FOURTH,
                    "CLONE_CHILD_CLEARTID stores no id: it clears the word at child_tid when the child ends.",
                ),
                otherwise(FOURTH, "Without a flag that asks for it the kernel does not look at either address."),
            ],
            evidence: Evidence::Stored,
        }),
    },
    Kind {
        name: "add",
        text: "The kernel refuses this call. It accepts it with one of these flags added: with which?",
        form: Form::Mends(Mends::Added),
    },
    Kind {
        name: "drop",
        text: "The kernel refuses this call. It accepts it without one of these flags: without which?",
        form: Form::Mends(Mends::Dropped),
    },
    Kind {
        name: "thread",
        text: "Which of these sets makes a thread of the caller's process?",
        form: Form::Which(Which {
            property: Property::Thread,
            sets: &[VM, FS, FILES, HANDLERS, THREAD, SYSVSEM, LONE_THREAD, VFORK, SIGHAND, PARENT, Flags::THREAD],
            why: "A thread takes CLONE_THREAD, which needs CLONE_SIGHAND, which needs CLONE_VM; no other flag makes one.",
        }),
    },
    Kind {
        name: "chimera",
        text: "Which of these sets makes another process that works in the caller's memory?",
        form: Form::Which(Which {
            property: Property::Chimera,
            sets: &[VM, FS, FILES, HANDLERS, THREAD, SYSVSEM, VFORK, SIGHAND, PARENT, USER, IO],
            why: "CLONE_VM shares the memory, and without CLONE_THREAD the child is a process of its own.",
        }),
    },
    Kind {
        name: "refused",
        text: "Which of these sets does the kernel refuse?",
        form: Form::Which(Which { property: Property::Refused, sets: MIXED, why: "" }),
    },
];
