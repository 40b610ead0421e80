//! What strace(1) sees: which system calls each mode makes, task by task, and that the printed call is the real one.
//!
//! A transcript per mode is kept in tests/transcripts and read by people; `SNAPSHOTS=overwrite
//! cargo test --test suite strace` writes it anew. What differs from run to run is given a name: ids, addresses that the
//! kernel chooses, the umask and the user of the caller. Sleeps on a futex are left out, for whether a task has to
//! wait is the scheduler's choice; the wakes are all there.

use crate::common::skip::{is_installed, skip, skip_part};
use crate::common::who::{Who, ids, is_allowed, run_as};
use crate::common::{MODES, command, elf, folder, page, run};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The addresses that the program asks for itself: these stay as they are.
const ASKED_FOR: std::ops::Range<usize> = 0x1000_0000..0x3000_0000;

/// The calls in whose arguments or results ids of tasks stand.
const WITH_TASKS: [&str; 10] =
    ["clone", "fork", "getpid", "getppid", "gettid", "kcmp", "kill", "tgkill", "wait4", "waitid"];

/// The calls in whose arguments or results the ids of the user stand.
const WITH_USERS: [&str; 6] = ["getegid", "geteuid", "getgid", "getuid", "setresuid", "write"];

/// The umasks that the program sets; any other is the caller's.
const UMASKS: [&str; 2] = ["070", "007"];

/// The id of whoever has no name in a namespace.
const NOBODY: u32 = 65534;

/// What strace saw of one run: the lines of each task, the first task's first, and what the program printed.
struct Trace {
    tasks: Vec<(u32, Vec<String>)>,
    out: String,
}

/// A folder of its own for the files of one run, open to every user and gone with it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let path = folder().join(format!("strace-{}", NUMBER.fetch_add(1, Relaxed)));
        fs::create_dir(&path).expect("a folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).expect("rights for all");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left of it harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An ordinary user, in whose ids nothing else in a transcript can be mistaken.
fn somebody() -> Who {
    crate::common::is_root().then_some(1000)
}

/// Why a mode cannot be traced here; none if it can.
fn obstacle(mode: &str) -> Option<&'static str> {
    if !is_installed("strace") {
        return Some("strace is not installed");
    }
    if mode == "user" && !is_allowed(somebody()) {
        return Some("user namespaces are forbidden here");
    }
    if mode == "user" && ids(somebody()) == (NOBODY, NOBODY) {
        return Some("an id that has no name in a new namespace could not be told from the own");
    }
    let may = run(run_as(command("strace", &["-qq", "-o", "/dev/null", "true"]), somebody())).status == Some(0);
    (!may).then_some("strace may not trace here")
}

/// Runs a mode under strace, which writes a file a task.
fn trace(mode: &str) -> Trace {
    let folder = Folder::new();
    let prefix = folder.0.join("task");
    let paths = [prefix.to_str(), elf().to_str()].map(|path| path.expect("UTF-8"));
    let strace = command("strace", &["-ff", "-qq", "-e", "signal=none", "-o", paths[0], paths[1], mode]);
    let out = run(run_as(strace, somebody())).clean(0).out;
    let files = fs::read_dir(&folder.0).expect("the files").flatten();
    let mut tasks: Vec<_> = files.map(|file| read_task(&file.path())).collect();
    let first = tasks.iter().find(|(_, lines)| lines[0].starts_with("execve(")).expect("the first task");
    let made: Vec<u32> = calls_made(&first.1).filter_map(|line| result(line)).collect();
    // The order of the calls, not of the ids, which start anew some day; the first task is not among them.
    tasks.sort_by_key(|(tid, _)| made.iter().position(|made| made == tid).map_or(0, |place| place + 1));
    Trace { tasks, out }
}

/// The lines of one task, with single blanks, by its id.
fn read_task(path: &Path) -> (u32, Vec<String>) {
    let tid = path.extension().and_then(|tid| tid.to_str()?.parse().ok()).expect("a task id");
    let text = fs::read_to_string(path).expect("strace's file");
    (tid, text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect())
}

/// The calls that make tasks.
fn calls_made(lines: &[String]) -> impl Iterator<Item = &String> {
    lines.iter().filter(|line| line.starts_with("clone(") || line.starts_with("fork("))
}

/// The result of a call, if it is a number.
fn result(line: &str) -> Option<u32> {
    line.rsplit_once(" = ")?.1.parse().ok()
}

/// A line with each word of letters and digits replaced by what `name` makes of it.
fn rename(line: &str, name: impl Fn(&str) -> Option<String>) -> String {
    let mut result = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let end = rest[start..].find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let end = end.map_or(rest.len(), |len| start + len);
        let word = &rest[start..end];
        result.push_str(&rest[..start]);
        result.push_str(&name(word).unwrap_or_else(|| word.into()));
        rest = &rest[end..];
    }
    result + rest
}

