//! The flags: what each does, in plain words.

use super::resources;
use super::topic::{About, Kind, Plain, Visit};
use crate::clone::flags::{By, FLAGS, Flag, Flags};
use crate::text::{Hex, Show, Sink, out};

/// A flag, and its text.
struct Row {
    flag: Flags,
    plain: Plain,
}

const fn row(flag: Flags, text: &'static str, examples: &'static [&'static str], see: &'static [&'static str]) -> Row {
    Row { flag, plain: Plain::new(text, examples, see) }
}

/// The texts, in the order of [`FLAGS`].
#[rustfmt::skip]
static TEXTS: [Row; 31] = [
    row(Flags::VM, "The new task runs in the caller's memory (its address space): what one task writes, the other reads, and mmap(2) or munmap(2) in one holds for both. Without the flag the child gets a copy, equal at first, then separate, as after fork(2). With the flag the child needs a stack of its own, because two tasks that push to one stack destroy each other's data; only with CLONE_VFORK may it use the caller's, which sleeps meanwhile.", &["clone VM", "chimera"], &["memory", "stack", "clone(2)"]),
    row(Flags::FS, "The two tasks share one root directory, one working directory and one umask: chroot(2), chdir(2) and umask(2) in one hold for both. Without the flag the child gets a copy.", &["clone FS"], &["cwd/root/umask", "clone(2)", "chdir(2)", "umask(2)"]),
    row(Flags::FILES, "The two tasks share one table of file descriptors: what one opens, closes or marks close-on-exec is opened, closed or marked for both, until one of them executes a program and gets a table of its own. Without the flag the child gets a copy of the table. In the copy, too, each descriptor refers to the same open file, so the file offset is shared in both cases.", &["clone FILES"], &["files", "clone(2)", "open(2)"]),
    row(Flags::SIGHAND, "The two tasks share one table of signal handlers: sigaction(2) in one changes what a signal does in both. Which signals are blocked and which are pending stays each task's own. A handler is an address, so the flag needs CLONE_VM (rule D4).", &["clone 'VM|SIGHAND'", "rules SIGHAND"], &["signal handlers", "D4", "sigaction(2)"]),
    row(Flags::PIDFD, "The caller gets a pidfd: a file descriptor that stands for the new task. It becomes readable when the task ends, a signal can be sent through it, and it never means another task, as a process id may that is used again. clone(2) stores it in the word where CLONE_PARENT_SETTID stores the id, so there the two exclude each other (rule C1); clone3(2) has a place for each.", &["clone PIDFD"], &["descriptor", "C1", "pidfd_open(2)"]),
    row(Flags::PTRACE, "If the caller is traced by a debugger or by strace, the same tracer traces the new task from its start. Otherwise the flag does nothing.", &["rules PTRACE"], &["traced too", "ptrace(2)"]),
    row(Flags::VFORK, "The caller sleeps in the call until the child ends or executes a program. With CLONE_VM this is vfork(2): nothing is copied, and the child may use the caller's stack because the caller does not run.", &["clone 'VM|VFORK'", "clone 'VM|VFORK' -- true"], &["caller sleeps", "vfork(2)"]),
    row(Flags::PARENT, "The child gets the caller's parent as its parent: it becomes a sibling of the caller, not its child. getppid(2) answers the same in both, and the caller's parent is the one that gets the exit signal and may wait for the child. Process 1 of a PID namespace may not use the flag (rule D5).", &["clone PARENT"], &["parent", "D5", "getppid(2)"]),
    row(Flags::THREAD, "The new task joins the caller's thread group: it is a thread of the same process. getpid(2) answers the same number in all threads of a group, gettid(2) another one in each. A thread has no exit signal and nobody can wait for it as for a child. The flag needs CLONE_SIGHAND, and that needs CLONE_VM (rules D3 and D4).", &["clone thread", "rules THREAD"], &["thread group", "D3", "gettid(2)", "pthreads(7)"]),
    row(Flags::NEWNS, "The new task starts in a mount namespace of its own, with a copy of the caller's mounts: what is mounted or unmounted later by one is not seen by the other, except where mount propagation passes it on. NS stood for the only namespace there was in 2002. It needs CAP_SYS_ADMIN or CLONE_NEWUSER, and excludes CLONE_FS (rule D1).", &["clone 'NEWUSER|NEWNS'", "run -rm -- true"], &["mnt namespace", "D1", "mount_namespaces(7)"]),
    row(Flags::SYSVSEM, "The two tasks share one list of semaphore adjustments: semop(2) with SEM_UNDO notes there what the kernel has to undo at the end. A shared list is carried out when the last task that has it ends. Without the flag the child starts with an empty list.", &["clone SYSVSEM"], &["semaphore undo", "semop(2)"]),
    row(Flags::SETTLS, "Sets where the new task finds its thread-local storage, the variables of which every thread has its own, such as errno. On x86-64 that is the base address of the segment register FS.", &["clone 'VM|SETTLS'"], &["FS base", "F4", "arch_prctl(2)"]),
    row(Flags::PARENT_SETTID, "The kernel stores the new task's id at the address parent_tid in the caller's memory, before the call returns. With clone(2) it excludes CLONE_PIDFD, which would use the same word (rule C1).", &["clone PARENT_SETTID"], &["id in parent", "C1", "clone(2)"]),
    row(Flags::CHILD_CLEARTID, "When the new task ends or executes a program, the kernel writes 0 at the address child_tid and wakes a task that waits at that futex, provided that another task still uses the memory. This is how pthread_join(3) learns that a thread has ended: nobody can wait for a thread with wait(2).", &["clone 'VM|CHILD_CLEARTID'"], &["id cleared", "set_tid_address(2)", "futex(2)"]),
    row(Flags::DETACHED, "Does nothing any more. In Linux 2.5 it kept the child's end from sending a signal. clone(2) ignores it, except that it refuses the flag beside CLONE_PIDFD (rule D7); clone3(2) always refuses it (rule B2).", &["rules DETACHED", "rules DETACHED --clone3"], &["D7", "B2", "clone(2)"]),
    row(Flags::UNTRACED, "A tracer that asked to follow all children (PTRACE_O_TRACECLONE and its kin, strace -f) does not get this one. CLONE_PTRACE in the same call takes precedence.", &["rules UNTRACED"], &["not traced", "ptrace(2)"]),
    row(Flags::CHILD_SETTID, "The kernel stores the new task's id at the address child_tid in the new task's memory, before the task runs its first instruction after the call.", &["clone CHILD_SETTID"], &["id in child", "clone(2)"]),
    row(Flags::NEWCGROUP, "The new task starts in a cgroup namespace of its own: it sees the caller's cgroup as the root of the hierarchy, so /proc/self/cgroup shows shorter paths. No task moves to another cgroup, and no limit changes.", &["clone 'NEWUSER|NEWCGROUP'"], &["cgroup namespace", "cgroup_namespaces(7)"]),
    row(Flags::NEWUTS, "The new task starts in a UTS namespace of its own: with a copy of the host name and the NIS domain name, which it can change without changing the caller's.", &["clone 'NEWUSER|NEWUTS'", "run -ru --hostname=inside -- uname -n"], &["uts namespace", "uts_namespaces(7)"]),
    row(Flags::NEWIPC, "The new task starts in an IPC namespace of its own: without any of the caller's System V message queues, semaphores and shared memory, and POSIX message queues. It excludes CLONE_SYSVSEM (rule F2).", &["clone 'NEWUSER|NEWIPC'"], &["ipc namespace", "F2", "ipc_namespaces(7)"]),
    row(Flags::NEWUSER, "The new task starts in a user namespace of its own, where it has all capabilities, which count there and in namespaces that belong to it, and nowhere else. Its user id reads 65534 until its uid_map is written. An ordinary user may make one where the machine allows it (`chimera doctor`). It excludes CLONE_FS and CLONE_THREAD (rules D2 and D6).", &["user", "clone NEWUSER"], &["user namespace", "uid_map", "65534", "user_namespaces(7)"]),
    row(Flags::NEWPID, "The new task is process 1 of a PID namespace of its own: inside, getpid(2) answers 1; outside it has another id, the one that the call returns. When process 1 ends, the kernel kills all other tasks of the namespace.", &["clone 'NEWUSER|NEWPID'", "run -rp -- sh -c 'echo $$'"], &["pid namespace", "process 1", "pid_namespaces(7)"]),
    row(Flags::NEWNET, "The new task starts in a network namespace of its own: with its own devices, addresses, routes, firewall rules and ports. At first it usually has a loopback device alone, and that is down.", &["clone 'NEWUSER|NEWNET'"], &["net namespace", "network_namespaces(7)"]),
    row(Flags::IO, "The two tasks share one I/O context: the disk scheduler counts and orders their requests as one task's, with one I/O priority. Without the flag the child has a context of its own, and only the I/O priority is passed on.", &["clone IO"], &["I/O context", "ioprio_set(2)"]),
    row(Flags::NEWTIME, "The new task starts in a time namespace of its own, with its own offsets of the monotonic clock and of the clock since boot. If it shares memory (CLONE_VM), only its own children enter it. In clone(2) its bit belongs to the exit signal. clone3(2) refused it by mistake before Linux 6.3, unless the correction was backported.", &["clone 'NEWUSER|NEWTIME' --clone3"], &["time namespace", "time_namespaces(7)"]),
    row(Flags::CLEAR_SIGHAND, "In the new task every signal that has a handler in the caller gets its default action back; ignored signals stay ignored. Only clone3(2) takes the flag, and not together with CLONE_SIGHAND (rule B3).", &["clone CLEAR_SIGHAND --clone3"], &["default handlers", "B3", "clone3(2)"]),
    row(Flags::INTO_CGROUP, "The new task starts in the cgroup (version 2) whose directory is open at the descriptor in clone_args.cgroup, so it is counted and limited there from its first moment. Without the flag it starts in the caller's cgroup. Only clone3(2) takes the flag; see --cgroup.", &["rules INTO_CGROUP --clone3"], &["in the cgroup", "--cgroup", "cgroups(7)"]),
    row(Flags::AUTOREAP, "When the new task ends, the kernel removes it at once: it never is a zombie, sends no exit signal, and nobody has to wait for it. Only clone3(2) takes the flag, with exit signal 0 (rule D8).", &["rules 'AUTOREAP|0' --clone3 --kernel 7.1"], &["no zombie", "D8", "clone3(2)"]),
    row(Flags::NNP, "The new task starts with no_new_privs set: no program that it executes gains rights by a set-user-ID bit or by file capabilities. Only clone3(2) takes the flag, and not for a thread (rule D10).", &["rules NNP --clone3 --kernel 7.1"], &["no new privileges", "D10", "prctl(2)"]),
    row(Flags::PIDFD_AUTOKILL, "The new task is killed by SIGKILL when the pidfd that the call made is closed, so it cannot outlive whoever holds the descriptor. It needs CLONE_PIDFD and CLONE_AUTOREAP (rule D11), and CLONE_NNP or CAP_SYS_ADMIN (rule D12).", &["rules 'PIDFD_AUTOKILL|PIDFD|AUTOREAP|NNP|0' --clone3 --kernel 7.1"], &["killed by close", "D11", "D12", "clone3(2)"]),
    row(Flags::EMPTY_MNTNS, "The new task starts in a mount namespace that holds nothing but an empty root directory, instead of a copy of the caller's mounts. It implies CLONE_NEWNS. Only clone3(2) takes the flag.", &["rules 'NEWUSER|EMPTY_MNTNS' --clone3 --kernel 7.1"], &["empty root", "mount_namespaces(7)"]),
];

/// Each flag has its text.
const _: () = {
    assert!(TEXTS.len() == FLAGS.len(), "one text a flag");
    let mut place = 0;
    while place < TEXTS.len() {
        assert!(TEXTS[place].flag.bits() == FLAGS[place].bit.bits(), "the texts are in the order of the flags");
        place += 1;
    }
};

/// Passes on all flags.
pub fn each(visit: &mut Visit) {
    for (flag, Row { plain, .. }) in FLAGS.iter().zip(&TEXTS) {
        let about = About {
            kind: Kind::Flag,
            name: ("CLONE_", flag.name),
            also: &[flag.name],
            facts: &Facts(flag),
            flags: flag.bit,
            witnesses: resources::of_flag(flag.name),
        };
        plain.visit_about(&about, visit);
    }
}

/// The bit, the calls and the version of a flag, as a sentence.
struct Facts<'a>(&'a Flag);

impl Show for Facts<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Flag { bit, calls, since, .. } = self.0;
        out!(out, " Its bit is ", Hex(bit.bits()), ", usable since Linux ", *since, "; ");
        for (place, call) in calls.iter().enumerate() {
            let glue = match place {
                0 => "",
                _ if place + 1 == calls.len() => " and ",
                _ => ", ",
            };
            out!(out, glue, By::name(*call), "(2)");
        }
        out!(out, if calls.len() == 1 { " takes it." } else { " take it." });
    }
}
