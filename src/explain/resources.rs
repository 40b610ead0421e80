//! The resources and the effects of flags: what each is, and how the two witnesses look.

use super::topic::{About, Kind, Plain, Visit, Witnesses};
use crate::witness::resource::{COUNT, RESOURCES};

/// A resource, its text, and how its witnesses look.
struct Row {
    name: &'static str,
    plain: Plain,
    witnesses: Witnesses,
}

const fn row(
    name: &'static str,
    text: &'static str,
    kernel: &'static str,
    behaviour: &'static str,
    examples: &'static [&'static str],
    see: &'static [&'static str],
) -> Row {
    Row { name, plain: Plain::new(text, examples, see), witnesses: Witnesses { kernel, behaviour } }
}

/// What stands where a witness cannot look.
const SILENT: &str = "cannot be asked: unknown";

/// The texts, in the order of [`RESOURCES`].
#[rustfmt::skip]
static TEXTS: [Row; COUNT] = [
    row("memory", "All that a task can address: program, data, heap, stacks, mappings; its address space. shared: one for both tasks. copied: two, equal at first; the kernel copies a page only when one of them writes to it.", "kcmp(2) compares the two tasks' pointers to their address space", "the child adds 1 to a variable, the counter; the parent reads its own: 1 if the memory is shared, 0 if not", &["chimera", "fork"], &["CLONE_VM", "counter", "kcmp(2)"]),
    row("files", "The table of file descriptors: which number stands for which open file. shared: one table, so a close(2) in one task closes for both. copied: two tables, in which the descriptors refer to the same open files.", "kcmp(2) compares the two tasks' pointers to their table", "the parent opens a file, the child closes it; then the parent closes it too, which fails with EBADF if the table is shared", &["clone FILES"], &["CLONE_FILES", "kcmp(2)", "close(2)"]),
    row("cwd/root/umask", "Where paths begin, and what rights new files lack: working directory (cwd), root directory and umask, which the kernel keeps in one object. shared: a chdir(2) in one task moves both.", "kcmp(2) compares the two tasks' pointers to that object", "the child sets its umask to 007; the parent looks whether its own is still 070", &["clone FS"], &["CLONE_FS", "kcmp(2)", "umask(2)"]),
    row("signal handlers", "What each signal does to a process: its default, nothing, or a call of a function, the handler. shared: one table, so sigaction(2) in one task changes both. Blocked and pending signals are no part of it and are never shared.", "kcmp(2) compares the two tasks' pointers to their table", "the parent ignores SIGURG, the child sets it to its default; the parent looks what it has now", &["clone 'VM|SIGHAND'"], &["CLONE_SIGHAND", "kcmp(2)", "sigaction(2)"]),
    row("thread group", "What users call a process: one task or more with one process id. shared: the new task is a thread of the caller's process. new: it is a process of its own, with a group in which it is alone.", "tgkill(2) with signal 0 asks whether the child's id belongs to the caller's group", "both call getpid(2), which answers the id of the group: equal or not", &["thread", "chimera"], &["CLONE_THREAD", "tgid", "getpid(2)"]),
    row("parent process", "Which task is the new task's parent. new: the caller, as usual. shared: the caller's own parent, so that the caller cannot wait for the new task; CLONE_PARENT asks for that, and a thread (CLONE_THREAD) is in a process whose parent stays what it was. In the table of the two tasks above, parent is always the task that made the call.", "the caller asks with waitid(2): ECHILD means that the new task is not its child; the laboratory reads the parent's id in /proc", "both call getppid(2): the child names the caller, or the caller's own parent", &["clone PARENT", "thread"], &["CLONE_PARENT", "getppid(2)", "wait(2)"]),
    row("user namespace", "In which user namespace a task is: what its user and group ids mean, and where its capabilities count. new: a namespace of its own, where it can become root without being root outside.", "the inodes of /proc/PID/ns/user: one number, one namespace", "the child asks with setresuid(2) for the user id that it has: EINVAL means that the id is not mapped, as in a new namespace", &["user"], &["CLONE_NEWUSER", "uid_map", "user_namespaces(7)"]),
    row("pid namespace", "In which PID namespace a task is: which ids it and other tasks have there. new: it is process 1 of its own, and does not see tasks outside.", "the inodes of /proc/PID/ns/pid", "the child calls getpid(2): only the first process of a namespace has id 1", &["clone 'NEWUSER|NEWPID'"], &["CLONE_NEWPID", "process 1", "pid_namespaces(7)"]),
    row("mnt namespace", "In which mount namespace a task is: which file systems it sees, and where. new: a copy, or an empty one with CLONE_EMPTY_MNTNS, that changes without the caller's.", "the inodes of /proc/PID/ns/mnt", "the child copies its own mounts with open_tree(2), then those at a directory that the parent opened: EINVAL means another namespace; nothing is attached", &["clone 'NEWUSER|NEWNS'"], &["CLONE_NEWNS", "mount_namespaces(7)"]),
    row("uts namespace", "In which UTS namespace a task is: which host name and NIS domain name it has. UTS is \"UNIX time-sharing system\", from the name of a structure of uname(2).", "the inodes of /proc/PID/ns/uts", "if the namespace is new, the child sets its host name, and the parent looks whether its own is unchanged", &["clone 'NEWUSER|NEWUTS'"], &["CLONE_NEWUTS", "uts_namespaces(7)"]),
    row("ipc namespace", "In which IPC namespace a task is: which System V semaphores, shared memory and message queues, and which POSIX message queues it sees.", "the inodes of /proc/PID/ns/ipc", "the parent made a semaphore in an IPC namespace made for that; for the child it exists, or not (EINVAL)", &["clone 'NEWUSER|NEWIPC'"], &["CLONE_NEWIPC", "ipc_namespaces(7)"]),
    row("net namespace", "In which network namespace a task is: which devices, addresses, routes and ports it sees.", "the inodes of /proc/PID/ns/net", "the parent binds an abstract name of a Unix socket, the child tries the same name: EADDRINUSE means one namespace", &["clone 'NEWUSER|NEWNET'"], &["CLONE_NEWNET", "network_namespaces(7)"]),
    row("cgroup namespace", "In which cgroup namespace a task is: which cgroup it sees as the root of the hierarchy.", "the inodes of /proc/PID/ns/cgroup", "each reads its cgroup in /proc: / in the child alone means a root of its own", &["clone 'NEWUSER|NEWCGROUP'"], &["CLONE_NEWCGROUP", "cgroup_namespaces(7)"]),
    row("time namespace", "In which time namespace a task, or its children, are: what the monotonic clock and the clock since boot show.", "the inodes of /proc/PID/ns/time_for_children", "the child writes its clock offsets, which the kernel takes only while nobody is in the namespace yet, as with CLONE_VM", &["clone 'NEWUSER|NEWTIME' --clone3"], &["CLONE_NEWTIME", "time_namespaces(7)"]),
    row("I/O context", "The kernel's account of a task's requests to disks, with its I/O priority. shared: the disk scheduler treats both tasks as one.", "kcmp(2) compares the two tasks' pointers, after the parent has made itself a context", "the child sets another I/O priority; the parent looks whether its own has changed", &["clone IO"], &["CLONE_IO", "kcmp(2)", "ioprio_set(2)"]),
    row("semaphore undo", "The list of semaphore adjustments that the kernel carries out at a task's end, so that a dead task holds no semaphore. shared: one list, carried out when the last task that has it ends. new: an empty list.", "kcmp(2) compares the two tasks' pointers, if the parent is seen to have a list", "both raise a semaphore with SEM_UNDO; after the child's end its part is undone, or kept if the list is shared", &["clone SYSVSEM"], &["CLONE_SYSVSEM", "kcmp(2)", "semop(2)"]),
    row("exit signal", "The signal that the kernel sends to the parent when the child ends: SIGCHLD unless another is asked for, none with 0. A thread has none. It is no flag: clone(2) takes it in the low byte of the flags, clone3(2) in a member of its own.", "the field exit_signal of /proc/PID/stat of the child", "the parent blocks the signal and looks whether it is pending after the child's end", &["clone 'VM|SIGUSR1'", "clone fork --exit-signal 0"], &["SIGCHLD", "clone(2)", "wait(2)"]),
    row("descriptor", "The caller got a pidfd: a file descriptor that stands for the new task.", "the line Pid: of the descriptor's file in /proc/PID/fdinfo names the child", "the descriptor becomes readable when the child ends", &["clone PIDFD"], &["CLONE_PIDFD", "pidfd_open(2)"]),
    row("traced too", "The new task has the caller's tracer: a debugger, or strace.", "the line TracerPid: in /proc/PID/status of both tasks: the same number, not 0", SILENT, &["rules PTRACE"], &["CLONE_PTRACE", "ptrace(2)"]),
    row("not traced", "The new task has no tracer although the caller's tracer follows children.", "the line TracerPid: in /proc/PID/status of both tasks: 0 in the child's alone", SILENT, &["rules UNTRACED"], &["CLONE_UNTRACED", "ptrace(2)"]),
    row("caller sleeps", "The caller slept in the call until the child ended or executed a program, as in vfork(2).", "the state in /proc/PID/stat of the caller while the child is held: asleep", "the caller returned from the call only after the child was let go", &["clone 'VM|VFORK'"], &["CLONE_VFORK", "vfork(2)"]),
    row("FS base", "The new task's thread-local storage is where the call said: on x86-64 at the base of the segment register FS. Not to be confused with CLONE_FS, where FS is the file system.", SILENT, "the child reads its FS base with arch_prctl(2): the address asked for, and not the parent's", &["clone 'VM|SETTLS'"], &["CLONE_SETTLS", "arch_prctl(2)"]),
    row("id in parent", "The kernel stored the new task's id in the caller's memory.", SILENT, "the parent reads the word after the call: it is the child's id", &["clone PARENT_SETTID"], &["CLONE_PARENT_SETTID", "clone(2)"]),
    row("id in child", "The kernel stored the new task's id in the new task's memory before that ran.", SILENT, "the child reads the word at its start: it is its own id", &["clone CHILD_SETTID"], &["CLONE_CHILD_SETTID", "clone(2)"]),
    row("id cleared", "At the child's end the kernel wrote 0 to a word in memory, and woke a task that waits there. It does so only while another task still uses the memory.", "prctl(2) with PR_GET_TID_ADDRESS in the child answers the word's address", "with CLONE_VM: the word is 0 after the child's end", &["clone 'VM|CHILD_CLEARTID'"], &["CLONE_CHILD_CLEARTID", "futex(2)"]),
    row("default handlers", "All signals that have a handler in the caller have their default action in the new task.", "the line SigCgt: of /proc/PID/status: no handled signal of the parent's is in it", "the child reads that SIGWINCH, which has a handler in the parent, is at its default, and SIGURG is still ignored", &["clone CLEAR_SIGHAND --clone3"], &["CLONE_CLEAR_SIGHAND", "sigaction(2)"]),
    row("in the cgroup", "The new task started in the cgroup of --cgroup and not in the caller's.", "the file cgroup.procs of that cgroup lists the child and not the parent", SILENT, &["rules INTO_CGROUP --clone3"], &["CLONE_INTO_CGROUP", "cgroups(7)"]),
    row("no zombie", "The new task was removed at its end without anybody waiting for it.", SILENT, "the parent waits for the child: ECHILD means that the kernel has removed it", &["rules 'AUTOREAP|0' --clone3 --kernel 7.1"], &["CLONE_AUTOREAP", "zombie"]),
    row("no new privileges", "The new task has no_new_privs set, and the caller has not.", "the line NoNewPrivs: of /proc/PID/status of the child", "the child asks prctl(2) with PR_GET_NO_NEW_PRIVS", &["rules NNP --clone3 --kernel 7.1"], &["CLONE_NNP", "prctl(2)"]),
    row("killed by close", "The new task is killed when its pidfd is closed.", SILENT, "the parent closes the descriptor while the child waits, and sees that the child was killed", &["rules 'PIDFD_AUTOKILL|PIDFD|AUTOREAP|NNP|0' --clone3 --kernel 7.1"], &["CLONE_PIDFD_AUTOKILL", "pidfd_open(2)"]),
    row("empty root", "The new task's mount namespace holds nothing but an empty root directory.", SILENT, "the parent has a /proc, the child has none", &["rules 'NEWUSER|EMPTY_MNTNS' --clone3 --kernel 7.1"], &["CLONE_EMPTY_MNTNS", "mount_namespaces(7)"]),
];

