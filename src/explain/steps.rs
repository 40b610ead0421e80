//! The steps that a message names when one fails: `chimera: STEP: ERRNO (text): CAUSE`.

use super::topic::{Kind, Plain, Visit};
use crate::error::Step;

/// The command lines that show a step.
const TOUR: &[&str] = &["fork"];
const USER: &[&str] = &["user"];
const CLONE: &[&str] = &["clone VM"];
const DOCTOR: &[&str] = &["doctor"];
const RUN: &[&str] = &["run -r -- true"];
const INSPECT: &[&str] = &["inspect"];
const CHECK: &[&str] = &["check"];
const CHECK_HELP: &[&str] = &["check --help"];
const BENCH: &[&str] = &["bench --help"];
const HELP: &[&str] = &["run --help"];

/// What a step does, command lines in which it is taken, and where to read on.
#[rustfmt::skip]
const fn plain(step: Step) -> Plain {
    let (text, examples, see): (&str, &[&str], &[&str]) = match step {
        Step::Call => ("The call under study, which is to make a task: clone(2), clone3(2) or fork(2). Only its own answer is ever reported as the kernel's answer to the call.", CLONE, &["clone(2)"]),
        Step::Unshare => ("The call that gives the caller namespaces of its own, instead of a new task.", RUN, &["unshare(2)"]),
        Step::Subject => ("In the laboratory: the examiner makes the subject, a plain copy of itself that then makes the call under study.", CLONE, &["subject", "clone(2)"]),
        Step::Alone => ("Makes a copy of the program that has no children. It is taken where chimera inherited children from the program before it, which it must not wait for.", CLONE, &["exec", "wait(2)"]),
        Step::Helper => ("Makes a helper process that writes the maps of ids from outside of the new user namespace.", HELP, &["uid_map", "user_namespaces(7)"]),
        Step::Program => ("In `chimera run`: process 1 of the new PID namespace makes the task that executes the program.", HELP, &["process 1", "clone(2)"]),
        Step::Between => ("In `chimera run`: makes the process that enters the namespaces by unshare(2) and makes the program's, where one call cannot do both.", HELP, &["time namespace", "unshare(2)"]),
        Step::Trial => ("In `chimera doctor`: makes a process in which something is tried, so that a failure hurts nothing.", DOCTOR, &["fork(2)"]),
        Step::Kind => ("In `chimera bench`: makes a task of one of the kinds that are to be measured.", BENCH, &["bench", "clone(2)"]),
        Step::Worker => ("In `chimera check`: makes the process that asks the kernel, so that a crash there does not end the check.", CHECK, &["EAGAIN", "clone(2)"]),
        Step::TakeDown => ("In `chimera check --sweep`: the kernel takes networks down some time after their last tasks, and the sweep goes on when few are left.", CHECK, &["--sweep", "network_namespaces(7)"]),
        Step::Check => ("As /init: process 1 makes the process that becomes `chimera check`, and lives on itself: the kernel panics when process 1 ends.", CHECK, &["process 1", "clone(2)"]),
        Step::CommandLine => ("As /init: reads the kernel's command line, on which chimera.check= names the groups.", CHECK, &["proc(5)"]),
        Step::PowerOff => ("As /init: turns the machine off when the check has ended.", CHECK, &["process 1", "reboot(2)"]),
        Step::Sleeper => ("In `chimera bench --tasks`: makes one more of the many tasks that are to be alive during the measurement.", BENCH, &["EAGAIN", "clone(2)"]),
        Step::Board => ("Maps the shared page on which the tasks leave what they see.", TOUR, &["board", "mmap(2)"]),
        Step::Plan => ("In `chimera run`: maps the memory in which the tasks find what is to be done.", HELP, &["mmap(2)"]),
        Step::Block => ("Blocks all signals around the call, so that no handler runs on a stack that is being built.", TOUR, &["sigprocmask(2)"]),
        Step::OpenCgroup => ("Opens the directory of the cgroup that --cgroup names.", &["clone --help"], &["--cgroup", "cgroups(7)"]),
        Step::OpenSweep => ("In `chimera check --merge`: opens a file with the output of `chimera check --sweep`.", CHECK_HELP, &["--merge", "open(2)"]),
        Step::ReadSweep => ("In `chimera check --merge`: reads a file with the output of `chimera check --sweep`.", CHECK_HELP, &["--merge", "read(2)"]),
        Step::UnshareIpc => ("Makes an IPC namespace for the semaphore by which the witness of behaviour looks, so that nothing is left behind.", CLONE, &["ipc namespace", "unshare(2)"]),
        Step::Ask => ("Asks the kernel by a call that makes no task, to predict its answer.", &["rules NEWUTS"], &["predicted", "clone(2)"]),
        Step::StatChildren => ("Reads to which PID namespace the caller's children go.", &["rules thread"], &["D6", "stat(2)"]),
        Step::Execute => ("Replaces the program of the task by another one.", RUN, &["exec", "execve(2)"]),
        Step::Stack => ("Reserves memory for the child's stack.", CLONE, &["stack", "mmap(2)"]),
        Step::Guard => ("Makes the child's stack readable and writable, all but its lowest page, the guard page.", CLONE, &["guard page", "mprotect(2)"]),
        Step::AwaitAct => ("Waits until the child has acted on each resource. A child that was killed, or that hangs, never gets there.", CLONE, &["witness", "futex(2)"]),
        Step::AwaitEnd => ("Waits until the child has ended, so that its stack can be given back.", CLONE, &["CLONE_CHILD_CLEARTID", "wait(2)"]),
        Step::Output => ("Writes the page or the object to standard output.", TOUR, &["write(2)"]),
        Step::WriteSetgroups => ("Writes deny, or allow, to /proc/self/setgroups in a new user namespace: an ordinary user has to deny setgroups(2) before it may write gid_map.", USER, &["setgroups", "user_namespaces(7)"]),
        Step::ProveNew => ("Compares the namespaces with those before. In a namespace that is not new nothing is changed.", RUN, &["namespace", "namespaces(7)"]),
        Step::ProveTasks => ("Looks whether the ids in /proc are those that system calls use here. Otherwise files of some other task would be written.", HELP, &["proc(5)"]),
        Step::ListTasks => ("In `chimera inspect`: reads which tasks there are.", INSPECT, &["proc(5)"]),
        Step::ReadTask => ("In `chimera inspect`: reads the files of a task in /proc.", INSPECT, &["proc(5)"]),
        Step::UidMap => ("Writes the map of user ids of a new user namespace: inside, outside, count.", USER, &["uid_map", "user_namespaces(7)"]),
        Step::GidMap => ("Writes the map of group ids of a new user namespace: inside, outside, count.", USER, &["uid_map", "user_namespaces(7)"]),
        Step::UserBlock => ("In `chimera run`: looks for the block of user ids that the user may map.", HELP, &["subuid", "subuid(5)"]),
        Step::GroupBlock => ("In `chimera run`: looks for the block of group ids that the user may map.", HELP, &["subuid", "subgid(5)"]),
        Step::Newuidmap => ("In `chimera run`: has the program newuidmap write the map of user ids, because it may map more than one id.", HELP, &["newuidmap", "newuidmap(1)"]),
        Step::Newgidmap => ("In `chimera run`: has the program newgidmap write the map of group ids, because it may map more than one id.", HELP, &["newuidmap", "newgidmap(1)"]),
        Step::Getuid => ("The root of a new user namespace asks who it is: 0, which is root.", USER, &["65534", "getuid(2)"]),
        Step::Getgid => ("The root of a new user namespace asks for its group: 0, that of root.", USER, &["65534", "getgid(2)"]),
        Step::SetuidRoot => ("The root of a new user namespace sets its user id to 0, which only an id that is mapped allows.", USER, &["setuid(2)"]),
        Step::UnshareUts => ("The root of a new user namespace makes a UTS namespace, which an ordinary user may not: it has CAP_SYS_ADMIN inside.", USER, &["capability", "unshare(2)"]),
        Step::NameHost => ("The root of a new user namespace sets the host name, in the UTS namespace that it made; the machine's does not change.", USER, &["uts namespace", "sethostname(2)"]),
        Step::Propagation => ("Sets whether mounts in the new mount namespace reach others, and theirs it.", HELP, &["--propagation", "mount_namespaces(7)"]),
        Step::Sethostname => ("Sets the host name, in a UTS namespace that is proven to be new.", HELP, &["--hostname", "sethostname(2)"]),
        Step::Chroot => ("Sets the root directory of the program.", HELP, &["--root", "chroot(2)"]),
        Step::Chdir => ("Sets the working directory of the program.", HELP, &["--wd", "chdir(2)"]),
        Step::MakeBinfmt => ("Makes a binfmt_misc file system of the new user namespace, which is attached nowhere yet. The kernel must not give one that was there before.", HELP, &["--mount-binfmt", "fsopen(2)"]),
        Step::LoadInterpreter => ("Writes the line of --load-interp to the file `register` of the new binfmt_misc.", HELP, &["--load-interp", "execve(2)"]),
        Step::MountProc => ("Mounts a /proc that shows the tasks of the new PID namespace.", HELP, &["--mount-proc", "proc(5)"]),
        Step::MountBinfmt => ("Mounts the new binfmt_misc, so that the program can look at it and register more.", HELP, &["--mount-binfmt", "move_mount(2)"]),
        Step::Offsets => ("Writes the clock offsets of a new time namespace.", HELP, &["time namespace", "time_namespaces(7)"]),
        Step::Setgroups => ("Drops the additional groups of the program.", HELP, &["setgroups", "setgroups(2)"]),
        Step::Keep => ("Mounts a new namespace on a file, so that it stays when its last task has ended. This is done from outside, and taken back if the program is not executed.", HELP, &["--mount", "namespaces(7)"]),
        Step::Unkeep => ("Takes the mount of a new namespace away again, because the program was not executed.", HELP, &["--mount", "umount(2)"]),
        Step::OwnerGroup => ("Leaves all groups and becomes the group that --owner names, before the user namespace is made.", HELP, &["--owner", "setgid(2)"]),
        Step::OwnerUser => ("Becomes the user that --owner names, who thereby owns the user namespace.", HELP, &["--owner", "user_namespaces(7)"]),
        Step::Setgid => ("Sets the group id of the program.", HELP, &["--setgid", "setgid(2)"]),
        Step::Setuid => ("Sets the user id of the program.", HELP, &["--setuid", "setuid(2)"]),
        Step::KeepCapabilities => ("Makes the capabilities ambient, so that a program that is not root keeps them.", HELP, &["--keep-caps", "capabilities(7)"]),
        Step::KillChild => ("Asks for a signal at the end of the parent, so that no task outlives the program that made it.", HELP, &["--kill-child", "prctl(2)"]),
        Step::Close => ("Closes the descriptors that the parent has opened and the program must not have.", HELP, &["close(2)"]),
        Step::Dumpable => ("Makes process 1 of the new PID namespace unreadable for the root inside, which could otherwise take it over.", HELP, &["process 1", "prctl(2)"]),
        Step::Clock => ("In `chimera bench`: reads the clock.", BENCH, &["clock_gettime(2)"]),
        Step::Seed => ("In `chimera quiz` without -s: asks the kernel for a random number, from which the questions follow.", &["quiz -s 1"], &["quiz", "getrandom(2)"]),
        Step::Heap => ("In `chimera bench --heap`: takes as much memory as was asked for.", BENCH, &["ENOMEM", "mmap(2)"]),
        Step::Renounce => ("Sets no_new_privs for the program: it and what it executes gain no rights any more.", HELP, &["no_new_privs", "prctl(2)"]),
        Step::Killed => ("A signal killed the child while it should have lived. The message names the signal.", &["clone VM --stack 10"], &["crashed", "signal(7)"]),
        Step::AtGuard => ("The child used more stack than it has, touched the guard page below, and was killed by SIGSEGV.", &["clone VM --stack 10"], &["guard page", "signal(7)"]),
    };
    Plain { text, examples, see }
}

/// Passes on all steps.
pub fn each(visit: &mut Visit) {
    for step in Step::ALL {
        plain(*step).visit(Kind::Step, step.name(), &[], visit);
    }
}
