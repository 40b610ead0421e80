//! The start and the command line: whatever execve(2) hands over, and whatever words stand there.
//!
//! Odd starts are made through the kernel itself, as no library starts a program without argv.

use crate::common::running::Running;
use crate::common::who::may_be_root;
use crate::common::{Run, chimera, elf, page, run};
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
    let nearest = match word {
        "frok" | "FORK" => "nearest: fork; ",
        "--jsn" => "nearest: --json; ",
        _ => "",
    };
    assert_eq!(run.err, format!("chimera: usage: {word}? {nearest}see chimera --help\n"));
}

#[test]
fn words_that_make_no_sense_are_named() {
    let lines: [(&[&str], &str); 11] = [
        (&["frok"], "frok"),
        (&["fork", "thread"], "thread"),
        (&["fork", "fork"], "fork"),
        (&["--jsn"], "--jsn"),
        (&["-x", "--help"], "-x"),
        (&["--help", "-x"], "-x"),
        (&["--json=yes"], "--json=yes"),
        (&[""], ""),
        (&["fork", ""], ""),
        (&["FORK"], "FORK"),
        (&["#", "@"], "#"),
    ];
    for (line, word) in lines {
        refused(run(chimera(line)), word);
    }
}

/// Panics unless `word` is refused in one line, whatever bytes it has.
#[track_caller]
fn refused_in_one_line(word: &[u8]) {
    let mut command = chimera(&[]);
    command.arg(OsStr::from_bytes(word));
    let output = Running::start(command).output();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), b"".as_slice()), "{output:?}");
    assert!(output.stderr.starts_with(b"chimera: usage: "), "{output:?}");
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

#[test]
fn help_and_version_go_to_fd_1() {
    let version = concat!("chimera ", env!("CARGO_PKG_VERSION"), "\n");
    for words in [["--version"].as_slice(), &["-V"], &["fork", "-V"]] {
        assert_eq!(run(chimera(words)).clean(0).out, version, "{words:?}");
    }
    let help = run(chimera(&["--help"])).clean(0).out;
    assert_eq!(run(chimera(&["-h"])).clean(0).out, help);
    assert!(help.starts_with("usage: chimera "), "{help}");
    for word in crate::common::MODES.iter().chain(&["--json", "--verbose", "--version", "status"]) {
        assert!(help.contains(word), "{word} is missing in {help}");
    }
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

/// Each command has a help, which mentions it, fits a terminal, and has no place left open for a value.
#[test]
fn every_command_has_a_help() {
    for command in ["clone", "rules", "run", "doctor", "bench"] {
        for option in ["--help", "-h"] {
            let help = run(chimera(&[command, option])).clean(0).out;
            assert!(help.starts_with(&format!("usage: chimera {command} ")), "{help}");
            assert!(!help.contains("null") && help.lines().all(|line| line.len() <= 80), "{help}");
        }
        let all = run(chimera(&["--help"])).clean(0).out;
        assert!(all.contains(&format!("chimera {command} ")) && !all.contains("null"), "{all}");
        assert!(all.lines().all(|line| line.len() <= 80), "{all}");
    }
}

/// The command lines below `examples:`, without what is said of each.
fn examples(help: &str) -> Vec<&str> {
    let lines = help.lines().skip_while(|line| *line != "examples:").take_while(|line| *line != "status:");
    lines.filter_map(|line| line.strip_prefix("  ")?.split("  ").next()).filter(|line| !line.is_empty()).collect()
}

/// Each help has examples, and each of them works as it stands, but where user namespaces are forbidden.
#[test]
fn the_examples_of_each_help_work() {
    let is_usable = may_be_root(None);
    for command in ["", "clone", "rules", "run", "doctor", "bench"] {
        let words = [command, "--help"];
        let help = run(chimera(&words[usize::from(command.is_empty())..])).clean(0).out;
        let examples = examples(&help);
        assert!(examples.len() >= 2, "{help}");
        for example in examples {
            let line = format!("chimera() {{ \"{}\" \"$@\"; }}; {example}", elf().display());
            let run = run(crate::common::command("/bin/sh", &["-c", &line])).nothing_left();
            assert!(run.status == Some(0) || !is_usable, "{example}: {run:#?}");
            assert!(!run.err.contains("usage"), "{example}: {run:#?}");
        }
    }
}
