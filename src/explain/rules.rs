//! The rules by which the kernel refuses a call: each in plain words, with the smallest call that shows it.

use super::resources::is_same;
use super::topic::{Kind, Topic, Visit};
use crate::clone::flags::{Flags, Version};
use crate::rules::rule::{RULES, Rule, When};
use crate::text::{Show, Sink, out};

/// The rules in plain words, in the order of [`RULES`].
#[rustfmt::skip]
static TEXTS: [(&str, &str); RULES.len()] = [
    ("A0", "Kernels before 5.3 do not have clone3(2): the number of the call is unknown to them."),
    ("A0", "A seccomp filter is a program that is asked before each system call of a process and may answer instead of the kernel. Containers have one. Many answer ENOSYS to clone3(2), because a filter cannot read the structure in which its flags stand."),
    ("A1", "clone3(2) takes a structure and its size. A page of memory has 4096 bytes; what the structure holds does not matter."),
    ("A2", "That version had 64 bytes. The kernel says so before it reads anything."),
    ("A4", "A kernel refuses a longer structure than its own if a byte that it does not know is not 0, so that nothing that was asked for is ignored."),
    ("A5", "With the member set_tid the caller chooses the new task's id in each PID namespace that it is in."),
    ("A6", "The size says up to which member the structure goes, and the number of ids comes after their list."),
    ("A7", "The exit signal must be 0, for none, or a signal: Linux has those from 1 to 64."),
    ("A8", "The size says up to which member the structure goes, and the cgroup is the last one."),
    ("B1", "clone3(2) refuses each flag that it does not know; a flag of a later kernel is one. clone(2), on the contrary, ignores unknown bits."),
    ("B2", "clone3(2) has a member of its own for the exit signal, so the low byte of its flags must be 0, except the bit of CLONE_NEWTIME. CLONE_DETACHED, which does nothing in clone(2), is refused as well."),
    ("B3", "CLONE_CLEAR_SIGHAND gives the child other handlers than the caller's, so the two cannot have one table."),
    ("B4", "A thread sends no exit signal at its end, and a sibling (CLONE_PARENT) that of its caller, so none may be asked for. clone(2) ignores the signal in these cases; clone3(2) refuses it."),
    ("B5", "clone3(2) takes the lowest address of the stack and its size; both are given, or neither. A stack is aligned to 16 bytes, so of less than 16 there is nothing left, and chimera passes the size 0."),
    ("C1", "The address is parent_tid. clone3(2) has one for each."),
    ("C2", "The low byte of the flags is the exit signal, and Linux has no signals above 64. Earlier kernels accepted the numbers up to 255 and then sent nothing."),
    ("D1", "A root and a working directory are places in mounts. Two tasks that share them (CLONE_FS) must have the same mounts, or one of them would be outside of its own."),
    ("D2", "In a new user namespace a task has CAP_SYS_CHROOT. If it shared its root directory with the caller, it could change the root of a task outside, where it has no right to."),
    ("D3", "A signal to a process may be handled by any of its threads, so all threads must have the same handlers."),
    ("D4", "A handler is the address of a function. In another memory there may be anything at that address."),
    ("D5", "A sibling of process 1 would be a second root of the tree of processes: nobody in the namespace could be its parent or wait for it."),
    ("D6", "So a thread cannot start in a new one. A process can: leave out CLONE_THREAD."),
    ("D6", "After unshare(2) or setns(2) of a PID namespace the caller's children go to another PID namespace than the caller's. A thread has to be in its process's."),
    ("D7", "CLONE_DETACHED does nothing, and its bit may once mean something for pidfds: so that nobody relies on it, it is refused beside CLONE_PIDFD."),
    ("D7", "Before Linux 6.9 a pidfd always stood for a process, that is for a whole thread group."),
    ("D8", "A thread is removed by the kernel anyway, and a sibling belongs to a parent that did not ask for it to disappear."),
    ("D8", "CLONE_AUTOREAP says that nobody is told of the task's end; an exit signal would tell."),
    ("D10", "A thread can set no_new_privs for itself with prctl(2)."),
    ("D11", "It is CLONE_PIDFD that makes the descriptor, and CLONE_AUTOREAP that lets the kernel clean up after the task."),
    ("D12", "A task that executes a set-user-ID program has more rights than its maker, and the close would kill it nevertheless. So it either may not gain rights (CLONE_NNP), or its maker has CAP_SYS_ADMIN."),
    ("E4", "Each user may make only so many user namespaces, and the limit of each level up to the first counts; 0 forbids them. They can lie 33 levels below the first, which the kernel and the manual count as 32."),
    ("E5", "A task is in a chroot if its root directory is not that of its mount namespace. With a user namespace it would get CAP_SYS_CHROOT and could leave."),
    ("E6", "Such an id reads as 65534, and a task with it may not own another user namespace. The id has to be mapped first."),
    ("E7", "It may be AppArmor, SELinux, or a setting of the distribution, for this program or for all ordinary users. `chimera doctor` finds out which."),
    ("E7", "`chimera doctor` finds out which."),
    ("E8", "RLIMIT_NPROC is the limit of the user (ulimit -u), kernel.threads-max that of the machine; ids go up to kernel.pid_max."),
    ("F1", "Namespaces other than user namespaces need CAP_SYS_ADMIN in the user namespace that is to own them. Root has it; with CLONE_NEWUSER in the same call the new task has it in its own."),
    ("F1", "AppArmor on Ubuntu does that. The user namespace alone could be made."),
    ("F2", "A task in another IPC namespace does not have the semaphores of which the list speaks."),
    ("F3", "Each kind of namespace has a limit of its own in /proc/sys/user."),
    ("F3", "A kernel may be built without a kind of namespace. And after unshare(2) or setns(2) of a PID namespace no further one can be asked for in a call."),
    ("F4", "On x86-64 the addresses from 0x7ffffffff000 on are no program's. A base of FS that lies there is refused."),
    ("F5", "set_tid has one id for each PID namespace that the new task is in, the innermost first. chimera passes those of --set-tid."),
    ("F5", "That process is its process 1, with duties of its own."),
    ("F5", "The ids of --set-tid are meant. `cat /proc/sys/kernel/pid_max` shows the limit."),
    ("F5", "To choose the id of a task is for programs that restore stopped ones: it needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in the user namespace that owns the PID namespace."),
    ("F5", "In one of the PID namespaces another task has the chosen id."),
    ("F6", "When process 1 of a PID namespace has ended, no task can be made there any more. It happens after unshare(2) of a PID namespace, whose first child is its process 1, and has ended."),
    ("F8", "The member cgroup of the structure has to be an open descriptor of the directory of such a cgroup; chimera takes that of --cgroup."),
    ("F8", "Its directory is still open, but it takes no task any more."),
    ("F8", "These rights are needed to put a task into a cgroup."),
    ("F8", "With this mount option a cgroup namespace is a border that no task crosses."),
    ("F8", "A cgroup of type domain invalid takes no processes; it has to be made threaded first. And a thread stays within the domain of its process."),
    ("F8", "In version 2 a cgroup that hands on controllers such as memory to those below it may have no tasks of its own, apart from the root."),
    ("F8", "The file pids.max limits how many tasks a cgroup and those below it have."),
];

