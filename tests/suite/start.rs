//! The start and the command line: whatever execve(2) hands over, and whatever words stand there.
//!
//! Odd starts are made through the kernel itself, as no library starts a program without argv.

use crate::common::running::Running;
use crate::common::who::may_be_root;
use crate::common::{Run, chimera, elf, page, run};
use serde_json::Value;
use std::ffi::{CStr, CString, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

const MANY: usize = 10_000;

/// Panics unless a run was refused in one line on fd 2 that names `word`.
#[track_caller]
fn refused(run: Run, word: &str) {
    let run = run.nothing_left();
    assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{run:#?}");
    assert!(run.err.contains(&format!("'{word}'")) && run.err.lines().count() == 1, "{run:#?}");
}

/// Panics unless `word` is refused in one line, whatever bytes it has.
#[track_caller]
fn refused_in_one_line(word: &[u8]) {
    let mut command = chimera(&[]);
    command.arg(OsStr::from_bytes(word));
    let output = Running::start(command).output();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), b"".as_slice()), "{output:?}");
    assert!(output.stderr.starts_with(b"chimera: there is no command '"), "{output:?}");
    let lines = output.stderr.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!((lines, output.stderr.last()), (1, Some(&b'\n')), "one line for {}", word.escape_ascii());
}

#[test]
fn a_word_of_any_length_and_alphabet_is_refused_in_one_line() {
    for word in [b"\xff\xfe".as_slice(), "f\u{f6}rk".as_bytes(), &[b'x'; 4096], &[b'x'; 100_000]] {
        refused_in_one_line(word);
    }
}

#[test]
fn a_word_of_several_lines_is_refused_in_one_line() {
    for word in [b"a\nb".as_slice(), b"\n", b"fork\n"] {
        refused_in_one_line(word);
    }
}

/// What the version says of flags: how many `rules --flags` lists, and the last of those that came last.
fn flags() -> String {
    let table = run(chimera(&["rules", "--flags", "--json"])).clean(0).out;
    let rows: Vec<Value> = table.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let text = |row: &Value, key: &str| row[key].as_str().expect("a text").to_owned();
    let since = |row: &Value| text(row, "since").split('.').map(|number| number.parse().expect("a number")).collect();
    let newest = rows.iter().max_by_key(|row| -> Vec<u32> { since(row) }).expect("a flag");
    format!("flags: {} known, the newest {} of Linux {}", rows.len(), text(newest, "flag"), text(newest, "since"))
}

/// The version says of which source, for which target, by which compiler and how; which flags of the kernel it knows; and
/// the commit, in a build that was told one, as those of `make dist` are. Two builds of one source say the same.
#[test]
fn the_version_goes_to_fd_1() {
    let version = run(chimera(&["--version"])).clean(0).out;
    let lines: Vec<&str> = version.lines().collect();
    let start = concat!("chimera ", env!("CARGO_PKG_VERSION"), " (x86_64-",);
    let is_whole = ["debug)", "release)"].iter().any(|end| lines[0].ends_with(end));
    assert!(lines[0].starts_with(start) && is_whole && lines[0].contains(", rustc 1."), "{version}");
    assert!(!version.contains('/') && version.ends_with('\n'), "{version}");
    assert_eq!(lines[1], flags(), "{version}");
    // Whether it was told one, this test cannot know.
    let is_commit = |line: &&str| line.strip_prefix("commit: ").is_some_and(|name| name.len() >= 40);
    assert!(lines.len() == 2 || lines.len() == 3 && is_commit(&lines[2]), "{version}");
}

#[test]
fn ten_thousand_arguments_are_read() {
    let useful = vec!["-v"; MANY];
    run(chimera(&[useful.as_slice(), &["fork"]].concat())).clean(0);
    refused(run(chimera(&[useful.as_slice(), &["last"]].concat())), "last");
    let words: Vec<String> = (0..MANY).map(|number| format!("word{number}")).collect();
    refused(run(chimera(&words.iter().map(String::as_str).collect::<Vec<_>>())), "word0");
}

#[test]
fn ten_thousand_variables_are_passed_over() {
    let mut command = chimera(&["fork"]);
    command.env_clear().envs((0..MANY).map(|number| (format!("NAME{number}"), "value")));
    run(command).clean(0);
}

#[test]
fn an_empty_environment_is_enough() {
    let mut command = chimera(&["fork"]);
    command.env_clear();
    run(command).clean(0);
}

