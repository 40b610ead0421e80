//! The tasks while they live, seen from outside: /proc must say what the program says afterwards.
//!
//! The program is held by ptrace(2) at the first kcmp(2) about each task. There the child has
//! acted and waits, and nothing has been put back yet; so the test looks for as long as it needs and never sleeps.

use crate::common::page::{Ids, Page, read};
use crate::common::running::Running;
use crate::common::who::{Who, chimera_as, command_lines, everybody, ids};
use crate::common::{before, deadline};
use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::FileExt;

/// linux/signal.h: the signal whose disposition the two tasks set.
const SIGURG: u32 = 23;

/// The image is linked below this address, and everything else is mapped above it.
const END_OF_IMAGE: u64 = 0x1000_0000;

/// What /proc says of a task.
struct Live {
    tid: u32,
    tgid: u32,
    ppid: u32,
    uid: u32,
    gid: u32,
    /// Whether SIGURG is ignored.
    ignores: bool,
    umask: String,
    files: usize,
    user_namespace: String,
    uid_map: String,
    /// The bytes of the program's variables, the counter among them.
    variables: Vec<u8>,
}

/// One trial as seen from outside: the maker and the task that it made.
struct Seen {
    parent: Live,
    child: Live,
    /// Whether the child is listed among the parent's threads.
    is_listed: bool,
}

fn file(tid: u32, name: &str) -> String {
    fs::read_to_string(format!("/proc/{tid}/{name}")).unwrap_or_else(|error| panic!("{tid}/{name}: {error}"))
}

/// The bytes of the private writable mappings of the image, where the program's variables are.
fn variables(tid: u32) -> Vec<u8> {
    let memory = fs::File::open(format!("/proc/{tid}/mem")).expect("the memory of a task of ours");
    let maps = file(tid, "maps");
    let mut variables = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (start, end) = line.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).expect("an address"));
        if end < END_OF_IMAGE {
            let mut bytes = vec![0; (end - start) as usize];
            memory.read_exact_at(&mut bytes, start).expect("the variables");
            variables.extend(bytes);
        }
    }
    assert!(!variables.is_empty(), "no variables in {maps}");
    variables
}

impl Live {
    fn of(tid: u32) -> Self {
        let status = file(tid, "status");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.unwrap_or_else(|| panic!("{name} in {status}")).split_whitespace().next().expect("a value").to_string()
        };
        let number = |name: &str| field(name).parse().expect("a number");
        Self {
            tid: number("Pid"),
            tgid: number("Tgid"),
            ppid: number("PPid"),
            uid: number("Uid"),
            gid: number("Gid"),
            ignores: u64::from_str_radix(&field("SigIgn"), 16).expect("a mask") >> (SIGURG - 1) & 1 != 0,
            umask: field("Umask"),
            files: fs::read_dir(format!("/proc/{tid}/fd")).expect("the files of a task of ours").count(),
            user_namespace: fs::read_link(format!("/proc/{tid}/ns/user")).expect("a link").display().to_string(),
            uid_map: file(tid, "uid_map").split_whitespace().collect::<Vec<_>>().join(" "),
            variables: variables(tid),
        }
    }
}

impl Seen {
    /// What the two share, in the order of the rows.
    fn shares(&self) -> [bool; 7] {
        let (parent, child) = (&self.parent, &self.child);
        [
            parent.variables == child.variables,
            parent.files == child.files,
            parent.umask == child.umask,
            parent.ignores == child.ignores,
            parent.tgid == child.tgid && self.is_listed,
            parent.ppid == child.ppid,
            parent.user_namespace == child.user_namespace,
        ]
    }
}

/// Starts the program under ptrace(2): it stops before its first instruction.
fn start(who: Who, line: &[&str]) -> Running {
    let running = Running::start(before::exec(chimera_as(who, line), ptrace::traceme));
    let pid = Pid::from_raw(running.id() as i32);
    event(pid);
    ptrace::setoptions(pid, ptrace::Options::PTRACE_O_TRACESYSGOOD | ptrace::Options::PTRACE_O_EXITKILL)
        .expect("options of ptrace");
    running
}

/// What the kernel tells of the program next.
fn event(pid: Pid) -> WaitStatus {
    let next = || Some(waitpid(pid, Some(WaitPidFlag::WNOHANG)).expect("a child of ours"));
    deadline::until("the program stops or ends", || next().filter(|event| *event != WaitStatus::StillAlive))
}

/// Runs the program up to its next kcmp(2) about a task that is not in `known`; answers that task.
fn next_task(pid: Pid, known: &HashSet<u32>) -> u32 {
    let mut signal = None;
    loop {
        ptrace::syscall(pid, signal.take()).expect("the program goes on");
        match event(pid) {
            WaitStatus::PtraceSyscall(_) => {
                let registers = ptrace::getregs(pid).expect("registers");
                let tid = registers.rsi as u32; // the second argument
                if registers.orig_rax == sc::nr::KCMP as u64 && !known.contains(&tid) {
                    return tid;
                }
            }
            WaitStatus::Stopped(_, other) => signal = Some(other),
            other => panic!("no kcmp(2) about another task: {other:?}"),
        }
    }
}

/// Runs a command line to its end; answers each trial as seen from outside, and as printed.
fn watch(who: Who, line: &[&str]) -> Vec<(Seen, Page)> {
    let tasks = match line {
        [] => 6,
        ["fork" | "thread"] => 2,
        _ => 1,
    };
    let running = start(who, line);
    let (own, pid) = (running.id(), Pid::from_raw(running.id() as i32));
    let mut known = HashSet::new();
    let seen: Vec<Seen> = (0..tasks)
        .map(|_| {
            let tid = next_task(pid, &known);
            known.insert(tid);
            let is_listed = fs::exists(format!("/proc/{own}/task/{tid}")).expect("/proc");
            Seen { parent: Live::of(own), child: Live::of(tid), is_listed }
        })
        .collect();
    ptrace::detach(pid, None).expect("the program is let go");
    let pages = read(&running.finish().clean(0).out).pages;
    assert_eq!(pages.len(), seen.len(), "{line:?}");
    seen.into_iter().zip(pages).collect()
}

/// Calls `check` with every task of every command line that everybody may run.
fn each_task(check: impl Fn(Who, &Seen, &Page)) {
    for who in everybody() {
        for line in command_lines(who) {
            watch(who, &line).iter().for_each(|(seen, page)| check(who, seen, page));
        }
    }
}

#[test]
fn proc_says_what_the_pages_say() {
    each_task(|_, seen, page| {
        let says: Vec<&str> = page.rows.iter().map(|row| row.kernel.as_str()).collect();
        let words = seen.shares().map(|is_shared| if is_shared { "same" } else { "different" });
        assert_eq!(says, words, "{}", page.call);
    });
}

#[test]
fn proc_knows_the_tasks_by_the_printed_ids() {
    each_task(|who, seen, page| {
        for (live, said) in [(&seen.parent, &page.parent), (&seen.child, &page.child)] {
            let Ids { ppid, pid, tid, .. } = said;
            assert_eq!((live.ppid, live.tgid, live.tid), (*ppid, *pid, *tid), "{}", page.call);
            // From outside it is the same user in every namespace.
            assert_eq!((live.uid, live.gid), ids(who), "{}", page.call);
        }
    });
}

#[test]
fn the_map_of_the_new_namespace_holds_the_user_alone() {
    each_task(|who, seen, page| {
        let expected = if page.name == "user" { format!("0 {} 1", ids(who).0) } else { seen.parent.uid_map.clone() };
        assert_eq!(seen.child.uid_map, expected, "{}", page.call);
    });
}
