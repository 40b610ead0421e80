//! A mode under strace(1), with a line above each part that says what it is.
//!
//! Nothing is left out and nothing is moved. The lines stand in the order in which strace saw
//! them; a part begins where its first system call is seen, told by the name of the call and by who makes it.

use crate::{Report, Result};
use std::path::Path;
use std::process::Command;

/// What `chimera` answers where a task cannot be made.
const NOT_HERE: i32 = 4;

/// The parts, in the order in which they come for each task.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
enum Part {
    Start,
    Board,
    Stack,
    Arm,
    Call,
    Act,
    Root,
    Look,
    Join,
    Output,
    End,
}

/// What stands above a part.
const ABOUT: [(Part, &str); 11] = [
    (Part::Start, "start: the kernel loads the file, and no loader runs before the program does"),
    (Part::Board, "board: one shared page on which the two tasks take turns"),
    (Part::Stack, "stack: reserved without rights, then opened but for the guard page, the lowest"),
    (Part::Arm, "arm: the parent says who it is, and prepares one thing of each kind for the child to act on"),
    (Part::Call, "the call that makes the task"),
    (Part::Act, "the child says who it is and acts once on each thing; the parent sleeps"),
    (Part::Root, "the child becomes root of its user namespace"),
    (Part::Look, "the parent asks the kernel and looks what the child's acts changed; the child is held alive"),
    (Part::Join, "release and join: the child may end, and the parent waits until it is gone"),
    (Part::Output, "output: how wide is the terminal? then one write a line"),
    (Part::End, "end"),
];

/// How a part begins: who makes which call, with which word in its line. All others belong to the part before.
struct Begin(Part, Who, &'static [&'static str], &'static str);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Parent,
    Child,
}

const BEGINS: [Begin; 13] = [
    Begin(Part::Start, Who::Parent, &["execve"], ""),
    Begin(Part::Board, Who::Parent, &["mmap"], "MAP_SHARED"),
    Begin(Part::Stack, Who::Parent, &["mmap"], "MAP_STACK"),
    Begin(Part::Arm, Who::Parent, &["getppid"], ""),
    Begin(Part::Call, Who::Parent, &["clone", "clone3", "fork", "vfork"], ""),
    Begin(Part::Act, Who::Child, &["getppid"], ""),
    Begin(Part::Act, Who::Parent, &["futex"], "FUTEX_WAIT"),
    Begin(Part::Root, Who::Child, &["openat"], "/proc/self/setgroups"),
    Begin(Part::Look, Who::Parent, &["kcmp"], ""),
    Begin(Part::Join, Who::Parent, &["futex"], "FUTEX_WAKE"),
    Begin(Part::Output, Who::Parent, &["ioctl"], "TIOCGWINSZ"),
    Begin(Part::Output, Who::Parent, &["write"], ""),
    Begin(Part::End, Who::Parent, &["exit_group"], ""),
];

/// Runs `chimera MODE` under strace, its own output left aside.
pub fn study(program: &str, mode: &str) -> Result<Report> {
    let file = std::env::temp_dir().join(format!("chimera-trace-{}", std::process::id()));
    let trace = run(program, mode, &file);
    let _ = std::fs::remove_file(&file);
    let (trace, status, errors) = trace?;
    if !trace.contains(" execve(") {
        return Ok(Report { text: format!("SKIP: strace cannot trace here: {errors}"), fault: None });
    }
    let mut text = format!("### chimera {mode}\n") + &annotate(&trace);
    if status == Some(NOT_HERE) {
        text += "# such a task cannot be made here\n";
    }
    let fault = (status != Some(0) && status != Some(NOT_HERE)).then(|| format!("chimera {mode}: {status:?} {errors}"));
    Ok(Report { text: text + "\n", fault })
}

/// The trace, the status of what was traced, and what came to fd 2.
fn run(program: &str, mode: &str, file: &Path) -> Result<(String, Option<i32>, String)> {
    let output = Command::new("strace").args(["-f", "-s", "80", "-o"]).arg(file).args([program, mode]).output();
    let output = output.map_err(|error| format!("strace: {error}"))?;
    let trace = std::fs::read_to_string(file).unwrap_or_default();
    Ok((trace, output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// The lines, with a comment above each part.
fn annotate(trace: &str) -> String {
    let mut text = String::new();
    let parent = trace.split(' ').next().unwrap_or_default();
    let mut now = None;
    for line in trace.lines() {
        let next = begins(line, parent, now);
        if let Some((_, about)) = ABOUT.iter().find(|(part, _)| Some(*part) == next && next != now) {
            text += &format!("# {about}\n");
        }
        now = next.or(now);
        text += line;
        text.push('\n');
    }
    text
}

/// The part that a line belongs to. Within a task the parts go forward only; with the output done the next one begins.
fn begins(line: &str, parent: &str, now: Option<Part>) -> Option<Part> {
    let (pid, rest) = line.split_once(' ')?;
    let who = if pid == parent { Who::Parent } else { Who::Child };
    let call = rest.trim_start().split('(').next()?;
    let begin = BEGINS
        .iter()
        .find(|Begin(_, whose, calls, word)| *whose == who && calls.contains(&call) && rest.contains(word));
    let next = begin.map(|Begin(part, ..)| *part);
    let again = now == Some(Part::Output) && matches!(next, Some(Part::Stack | Part::Arm));
    if next >= now || again { next } else { now }
}