/// execve(2) with no argv and no environment at all; it comes back with an error alone.
fn execute_bare(path: &CStr) -> std::io::Error {
    let empty: [*const c_char; 1] = [std::ptr::null()];
    // SAFETY: the kernel reads a path that ends with a zero byte and two vectors that end with a null pointer.
    let answer = unsafe { sc::syscall!(EXECVE, path.as_ptr(), empty.as_ptr(), empty.as_ptr()) };
    std::io::Error::from_raw_os_error((answer as i32).wrapping_neg())
}

/// The ELF, started without argv, which newer kernels make one empty word.
fn without_argv() -> Command {
    let mut command = chimera(&[]);
    let path = CString::new(elf().as_os_str().as_bytes()).expect("a path without zeros");
    // SAFETY: between fork and exec only one system call is made; nothing is allocated and no lock is taken.
    unsafe { command.pre_exec(move || Err(execute_bare(&path))) };
    command
}

#[test]
fn an_empty_argv_is_a_tour() {
    if may_be_root(None) {
        let report = page::read(&run(without_argv()).clean(0).out);
        assert_eq!((report.pages.len(), report.table.len()), (6, 7), "{report:#?}");
    }
}

/// All commands, as the help lists them.
fn commands(help: &str) -> Vec<&str> {
    let of_list = help.lines().skip_while(|line| *line != "to learn:").take_while(|line| *line != "in every command:");
    of_list.filter_map(|line| line.strip_prefix("  ")?.split("  ").next()).filter(|name| !name.is_empty()).collect()
}

/// Each command has a help, which fits a terminal and has no place left open for a value; the help of all lists each.
#[test]
fn every_command_has_a_help() {
    let all = run(chimera(&["--help"])).clean(0).out;
    let commands = commands(&all);
    for command in crate::common::MODES
        .iter()
        .chain(&["tour", "quiz", "clone", "rules", "run", "doctor", "inspect", "bench", "help"])
    {
        assert!(commands.contains(command), "{command} is missing in {all}");
    }
    let helps = commands.iter().map(|command| (*command, run(chimera(&[command, "--help"])).clean(0).out));
    for (command, help) in helps.chain([("[COMMAND]", all.clone())]) {
        assert!(help.contains(&format!("\nusage: chimera {command}")), "{help}");
        assert!(!help.contains("null") && help.lines().all(|line| line.len() <= 80), "{help}");
        assert!(help.is_ascii() && !help.contains("  \n") && !help.contains("\n\n\n"), "{help}");
    }
}

/// The width of the page is that of the terminal, and headings stand out if colors are asked for.
#[test]
fn a_help_fits_its_page() {
    for (width, widest) in [("40", 40), ("60", 60), ("120", 120)] {
        let mut command = chimera(&["help", "fork"]);
        command.env("COLUMNS", width);
        let help = run(command).clean(0).out;
        // What cannot be broken (an option and its value) may be as wide as it is.
        assert!(help.lines().all(|line| line.len() <= widest.max(60)), "{help}");
    }
    let [plain, colored] = ["never", "always"].map(|when| run(chimera(&["help", "run", "--color", when])).clean(0).out);
    assert_eq!(colored.replace("\x1b[1m", "").replace("\x1b[0m", ""), plain);
    assert_ne!(colored, plain);
}

/// The command lines below `examples:`, without what is said of each.
fn examples(help: &str) -> Vec<&str> {
    let lines = help.lines().skip_while(|line| *line != "examples:").take_while(|line| *line != "exit status:");
    lines.filter_map(|line| line.strip_prefix("  ")?.split("  ").next()).filter(|line| !line.is_empty()).collect()
}

/// Each help has examples, and each of them works as it stands, but where user namespaces are forbidden.
#[test]
fn the_examples_of_each_help_work() {
    let is_usable = may_be_root(None);
    let all = run(chimera(&["--help"])).clean(0).out;
    let beginning: Vec<&str> =
        all.lines().filter_map(|line| line.strip_prefix("  chimera")?.split("  ").next()).collect();
    let beginning = beginning.into_iter().map(|words| format!("chimera{words}"));
    let of_commands = commands(&all).into_iter().flat_map(|command| {
        let help = run(chimera(&["help", command])).clean(0).out;
        let examples: Vec<String> = examples(&help).into_iter().map(str::to_owned).collect();
        assert!(examples.len() >= 3, "{help}");
        examples
    });
    for example in beginning.chain(of_commands) {
        let line = format!("chimera() {{ \"{}\" \"$@\"; }}; {example}", elf().display());
        let run = run(crate::common::command("/bin/sh", &["-c", &line])).nothing_left();
        assert!(run.status == Some(0) || !is_usable, "{example}: {run:#?}");
        assert!(!run.err.contains("; see chimera"), "{example}: {run:#?}");
    }
}
