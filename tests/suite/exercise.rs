//! The exercise: what it prints is true, it keeps to its page, and no failure of the kernel passes without a word.
//!
//! The tables are read and held against each other here, by rules that are written down anew; and
//! each promise is broken once by a tracer that takes a flag away, so that the sentences are seen to say so.

use crate::common::skip::{has, skip, skip_part};
use crate::common::who::{Who, everybody, ids, is_allowed, run_as};
use crate::common::{self, MODES, Run, command, filter, install, is_root, run, tracer};
use nix::libc;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// The page that the release has to fit into, and the lines that a reader is asked for.
const BYTES: u64 = 4096;
const LINES: usize = 350;

/// The exercise under test: the one that EXERCISE names, or else the one of these tests' profile, if it was built.
fn built() -> Option<&'static Path> {
    static BUILT: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let named = std::env::var_os("EXERCISE").map(PathBuf::from);
        let own = option_env!("CARGO_BIN_EXE_exercise").map(PathBuf::from);
        named.or(own.filter(|path| cfg!(feature = "exercise") && path.is_file()))
    });
    BUILT.as_deref()
}

/// A copy that every user may run; none if it was not built, and then the test that calls this is left out.
pub fn exercise() -> Option<&'static Path> {
    static COPY: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
        let built = built()?.canonicalize().expect("the exercise");
        let copy = common::folder().join("exercise");
        install(&built, &copy, "755");
        Some(copy)
    });
    if COPY.is_none() {
        skip("the exercise is not built: cargo test --features exercise");
    }
    COPY.as_deref()
}

/// The exercise with `words`, as `who`.
fn with(words: &[&str], who: Who) -> Option<Command> {
    Some(run_as(command(exercise()?, words), who))
}

/// A row of a table: ppid, pid, tid, the counter, uid.
type Row = [u32; 5];

/// What was printed of one call.
#[derive(Debug)]
struct Call {
    id: u32,
    line: String,
    rows: HashMap<String, Row>,
}

/// What was printed of one mode.
#[derive(Debug)]
struct Page {
    head: String,
    calls: Vec<Call>,
    conclusion: String,
}

fn pages(out: &str) -> Vec<Page> {
    let mut pages: Vec<Page> = Vec::new();
    for line in out.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with([' ', '\t']) {
            pages.push(Page { head: line.to_owned(), calls: Vec::new(), conclusion: String::new() });
            continue;
        }
        let page = pages.last_mut().expect("a heading");
        match words[..] {
            ["The", ..] => page.conclusion = words.join(" "),
            [id, "=", ..] => {
                let id = id.parse().expect("an id");
                page.calls.push(Call { id, line: words[2..].join(" "), rows: HashMap::new() });
            }
            ["ppid", ..] => assert_eq!(words, ["ppid", "pid", "tid", "counter", "uid"], "{line}"),
            [name, ..] => {
                let numbers: Vec<u32> = words[1..].iter().map(|word| word.parse().expect("a number")).collect();
                let row = numbers.try_into().unwrap_or_else(|_| panic!("a row of five: {line}"));
                page.calls.last_mut().expect("a call").rows.insert(name.to_owned(), row);
            }
            [] => panic!("an empty line"),
        }
    }
    pages
}

/// The facts that a mode promises: whether the process, the memory and the user namespace are the parent's.
fn promised(mode: &str) -> (bool, bool, bool) {
    (mode == "thread", mode == "chimera" || mode == "thread", mode != "user")
}