/// Each rule has its text.
const _: () = {
    let mut place = 0;
    while place < RULES.len() {
        assert!(is_same(TEXTS[place].0, RULES[place].id), "the texts are in the order of the rules");
        place += 1;
    }
};

/// Passes on all rules.
pub fn each(visit: &mut Visit) {
    let mut last = "";
    for (rule, (id, text)) in RULES.iter().zip(&TEXTS) {
        let is_listed = core::mem::replace(&mut last, id) != *id;
        visit(&Topic {
            kind: Kind::Rule,
            name: ("", id),
            also: &[rule.why],
            text: &Told { rule, text },
            flags: match rule.when {
                When::Together(one, others) | When::Without(one, others) => one.union(others),
                When::If(..) => Flags::empty(),
            },
            witnesses: None,
            examples: &[&Shown(rule)],
            see: &["predicted", "clone(2)"],
            is_listed,
        });
    }
}

/// The rule in short, its text, and what the kernel answers.
struct Told<'a> {
    rule: &'a Rule,
    text: &'a str,
}

impl Show for Told<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Self { rule, text } = self;
        for (place, call) in rule.calls.iter().enumerate() {
            out!(out, if place == 0 { "" } else { " and " }, call.name(), "(2)");
        }
        out!(out, if rule.calls.len() == 1 { " refuses " } else { " refuse " });
        match rule.when {
            When::Together(one, others) => out!(out, one, " together with ", Several(others, " or ")),
            When::Without(one, others) => out!(out, one, " without ", Several(others, " and ")),
            When::If(..) => out!(out, "the call"),
        }
        match rule.errno.and_then(|errno| errno.name()) {
            Some((name, _)) => out!(out, " (", name, ")"),
            None => out!(out, " (with the errno that the filter chooses)"),
        }
        out!(out, ": ", rule.why, ". ", *text, " The kernel checks it in ", rule.source);
        if rule.since != Version::UNKNOWN {
            out!(out, ", since Linux ", rule.since);
        }
        if let Some(until) = rule.until {
            out!(out, ", before Linux ", until);
        }
        out!(out, ".");
    }
}

/// Flags with a word between them.
struct Several(Flags, &'static str);

impl Show for Several {
    fn show(&self, out: &mut dyn Sink) {
        for (place, (_, flag)) in self.0.iter_names().enumerate() {
            out!(out, if place == 0 { "" } else { self.1 });
            flag.show(out);
        }
    }
}

/// The call that shows the rule, judged for a kernel that has it.
struct Shown<'a>(&'a Rule);

impl Show for Shown<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Rule { provoke, since, until, .. } = self.0;
        let (flags, options) = provoke.split_once(' ').unwrap_or((provoke, ""));
        let quote = if flags.contains('|') { "'" } else { "" };
        out!(out, "rules ", quote, flags, quote);
        if !options.is_empty() {
            out!(out, " ", options);
        }
        match until {
            Some(until) => out!(out, " --kernel ", until.major, ".", until.minor - 1),
            None if *since != Version::UNKNOWN => out!(out, " --kernel ", *since),
            None => {}
        }
    }
}