/// The name of a word that differs from run to run.
fn name(call: &str, word: &str, tasks: &[(u32, String)]) -> Option<String> {
    if let Some(address) = word.strip_prefix("0x") {
        let address = usize::from_str_radix(address, 16).ok()?;
        return (!ASKED_FOR.contains(&address)).then(|| "ADDRESS".into());
    }
    if call == "umask" {
        return (word.starts_with('0') && !UMASKS.contains(&word)).then(|| "CALLERS".into());
    }
    let number: u32 = word.parse().ok()?;
    let (uid, gid) = ids(somebody());
    match call {
        _ if WITH_TASKS.contains(&call) => tasks.iter().find(|(tid, _)| *tid == number).map(|(_, name)| name.clone()),
        _ if WITH_USERS.contains(&call) && (number == uid || number == gid) => Some("USER".into()),
        _ => None,
    }
}

/// A line as it is the same in every run; none if it is not.
fn normal(line: &str, tasks: &[(u32, String)]) -> Option<String> {
    let (call, rest) = line.split_once('(')?;
    let (before, result) = line.rsplit_once(" = ")?;
    match call {
        "execve" => return Some("execve(...) = 0".into()),
        "futex" if rest.contains("FUTEX_WAIT") => return None,
        "futex" => return Some(before.into()),
        // The pages have tests of their own.
        "write" if rest.starts_with("1, ") => return Some("write(1, ...)".into()),
        "stat" | "newfstatat" => {
            let mut path: Vec<String> = rest.split(',').next()?.split('/').map(str::to_owned).collect();
            for (id, name) in tasks {
                path.iter_mut().filter(|part| **part == id.to_string()).for_each(|part| part.clone_from(name));
            }
            return Some(format!("stat({}, ...) = {result}", path.join("/")));
        }
        // The limits are the caller's.
        "prlimit64" => return Some(format!("{}, ...) = {result}", line.split_once(", NULL")?.0)),
        "uname" => return Some("uname(...) = 0".into()),
        _ => {}
    }
    let line = rename(line, |word| name(call, word, tasks));
    let (before, _) = line.rsplit_once(" = ")?;
    Some(match call {
        // Which of two kernel objects comes first is chance; that there are two is a fact.
        "kcmp" if result != "0" => format!("{before} = different"),
        // An id has as many digits as it has.
        "write" if line.contains("USER") => before.rsplit_once(", ")?.0.to_string() + ", ...)",
        _ => line,
    })
}

/// After a sleep that ended without a wake the program asks whether the child has ended: so often as it had to.
fn is_question_while_waiting(lines: &[String], place: usize) -> bool {
    let before = place.checked_sub(1).map_or("", |before| lines[before].as_str());
    lines[place].starts_with("waitid(") && before.contains("FUTEX_WAIT") && before.contains("ETIMEDOUT")
}

/// The tasks by the names that they get, and the process that started the first.
fn names(trace: &Trace) -> Vec<(u32, String)> {
    let caller = trace.tasks[0].1.iter().find_map(|line| result(line).filter(|_| line.starts_with("getppid(")));
    let mut names = vec![(caller.expect("the first task asks for its parent"), "CALLER".into())];
    for (place, (tid, _)) in trace.tasks.iter().enumerate() {
        names.push((*tid, if place == 0 { "PARENT".into() } else { format!("CHILD{place}") }));
    }
    names
}

/// The whole run as it is the same each time.
fn transcript(trace: &Trace) -> String {
    let names = names(trace);
    let mut text = String::new();
    for ((_, lines), (_, name)) in trace.tasks.iter().zip(&names[1..]) {
        let places = (0..lines.len()).filter(|place| !is_question_while_waiting(lines, *place));
        let mut kept: Vec<String> = places.filter_map(|place| normal(&lines[place], &names)).collect();
        kept.dedup_by(|next, line| next == line && line.starts_with("write(1, ")); // a page, however long it is
        text += &format!("{name}\n  {}\n", kept.join("\n  "));
    }
    text
}

/// Compares a mode's transcript with the one that is kept.
fn reviewed(mode: &str) {
    if let Some(obstacle) = obstacle(mode) {
        return skip(obstacle);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/transcripts/{mode}.txt"));
    let kept = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text));
    snapbox::assert_data_eq!(transcript(&trace(mode)), kept.raw());
}

#[test]
fn fork_makes_the_reviewed_calls() {
    reviewed("fork");
}

#[test]
fn chimera_makes_the_reviewed_calls() {
    reviewed("chimera");
}

#[test]
fn thread_makes_the_reviewed_calls() {
    reviewed("thread");
}

#[test]
fn user_makes_the_reviewed_calls() {
    reviewed("user");
}

#[test]
fn the_printed_call_is_the_one_that_strace_saw() {
    let (possible, others): (Vec<_>, Vec<_>) = MODES.into_iter().partition(|mode| obstacle(mode).is_none());
    if possible.is_empty() {
        return skip("no mode can be traced here");
    }
    others.iter().for_each(|mode| skip_part(format!("{mode}: it cannot be traced here")));
    for mode in possible {
        let trace = trace(mode);
        let seen: Vec<&String> = calls_made(&trace.tasks[0].1).collect();
        let pages = page::read(&trace.out).pages;
        assert_eq!(seen, pages.iter().map(|page| &page.call).collect::<Vec<_>>(), "{mode}");
        assert_eq!(seen.len() + 1, trace.tasks.len(), "a task for each call of {mode}, and the first");
    }
}