fn check_facts(mode: &str, page: &Page, uid: u32, caller: u32) {
    let (same_process, same_memory, same_user) = promised(mode);
    assert!(page.head.starts_with(&format!("{mode}: ")), "{page:?}");
    assert_eq!(page.calls.len(), if mode == "fork" { 2 } else { 1 }, "{page:?}");
    for (place, call) in page.calls.iter().enumerate() {
        let start = if place == 0 { "clone(" } else { "fork()" };
        assert!(call.line.starts_with(start), "{page:?}");
        let rows = &call.rows;
        assert_eq!(rows.len(), if same_user { 2 } else { 3 }, "{page:?}");
        let [ppid, pid, tid, counter, user] = rows["parent"];
        assert_eq!((ppid, tid, user), (caller, pid, uid), "{page:?}");
        assert_eq!(counter, u32::from(same_memory), "{page:?}");
        let child = rows["child"];
        let wanted = if same_process { [ppid, pid, call.id] } else { [pid, call.id, call.id] };
        assert_eq!(child[..3], wanted, "{page:?}");
        assert!(call.id != tid && child[3] == 1, "{page:?}");
        if same_user {
            assert_eq!(child[4], uid, "{page:?}");
        } else {
            assert_eq!((child[4], rows["mapped"][4]), (65534, 0), "{page:?}");
            assert_eq!(rows["mapped"][..4], child[..4], "{page:?}");
        }
    }
    assert!(page.conclusion.starts_with("The facts show: "), "{page:?}");
}

/// Whether a mode can be made here, told as a part that is left out.
fn is_possible(mode: &str, who: Who) -> bool {
    let is_possible = mode != "user" || is_allowed(who);
    if !is_possible {
        skip_part(format!("user namespaces are forbidden here for {who:?}"));
    }
    is_possible
}

#[test]
fn every_mode_shows_what_its_flags_promise() {
    for who in everybody() {
        for mode in MODES.into_iter().filter(|mode| is_possible(mode, who)) {
            let Some(command) = with(&[mode], who) else { return };
            let run = run(command).clean(0);
            let pages = pages(&run.out);
            assert_eq!(pages.len(), 1, "{run:?}");
            check_facts(mode, &pages[0], ids(who).0, std::process::id());
        }
    }
}

#[test]
fn all_modes_come_in_their_order() {
    for who in everybody() {
        let Some(command) = with(&[], who) else { return };
        let may = is_possible("user", who);
        let ran = run(command).nothing_left();
        assert_eq!(ran.status, Some(0), "{ran:#?}");
        let pages = pages(&ran.out);
        assert_eq!(pages.len(), MODES.len(), "{ran:#?}");
        for (mode, page) in MODES.into_iter().zip(&pages).filter(|(mode, _)| may || *mode != "user") {
            check_facts(mode, page, ids(who).0, std::process::id());
        }
    }
}

#[test]
fn lines_never_change_their_order() {
    let Some(_) = exercise() else { return };
    let masked = || common::without_ids(&run(with(&[], None).expect("built")).out);
    let first = masked();
    (0..20).for_each(|_| assert_eq!(masked(), first));
}