/// Each resource has its text.
const _: () = {
    let mut place = 0;
    while place < COUNT {
        assert!(is_same(TEXTS[place].name, RESOURCES[place].name), "the texts are in the order of the resources");
        place += 1;
    }
};

/// Whether two texts are equal, for the compiler.
pub(super) const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut place = 0;
    while place < one.len() && place < other.len() && one[place] == other[place] {
        place += 1;
    }
    place == one.len() && place == other.len()
}

/// How the witnesses of the resource look on which a flag decides.
pub(super) fn of_flag(name: &str) -> Option<Witnesses> {
    RESOURCES.iter().position(|resource| resource.flag == name).map(|place| TEXTS[place].witnesses)
}

/// Passes on all resources and effects.
pub fn each(visit: &mut Visit) {
    for (resource, Row { name, plain, witnesses }) in RESOURCES.iter().zip(&TEXTS) {
        let about = About {
            kind: if resource.is_effect() { Kind::Effect } else { Kind::Resource },
            name: ("", name),
            // A thread and a sibling have another parent than their maker, so people ask for the word alone.
            also: if *name == "parent process" { &["parent"] } else { &[] },
            facts: &"",
            flags: resource.flags,
            witnesses: Some(*witnesses),
        };
        plain.visit_about(&about, visit);
    }
}
