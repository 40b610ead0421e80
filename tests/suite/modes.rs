//! The four modes and the tour: what they print is true, the same each time, and nothing stays behind.
//!
//! What each task shares stands here once more, written down by hand from clone(2), and not
//! taken from the program.

use crate::common::page::{Page, Report, read};
use crate::common::running::Running;
use crate::common::who::{self, chimera_as, command_lines, everybody, everybody_allowed, ids};
use crate::common::{run, without_ids};

/// A task: its name, its flags as strace prints them, and what it shares of [`RESOURCES`].
struct Task {
    name: &'static str,
    flags: &'static str,
    shares: [bool; 7],
}

const RESOURCES: [&str; 7] =
    ["memory", "files", "cwd/root/umask", "signal handlers", "thread group", "parent process", "user namespace"];

/// What decides about each of them.
const FLAGS: [&str; 7] = ["VM", "FILES", "FS", "SIGHAND", "THREAD", "PARENT", "NEWUSER"];

/// What a task gets of each that it does not share.
const INSTEAD: [&str; 7] = ["copied", "copied", "copied", "copied", "new", "new", "new"];

/// Where the rows are that the sentences of the exercise speak of.
const MEMORY: usize = 0;
const THREAD_GROUP: usize = 4;
const USER_NAMESPACE: usize = 6;

const PTHREAD: &str = "CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|\
                       CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID";

const ALL: [bool; 7] = [true; 7];
const NONE: [bool; 7] = [false; 7];
const ONLY_USER_NAMESPACE: [bool; 7] = [false, false, false, false, false, false, true];

const TASKS: [Task; 6] = [
    Task { name: "fork", flags: "SIGCHLD", shares: ONLY_USER_NAMESPACE },
    Task { name: "fork(2)", flags: "", shares: ONLY_USER_NAMESPACE },
    Task { name: "chimera", flags: "CLONE_VM|SIGCHLD", shares: [true, false, false, false, false, false, true] },
    Task {
        name: "thread",
        flags: "CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_CHILD_CLEARTID",
        shares: [true, false, false, true, true, true, true],
    },
    Task { name: "pthread", flags: PTHREAD, shares: ALL },
    Task { name: "user", flags: "CLONE_NEWUSER|SIGCHLD", shares: NONE },
];

/// The tasks of a command line.
fn tasks(line: &[&str]) -> &'static [Task] {
    match line.iter().find(|word| !word.starts_with('-')) {
        Some(&"fork") => &TASKS[0..2],
        Some(&"chimera") => &TASKS[2..3],
        Some(&"thread") => &TASKS[3..5],
        Some(&"user") => &TASKS[5..6],
        _ => &TASKS,
    }
}

/// Runs a command line as `who`, cleanly, and reads it.
fn report(who: who::Who, line: &[&str]) -> Report {
    read(&run(chimera_as(who, line)).clean(0).out)
}

/// Calls `check` with every task of every command line that everybody may run.
fn each_page(check: impl Fn(who::Who, &Task, &Page)) {
    for who in everybody() {
        for line in command_lines(who) {
            let report = report(who, &line);
            let names: Vec<&str> = report.pages.iter().map(|page| page.name.as_str()).collect();
            assert_eq!(names, tasks(&line).iter().map(|task| task.name).collect::<Vec<_>>(), "{line:?}");
            tasks(&line).iter().zip(&report.pages).for_each(|(task, page)| check(who, task, page));
        }
    }
}

#[test]
fn each_row_says_what_clone_2_promises() {
    each_page(|_, task, page| {
        assert_eq!(page.rows.len(), RESOURCES.len(), "{page:#?}");
        for (place, row) in page.rows.iter().enumerate() {
            let words = match task.shares[place] {
                true => ["shared", "same", "shared", "honoured"],
                false => [INSTEAD[place], "different", "separate", "honoured"],
            };
            assert_eq!((row.name.as_str(), row.flag.trim_start_matches("CLONE_")), (RESOURCES[place], FLAGS[place]));
            assert_eq!([&row.asked, &row.kernel, &row.behaviour, &row.verdict], words.each_ref(), "{}", task.name);
        }
    });
}

#[test]
fn the_ids_are_those_of_the_kind_of_task() {
    each_page(|who, task, page| {
        let (parent, child) = (&page.parent, &page.child);
        let is_thread = task.shares[THREAD_GROUP];
        assert_eq!(parent.pid, parent.tid, "the first task leads its process");
        assert_ne!(child.tid, parent.tid, "two tasks");
        assert_eq!(child.pid, if is_thread { parent.pid } else { child.tid }, "a process of its own, or a thread");
        assert_eq!(child.ppid, if is_thread { parent.ppid } else { parent.pid }, "its parent");
        let in_new = !task.shares[USER_NAMESPACE];
        let own = ids(who);
        assert_eq!((parent.uid, parent.gid), own);
        assert_eq!((child.uid, child.gid), if in_new { (65534, 65534) } else { own }, "its user");
    });
}

#[test]
fn the_counter_is_seen_by_the_parent_only_in_shared_memory() {
    each_page(|_, task, page| {
        assert_eq!((page.parent.counter, page.child.counter), (task.shares[MEMORY].into(), 1), "{}", task.name);
    });
}

