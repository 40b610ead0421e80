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
const CHECK: &[&str] = &["check pairs --json"];
const EXPLAIN: &[&str] = &["explain CLONE_VM --json"];

/// All keys.
#[rustfmt::skip]
static KEYS: &[Row] = &[
    row("v", "The version of the format, 1. It changes when a key changes its meaning or disappears.", CLONE),
    row("name", "What the object is about, by name: the mode, the resource, the setting, the task.", CLONE),
    row("api", "The call that was made: clone, clone3 or fork.", CLONE),
    row("flags", "The flags and the exit signal, as strace writes them; in check without the exit signal, and with --list a list.", CLONE),
    row("bits", "The flags as a number in hexadecimal, without the exit signal.", CLONE),
    row("exit_signal", "The number of the exit signal, 0 for none; in inspect -1 for a thread; null in check where no task is made.", CLONE),
    row("predicted", "What the rules predict: OK, the name of an errno, or SIGSYS for a filter that kills.", RULES),
    row("rule", "The rule that leads to the prediction; null for OK. In check the rule by which an answer was expected.", RULES),
    row("why", "The reason for a refusal, or for a flag that does nothing; null for none.", RULES),
    row("remedy", "What to do about a refusal; null if nothing is known to help.", RULES),
    row("result", "What the kernel answered: OK or the name of an errno; null if the call never returned. In doctor what came of the try, in check of the leaf: pass, fail or skip.", CLONE),
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
    row("value", "In doctor what was found; in check the value of what sets the case apart.", DOCTOR),
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
    row("group", "In inspect the id of the task's thread group; in check the name of the group of leaves.", INSPECT),
    row("groups", "In inspect how many processes have the object; in check the names of the groups that run.", INSPECT),
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
    row("chimera", "The version of chimera.", CHECK),
    row("rules", "The newest version of Linux whose rules are known.", CHECK),
    row("machine", "The kind of machine, as uname(2) names it.", CHECK),
    row("admin", "Whether the check has CAP_SYS_ADMIN; null if that is not known.", CHECK),
    row("userns", "OK if the kernel makes user namespaces here, else the errno; null if it cannot be asked.", CHECK),
    row("filter", "Whether a seccomp filter is in force; null if that is not known.", CHECK),
    row("modules", "The security modules of the kernel, joined by commas; null if securityfs is not there to tell.", CHECK),
    row("label", "What a security module has the check run as; null if none says so.", CHECK),
    row("cases", "How many cases there are.", CHECK),
    row("leaf", "The name of the leaf, which is unique in its group.", CHECK),
    row("right", "How many cases had the expected answer.", CHECK),
    row("wrong", "How many cases had another answer.", CHECK),
    row("skipped", "How many cases could not be judged.", CHECK),
    row("skip", "Why most of these cases could not be judged, null if all could; in the totals how many leaves could not be judged at all.", CHECK),
    row("deviations", "The first cases with another answer, a list of objects.", CHECK),
    row("what", "What sets the case apart besides its flags; null if nothing does.", CHECK),
    row("want", "The answer that was expected.", CHECK),
    row("got", "The answer that came.", CHECK),
    row("pass", "How many leaves are right.", CHECK),
    row("fail", "How many leaves have a case that deviates.", CHECK),
    row("ns", "How long it took, in nanoseconds.", CHECK),
    row("times", "How long each group took, a list of objects.", CHECK),
    row("peak_kib", "The most memory that the check had at once, in KiB; null if that is not known.", CHECK),
    row("usual", "Whether the leaf runs when no group is named.", &["check --list --json"]),
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