#[test]
fn wrong_words_are_answered_with_the_usage() {
    for words in [&["foo"] as &[&str], &["forks"], &["for"], &[""], &["fork", "fork"], &["--help"]] {
        let Some(command) = with(words, None) else { return };
        let run = run(command).nothing_left();
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{words:?}: {run:#?}");
        assert_eq!(run.err, "usage: exercise [fork|chimera|thread|user]\n", "{words:?}");
    }
}

#[test]
fn the_release_fits_into_a_page() {
    let Some(elf) = exercise() else { return };
    let text = fs::read(elf).expect("the ELF");
    // What ships has no table of symbols: the name of its section is in none that does.
    if text.windows(8).any(|name| name == b".symtab\0") {
        return skip("the size is that of the release");
    }
    assert!(text.len() as u64 <= BYTES, "{} of {BYTES} bytes", text.len());
}

#[test]
fn the_source_can_be_read_in_one_sitting() {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/exercise.rs")).expect("the source");
    assert!(source.lines().count() <= LINES, "{} of {LINES} lines", source.lines().count());
    let wide: Vec<_> = source.lines().filter(|line| line.chars().count() > 120).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(!source.contains("chimera::"), "nothing of the library");
    // Each instruction has its comment.
    let instructions = source.lines().map(str::trim).filter(|line| line.starts_with('"') && line.contains("\","));
    let bare: Vec<_> = instructions.filter(|line| !line.contains("// ")).collect();
    assert!(bare.is_empty(), "{bare:#?}");
}

/// A run whose first line on fd 2 is this, and no more.
fn fails(run: Run, status: i32, message: &str) {
    let run = run.nothing_left();
    assert_eq!((run.status, run.err.as_str()), (Some(status), format!("{message}\n").as_str()), "{run:#?}");
}

#[test]
fn output_that_is_lost_is_a_failure() {
    for mode in MODES {
        let Some(mut command) = with(&[mode], None) else { return };
        command.stdout(Stdio::from(fs::File::create("/dev/full").expect("/dev/full"))).stderr(Stdio::piped());
        fails(common::finish(command.spawn().expect("it starts")), 1, "exercise: write: errno 28");
        let closed = common::before::without(with(&[mode], None).expect("built"), &[1]);
        fails(run(closed), 1, "exercise: write: errno 9");
    }
}

#[test]
fn a_refused_call_is_told_with_its_step() {
    let steps = [
        (libc::SYS_clone, "fork", "clone"),
        (libc::SYS_fork, "fork", "fork"),
        (libc::SYS_mmap, "chimera", "mmap"),
        (libc::SYS_mprotect, "chimera", "mprotect"),
        (libc::SYS_munmap, "thread", "munmap"),
        (libc::SYS_gettid, "thread", "id"),
        (libc::SYS_rt_sigaction, "fork", "rt_sigaction"),
    ];
    for (call, mode, step) in steps {
        let Some(command) = with(&[mode], None) else { return };
        let refused = common::before::exec(command, move || filter::refuse(&[(call, 0, libc::EPERM)]));
        fails(run(refused), 1, &format!("exercise: {step}: errno 1"));
    }
}

/// What is refused to `user` alone is its answer; within all modes it is told, and no failure.
#[test]
fn refused_user_namespaces_are_told() {
    let refusals: [(libc::c_long, u32, &str); 2] =
        [(libc::SYS_clone, libc::CLONE_NEWUSER as u32, "clone"), (libc::SYS_open, 0, "open")];
    for (call, bits, step) in refusals {
        for (words, status) in [(&["user"] as &[&str], 4), (&[], 0)] {
            let Some(command) = with(words, None) else { return };
            if !is_possible("user", None) {
                return;
            }
            let refused = common::before::exec(command, move || filter::refuse(&[(call, bits, libc::EPERM)]));
            fails(run(refused), status, &format!("exercise: {step}: errno 1"));
        }
    }
}

#[test]
fn a_limit_of_none_is_a_refusal() {
    if !has("unshare") || !is_possible("user", None) {
        return;
    }
    let Some(elf) = exercise().and_then(Path::to_str) else { return };
    for (word, status) in [("user", 4), ("", 0)] {
        let text = format!("echo 0 > /proc/sys/user/max_user_namespaces && exec \"$0\" {word}");
        let ran = run(command("unshare", &["-r", "sh", "-c", &text, elf]));
        fails(ran, status, "exercise: clone: errno 28");
    }
}

/// The signal of a caller's choice: whether SIGCHLD is ignored or not, the child is there to be waited for.
#[test]
fn an_ignored_sigchld_does_no_harm() {
    let Some(command) = with(&["fork"], None) else { return };
    let ignoring = common::before::exec(command, || {
        // SAFETY: SIG_IGN runs no code.
        unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
        Ok(())
    });
    run(ignoring).clean(0);
}

/// A flag that is taken away on its way to the kernel: the facts are otherwise, and the sentence says so.
#[test]
fn a_dropped_flag_is_seen() {
    let flags = [
        ("chimera", libc::CLONE_VM),
        ("thread", libc::CLONE_THREAD | libc::CLONE_SIGHAND),
        ("user", libc::CLONE_NEWUSER),
    ];
    for (mode, flag) in flags {
        let Some(command) = with(&[mode], None) else { return };
        let run = tracer::run_without(command, flag as u64);
        assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{mode}: {run:#?}");
        // What was to be a thread is not waited for: it has told its end by CLONE_CHILD_CLEARTID, and process 1 reaps it.
        assert!(mode == "thread" || run.left.is_empty(), "{mode}: {run:#?}");
        assert!(run.out.contains("The facts DO NOT show: "), "{mode}: {run:#?}");
    }
    let Some(command) = with(&["chimera"], None) else { return };
    tracer::run_without(command, 0).clean(0);
}

/// A kernel that would never wake the parent does not hang it.
#[test]
fn a_thread_that_is_never_told_to_have_ended_is_a_failure() {
    let Some(command) = with(&["thread"], None) else { return };
    let run = tracer::run_without(command, libc::CLONE_CHILD_CLEARTID as u64);
    assert_eq!((run.status, run.err.as_str()), (Some(1), "exercise: futex: errno 110\n"), "{run:#?}");
}

/// An ordinary tracer changes nothing, with or without a new user namespace.
#[test]
fn under_strace_it_is_the_same() {
    if !has("strace") {
        return;
    }
    for mode in MODES.into_iter().filter(|mode| is_possible(mode, None)) {
        let Some(elf) = exercise().and_then(Path::to_str) else { return };
        let run = run(command("strace", &["-f", "-qq", "-o", "/dev/null", elf, mode]));
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{run:#?}");
        assert!(run.out.contains("The facts show: "), "{run:#?}");
    }
}

/// Injected by strace: a call that is interrupted is made again, and a child that is killed is told.
#[test]
fn interruptions_and_killed_children() {
    if !has("strace") {
        return;
    }
    let Some(elf) = exercise().and_then(Path::to_str) else { return };
    let traced = |inject: &str, mode: &str| {
        let inject = format!("inject={inject}");
        run(command("strace", &["-f", "-qq", "-o", "/dev/null", "-e", &inject, elf, mode]))
    };
    for (inject, mode) in [
        ("wait4:error=EINTR:when=1..3", "fork"),
        ("write:error=EINTR:when=2", "chimera"),
        ("futex:error=EINTR:when=1..3", "thread"),
        ("futex:error=EAGAIN:when=1", "thread"),
    ] {
        let run = traced(inject, mode);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{inject}: {run:#?}");
    }
    // The child is the first that asks.
    let killed = traced("getppid:signal=KILL:when=1", "chimera");
    assert_eq!((killed.status, killed.err.as_str()), (Some(1), "exercise: child: signal 9\n"), "{killed:#?}");
}

/// A copy that its owner alone may write to is run by others as well.
#[test]
fn it_needs_nothing_but_itself() {
    let Some(elf) = exercise() else { return };
    if !is_root() {
        return skip("only root can change the root folder");
    }
    let folder = common::folder().join("nothing");
    fs::create_dir(&folder).expect("a folder");
    install(elf, &folder.join("exercise"), "755");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("rights");
    for mode in ["fork", "chimera", "thread"] {
        let root = folder.clone();
        let alone = common::before::exec(command("/exercise", &[mode]), move || nix::unistd::chroot(&root));
        run(alone).clean(0);
    }
}

/// The examples of docs/exercise.md, with every number of two digits and more left out of the comparison.
#[test]
fn the_documented_output_is_true() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/exercise.md")).expect("the page");
    let block = text.split("```console\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    let examples: Vec<_> = block.split("$ exercise ").skip(1).filter_map(|example| example.split_once('\n')).collect();
    assert_eq!(examples.iter().map(|(mode, _)| *mode).collect::<Vec<_>>(), MODES);
    // Somebody whose id is one of those that are left out.
    let who = is_root().then_some(1000);
    for (mode, shown) in examples.into_iter().filter(|(mode, _)| is_possible(mode, who)) {
        let Some(command) = with(&[mode], who) else { return };
        assert_eq!(common::without_ids(&run(command).clean(0).out), common::without_ids(shown), "{mode}");
    }
}