#[test]
fn the_call_has_the_flags_and_its_result_is_the_child() {
    each_page(|_, task, page| {
        assert_eq!(page.result(), page.child.tid, "{}", page.call);
        let flags = page.call.split_once("flags=").map_or("", |(_, rest)| rest);
        let flags = flags.split([',', ')']).next().unwrap_or_default();
        assert_eq!(flags, task.flags, "{}", page.call);
        assert_eq!(page.call.starts_with("fork() = "), task.name == "fork(2)", "{}", page.call);
    });
}

#[test]
fn the_user_becomes_root_by_steps_that_name_its_own_ids() {
    for who in everybody_allowed() {
        let (uid, gid) = ids(who);
        let map = |id: u32| (format!("\"0 {id} 1\""), format!("0 {id} 1").len() as u32);
        let steps: Vec<(String, u32)> = [
            ("write /proc/self/setgroups \"deny\"".into(), 4),
            (format!("write /proc/self/uid_map {}", map(uid).0), map(uid).1),
            (format!("write /proc/self/gid_map {}", map(gid).0), map(gid).1),
            ("getuid()".into(), 0),
            ("getgid()".into(), 0),
            ("setuid(0)".into(), 0),
            ("unshare(CLONE_NEWUTS)".into(), 0),
            ("sethostname(\"chimera\")".into(), 0),
        ]
        .into();
        assert_eq!(report(who, &["user"]).pages[0].steps, steps);
    }
}

#[test]
fn the_tally_counts_every_claim_once() {
    for who in everybody() {
        for line in command_lines(who) {
            let report = report(who, &line);
            let rows = report.pages.iter().flat_map(|page| &page.rows).filter(|row| row.verdict == "honoured").count();
            let steps: usize = report.pages.iter().map(|page| page.steps.len()).sum();
            let has_fork = tasks(&line)[0].name == "fork";
            assert_eq!(report.same_facts, has_fork, "{line:?}");
            assert_eq!(report.tally, [(rows + steps + usize::from(has_fork)) as u32, 0, 0], "{line:?}");
        }
    }
}

#[test]
fn the_table_says_what_the_pages_say() {
    for who in everybody_allowed() {
        let report = report(who, &[]);
        assert_eq!(report.tasks, TASKS.map(|task| task.name.to_string()));
        let rows: Vec<(String, Vec<String>)> = (0..RESOURCES.len())
            .map(|place| {
                let asked = report.pages.iter().map(|page| page.rows[place].asked.clone());
                (RESOURCES[place].into(), asked.collect())
            })
            .collect();
        assert_eq!(report.table, rows);
    }
}

#[test]
fn a_single_mode_has_no_table() {
    assert!(report(None, &["fork"]).table.is_empty());
}

#[test]
fn the_printed_parent_is_the_process_that_was_started() {
    for who in everybody() {
        for line in command_lines(who) {
            let running = Running::start(chimera_as(who, &line));
            let pid = running.id();
            let pages = read(&running.finish().clean(0).out).pages;
            let seen = pages.iter().map(|page| (page.parent.ppid, page.parent.pid));
            assert_eq!(seen.collect::<Vec<_>>(), vec![(std::process::id(), pid); pages.len()], "{line:?}");
        }
    }
}

/// Ids have no fixed width, so the blanks of the columns go too.
fn without_ids_and_blanks(text: &str) -> String {
    let blank = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
    without_ids(text).lines().map(blank).collect()
}

#[test]
fn twenty_runs_print_the_same() {
    for who in everybody() {
        for line in command_lines(who) {
            let page = || without_ids_and_blanks(&run(chimera_as(who, &line)).clean(0).out);
            let first = page();
            assert!((1..20).all(|_| page() == first), "{line:?} as {who:?}");
        }
    }
}

#[test]
fn the_stack_is_drawn_as_it_was_built() {
    for mode in ["chimera", "thread"] {
        for page in report(None, &[mode, "-v"]).pages {
            let (places, names): (Vec<usize>, Vec<&str>) =
                page.stack.iter().map(|(place, name)| (*place, name.as_str())).unzip();
            let [top, zero, exit, argument, entry, base, guard] = places[..] else { panic!("{page:#?}") };
            // exit_group(2) ends a process, exit(2) a thread.
            let last_call = format!("{:#x} last call", if mode == "thread" { 60 } else { 231 });
            assert_eq!([names[0], names[1], names[2]], ["top", "0x0 the end", &last_call]);
            assert!(names[3].ends_with(" argument") && names[4].ends_with(" entry"), "{names:?}");
            assert!(names[5].starts_with("base,") && names[6].starts_with("guard page,"), "{names:?}");
            assert!(guard < base && base < entry && entry < top, "{page:#?}");
            assert_eq!(base - guard, 4096, "one guard page");
            assert_eq!((entry % 16, top % 16), (0, 0), "aligned as a call wants it");
            assert_eq!([zero, exit, argument, entry], [8, 16, 24, 32].map(|below| top - below), "four words on top");
            assert_eq!(top - base, 65536, "the size of a stack");
            assert!(page.call.contains(&format!("child_stack={entry:#x},")), "{}", page.call);
        }
    }
}

#[test]
fn a_copied_stack_is_said_to_be_one() {
    let text = run(chimera_as(None, &["fork", "--verbose"])).clean(0).out;
    assert_eq!(text.matches("The child's stack is a copy of its parent's.").count(), 2, "{text}");
    assert!(read(&text).pages.iter().all(|page| page.stack.is_empty()));
}
