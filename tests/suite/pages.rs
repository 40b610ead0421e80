//! The pages of the modes, the tour and `clone` at terminals of several widths, and with `--stable`.

use crate::common::screen::{at_terminal, fits, plain, rows};
use crate::common::skip::has;
use crate::common::who::may_be_root;
use crate::common::{chimera, command, elf, run};

/// Command lines whose pages have all kinds of tables, lines and outcomes.
const LINES: [&str; 11] = [
    "",
    "-v",
    "fork -v",
    "user",
    "clone pthread",
    "clone container --clone3",
    "clone CHILD_CLEARTID,PARENT_SETTID,CHILD_SETTID,SETTLS --clone3",
    "clone VFORK,CLEAR_SIGHAND --clone3",
    "clone THREAD",
    "clone NEWTIME",
    "clone vm --stack 10",
];

/// The columns about resources, in the order in which they stand, and how many of them a page so wide has.
const COLUMNS: [&str; 6] = ["resource", "flag", "asked", "kernel", "behaviour", "verdict"];

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

#[test]
fn no_row_is_broken_at_any_width() {
    if !may_be_root(None) {
        return;
    }
    for line in LINES {
        for width in [40, 60, 80, 120] {
            let page = plain(&at_terminal(chimera(&words(line)), width));
            fits(&page, width.into());
            let Some(head) = page.lines().find(|line| line.trim_start().starts_with("resource  ")) else {
                assert!(line == "clone THREAD", "{line}: {page}");
                continue;
            };
            // Whole columns leave, in this order, and the page says which; the verdict stays.
            let shown: Vec<&str> = head.split_whitespace().collect();
            let left_out: Vec<&str> = COLUMNS.into_iter().filter(|name| !shown.contains(name)).collect();
            let order = ["flag", "asked", "behaviour", "kernel"];
            assert!(order[..left_out.len()].iter().all(|name| left_out.contains(name)), "{left_out:?} of {page}");
            let told = format!("  no room for: {}\n", left_out.join(", "));
            assert_eq!(page.replace("\n    ", " ").contains(&told), !left_out.is_empty(), "{page}");
            assert!(width < 80 || left_out.is_empty(), "{page}");
        }
    }
}

#[test]
fn cells_stand_below_their_names() {
    for (line, count) in [("fork", 7), ("clone pthread", 20)] {
        for width in [60, 80, 120] {
            let page = plain(&at_terminal(chimera(&words(line)), width));
            // The note below the table is prose.
            let table = page.split("\n  Each row has").next().expect("a page");
            let resources = rows(table, "resource  ", &[]);
            assert_eq!(resources.len(), count, "{page}");
            for row in &resources {
                assert_eq!(row.last(), Some(&"honoured"), "{page}");
            }
            let ids = rows(
                page.split("\n  counter:").next().expect("a page"),
                "task  ",
                &["ppid", "pid", "tid", "uid", "gid", "counter"],
            );
            assert_eq!(ids.iter().map(|row| row[0]).collect::<Vec<_>>(), ["parent", "child"], "{page}");
        }
    }
}

/// A verdict and an outcome have their color; without colors each word is still there.
#[test]
fn verdicts_have_colors_at_a_terminal_alone() {
    let page = at_terminal(chimera(&["clone", "NEWTIME"]), 80);
    for colored in ["\x1b[32mhonoured\x1b[0m", "\x1b[31mnot-honoured\x1b[0m", "outcome:\x1b[31m not-honoured\x1b[0m"] {
        assert!(page.contains(colored), "{colored:?} in {page}");
    }
    let piped = run(chimera(&["clone", "NEWTIME"])).nothing_left().out;
    assert!(!piped.contains('\x1b') && piped.contains("not-honoured"), "{piped}");
}

#[test]
fn stable_pages_are_the_same_bytes() {
    if !may_be_root(None) {
        return;
    }
    let pictures = ["--graph", "--svg", "--dot", "--mermaid"].map(|form| format!("clone container {form}"));
    for line in LINES.into_iter().chain(pictures.iter().map(String::as_str)) {
        let page = || run(chimera(&[&words(line)[..], &["--stable"]].concat())).nothing_left().out;
        let first = page();
        assert!((0..3).all(|_| page() == first), "{line}: {first}");
        // No address, and no id but those that are the same everywhere.
        assert!(!first.contains("=0x") && !first.contains("= 1"), "{line}: {first}");
        assert!(!first.contains("OTHER"), "{line}: {first}");
    }
    let page = run(chimera(&["chimera", "--stable"])).clean(0).out;
    assert!(page.contains("clone(child_stack=STACK, flags=CLONE_VM|SIGCHLD) = CHILD\n"), "{page}");
    assert!(page.contains("  parent  CALLER  PARENT  PARENT "), "{page}");
    assert!(page.contains("  child   PARENT   CHILD   CHILD "), "{page}");
}

#[test]
fn ids_for_machines_are_never_masked() {
    for line in ["fork --stable --json", "clone fork --stable --json", "clone fork --stable -- true"] {
        let refused = run(chimera(&words(line)));
        assert!(refused.err.contains("--stable and ") && refused.err.contains(" exclude each other"), "{refused:#?}");
        assert_eq!(refused.status, Some(if line.ends_with("true") { 125 } else { 2 }), "{refused:#?}");
    }
}

/// A refused mode has a page as any other: the title, the call and the kernel's word, what was predicted, why, and what
/// came of it; the tour's table says why there is none.
#[test]
fn a_refusal_has_a_page() {
    if !has("strace") {
        return;
    }
    let refuse = |words: &[&str], fault: &str| {
        let fault = format!("inject=clone:error={fault}");
        let elf = elf().to_str().expect("UTF-8");
        run(command("strace", &[&["-f", "-q", "-o", "/dev/null", "-e", &fault, elf][..], words].concat()))
    };
    let user = refuse(&["user"], "EPERM");
    let expected = [
        "user: a process that becomes root of a new user namespace\n",
        "  clone(child_stack=NULL, flags=CLONE_NEWUSER|SIGCHLD) = -1 EPERM (Operation not\n      permitted)\n",
        "  predicted: EPERM (Operation not permitted), rule ",
        "\n  why: ",
        "\n  outcome: refused-as-predicted (the kernel refuses the call, as the rules say)\n",
        "\n  try next ",
    ];
    let mut rest = user.out.as_str();
    for text in expected {
        let (_, after) = rest.split_once(text).unwrap_or_else(|| panic!("no {text:?} in {rest}"));
        rest = after;
    }
    assert_eq!(user.status, Some(3), "{user:#?}");
    let tour = refuse(&[], "EPERM:when=5+");
    assert!(tour.out.contains("\n  SKIP: the kernel refuses this task here: "), "{tour:#?}");
}

#[test]
fn a_crash_is_told_with_the_name_of_its_signal() {
    let page = run(chimera(&["clone", "vm", "--stack", "10"])).nothing_left();
    let unwrapped = page.out.replace("\n  ", " ");
    let told = "outcome: crashed (a task was killed by SIGSEGV: the child had 0 bytes of stack above the guard page)\n";
    assert!(unwrapped.ends_with(told), "{page:#?}");
}
