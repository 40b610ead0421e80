//! The keys of JSON objects.

use super::topic::{Kind, Plain, Visit};

/// A key, and what stands behind it.
struct Row {
    name: &'static str,
    text: &'static str,
    /// A command that writes the key.
    example: &'static [&'static str],
}

const fn row(name: &'static str, text: &'static str, example: &'static [&'static str]) -> Row {
    Row { name, text, example }
}

const CLONE: &[&str] = &["clone VM --json"];
const RULES: &[&str] = &["rules THREAD --json"];
const DOCTOR: &[&str] = &["doctor --json"];
const INSPECT: &[&str] = &["inspect --json"];
const USER: &[&str] = &["user --json"];
const TABLES: &[&str] = &["rules --json", "rules --flags --json"];
const BENCH: &[&str] = &["bench --help"];
const QUIZ: &[&str] = &["quiz -s 1 --json"];
const EXPLAIN: &[&str] = &["explain CLONE_VM --json"];

/// All keys.
#[rustfmt::skip]
static KEYS: &[Row] = &[
    row("v", "The version of the format, 1. It changes when a key changes its meaning or disappears.", CLONE),
    row("name", "What the object is about, by name: the mode, the resource, the setting, the task.", CLONE),
    row("api", "The call that was made: clone, clone3 or fork.", CLONE),
    row("flags", "The flags and the exit signal, as strace writes them.", CLONE),
    row("bits", "The flags as a number in hexadecimal, without the exit signal.", CLONE),
    row("exit_signal", "The number of the exit signal, 0 for none; in inspect -1 for a thread.", CLONE),
    row("predicted", "What the rules predict: OK, the name of an errno, or SIGSYS for a filter that kills.", RULES),
    row("rule", "The rule that leads to the prediction; null for OK.", RULES),
    row("why", "The reason for a refusal, or for a flag that does nothing; null for none.", RULES),
    row("remedy", "What to do about a refusal; null if nothing is known to help.", RULES),
    row("result", "What the kernel answered: OK or the name of an errno; null if the call never returned. In doctor what came of the try.", CLONE),
    row("outcome", "What came of the call as a whole.", CLONE),
    row("kernel", "The release of the running kernel, or the version for which a prediction is made; in an object about a resource what the kernel says.", CLONE),
    row("parent", "The ids and the counter of the task that made the call, as it read them itself.", CLONE),
    row("child", "The ids and the counter of the new task, as it read them itself; null for what it could not read.", CLONE),
    row("ppid", "The process id of the parent.", CLONE),
    row("pid", "The process id.", CLONE),
    row("tid", "The id of the task.", CLONE),
    row("uid", "The user id.", CLONE),
    row("gid", "The group id.", CLONE),
    row("counter", "What the task saw in the counter.", CLONE),
    row("resources", "The rows of the table, a list of objects.", CLONE),
    row("flag", "The flag that decides; null if there is none.", CLONE),
    row("asked", "What the flags ask for.", CLONE),
    row("behaviour", "What the two tasks did to each other shows.", CLONE),
    row("verdict", "Whether the kernel did what was asked for; in doctor, whether `run -r` works.", CLONE),
    row("killed", "The signal that killed a task which should have lived; null for none.", CLONE),
    row("stack", "The addresses of the child's stack; null where the child has a copy of its parent's.", CLONE),
    row("guard", "The address of the guard page below the stack.", CLONE),
    row("base", "The lowest address of the stack.", CLONE),
    row("pointer", "Where the child's stack pointer is when it starts.", CLONE),
    row("top", "The first address above the stack.", CLONE),
    row("steps", "The steps by which the child became root of its user namespace, a list; null if it did not try.", USER),
    row("written", "What the step wrote to its file; null if it writes none.", USER),
    row("returned", "The number that the call of the step returned; null if it was refused.", USER),
    row("unprivileged", "Whether the prediction is for an ordinary user.", RULES),
    row("calls", "The system calls that take the flag, or to which the rule applies.", TABLES),
    row("with", "Any of these flags, together with the flag, is refused.", TABLES),
    row("without", "The flag without all of these is refused.", TABLES),
    row("since", "The first version of Linux with it; null if all versions that are known have it.", TABLES),
    row("until", "The first version of Linux without it; null for none.", TABLES),
    row("provoke", "The smallest call that shows the rule, as arguments of `chimera clone`.", TABLES),
    row("bit", "The flag as a number in hexadecimal.", TABLES),
    row("about", "What the flag does, in a few words.", TABLES),
    row("rows", "The settings that were looked at, a list of objects.", DOCTOR),
    row("value", "What was found.", DOCTOR),
    row("good", "Whether the value allows user namespaces: true, false, or null if it does not decide.", DOCTOR),
    row("source", "Where it was looked at.", DOCTOR),
    row("tries", "What was tried, a list of objects.", DOCTOR),
    row("kind", "The kind of namespace, of task, of topic, or of question.", DOCTOR),
    row("options", "The options of `chimera run` that do the same.", DOCTOR),
    row("step", "The step that failed; null if none did.", DOCTOR),
    row("cause", "Why it failed, or could not be seen; null if no cause was found.", DOCTOR),
    row("heap_bytes", "How many bytes of memory were touched.", BENCH),
    row("tasks", "In bench how many other tasks were alive; in inspect the tasks that have an object, or how many.", BENCH),
    row("huge", "Whether the heap was in huge pages.", BENCH),
    row("pinned", "Whether all ran on one processor.", BENCH),
    row("noisy", "Whether the machine was too busy for reliable figures.", BENCH),
    row("runs", "How many times it was measured.", BENCH),
    row("p10_ns", "The time in nanoseconds that 10 of 100 measurements stay below.", BENCH),
    row("p50_ns", "The median time in nanoseconds.", BENCH),
    row("p99_ns", "The time in nanoseconds that 99 of 100 measurements stay below.", BENCH),
    row("floor_p50_ns", "The median time of the bare call, in nanoseconds.", BENCH),
    row("ratio", "The median divided by that of the bare call.", BENCH),
    row("refused", "The errno with which the kernel refused the kind.", BENCH),
    row("task", "The id of the task.", INSPECT),
    row("group", "The id of its thread group.", INSPECT),
    row("groups", "How many processes have the object.", INSPECT),
    row("ino", "The inode of the task's pidfd, or of an open file.", INSPECT),
    row("state", "The state of the task, a letter of proc_pid_stat(5): R runs, S sleeps, Z is a zombie.", INSPECT),
    row("start", "When the task was made, in ticks of the clock since boot.", INSPECT),
    row("objects", "What the task has of each resource: an id that names the object, null for none, or why it is not seen.", INSPECT),
    row("memory", "The task's address space.", INSPECT),
    row("fs", "The task's directories and umask.", INSPECT),
    row("sighand", "The task's signal handlers.", INSPECT),
    row("sysvsem", "The task's semaphore undos.", INSPECT),
    row("io", "The task's I/O context.", INSPECT),
    row("namespaces", "The inodes of the task's namespaces, by kind.", INSPECT),
    row("user", "The inode of the task's user namespace.", INSPECT),
    row("mnt", "The inode of the task's mount namespace.", INSPECT),
    row("uts", "The inode of the task's UTS namespace.", INSPECT),
    row("ipc", "The inode of the task's IPC namespace.", INSPECT),
    row("net", "The inode of the task's network namespace.", INSPECT),
    row("time", "The inode of the task's time namespace.", INSPECT),
    row("pid_for_children", "The inode of the PID namespace in which the task's children will be.", INSPECT),
    row("time_for_children", "The inode of the time namespace in which the task's children will be.", INSPECT),
    row("cgroup", "The task's cgroup; among namespaces, the inode of its cgroup namespace.", INSPECT),
    row("tracer", "The id of the task that traces this one; null for none.", INSPECT),
    row("vfork", "The tasks for which this one waits in vfork(2).", INSPECT),
    row("rss_kib", "Its memory that is in use now, in KiB.", INSPECT),
    row("shared", "The objects that several processes have, a list.", INSPECT),
    row("unseen", "What could not be seen, and why.", INSPECT),
    row("errno", "The errno that was the answer.", INSPECT),
    row("held", "How many answers held on the second look, and of how many.", INSPECT),
    row("kcmp", "How many calls of kcmp(2) were made.", INSPECT),
    row("files", "The task's table of descriptors; at the end, the open files that are in several tables.", INSPECT),
    row("resource", "Which resource is shared.", INSPECT),
    row("id", "The name of the object: the lowest id of a task that has it.", INSPECT),
    row("dev", "The device of the file.", INSPECT),
    row("holders", "The tasks that have the file open, a list.", INSPECT),
    row("fd", "The descriptor.", INSPECT),
    row("seed", "The number from which the questions follow: the same seed, the same questions.", QUIZ),
    row("number", "The number of the question.", QUIZ),
    row("question", "The question.", QUIZ),
    row("choices", "The answers to choose from, a list.", QUIZ),
    row("answer", "The letter of the right answer.", QUIZ),
    row("proven", "Whether the answer was seen on this kernel: true, false, or null if it cannot be seen here.", QUIZ),
    row("seen", "What the tasks and the kernel showed.", QUIZ),
    row("topic", "The word that is explained.", EXPLAIN),
    row("text", "What it is, in plain words.", EXPLAIN),
    row("witnesses", "How the two witnesses look, an object with kernel and behaviour; null where there is nothing to look at.", EXPLAIN),
    row("examples", "Command lines to type.", EXPLAIN),
    row("see", "Other topics, and pages of the manual.", EXPLAIN),
];

/// Passes on all keys.
pub fn each(visit: &mut Visit) {
    for Row { name, text, example } in KEYS {
        Plain { text, examples: example, see: &["v", "--json"] }.visit(Kind::Key, name, &[], visit);
    }
}
