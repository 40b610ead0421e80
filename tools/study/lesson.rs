//! The exercise, taken apart: its whole assembly beside its source, and each of its modes under strace(1).
//!
//! The decision behind it: it is short enough that nothing is chosen. What differs from run to run (ids, addresses) gets a
//! name, so that a trace is the same text each time, and tests hold it against the one that is kept. The lines stand in the
//! order in which one follows them: the parent up to its call, the child to its end, and the parent again.

use crate::image::Image;
use crate::{Report, Result, asm, objdump, same};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the exercise answers where user namespaces are refused.
const REFUSED: i32 = 4;

/// The function in which two tasks come to have a stack each, and the instruction that makes it so.
const CLONE: &str = "exercise::clone";
const SYSCALL: &str = "syscall";

/// The whole disassembly, and where the stack pointers of the two tasks first differ.
pub fn assembly(shipped: &Image, twin: &Image) -> Result<Report> {
    let mut text = same::check(shipped, twin)?;
    let Some(functions) = objdump::disassemble(&twin.path, &asm::OPTIONS)? else {
        return Ok(Report { text: "SKIP: objdump is not installed (binutils)\n".into(), fault: None });
    };
    let clone = functions.iter().find(|function| function.name == CLONE).ok_or("no function of that name: clone")?;
    let fork =
        clone.instructions.iter().find(|instruction| instruction.code == SYSCALL).ok_or("no syscall in clone")?;
    text += &format!(
        "{:#x}: {SYSCALL}, in {CLONE}: here the stack pointers of the two tasks first differ.\n\
         Behind it rsp is the parent's as before, and in the child what rsi was.\n",
        fork.address
    );
    for function in &functions {
        text += &asm::whole(function, twin, "src/exercise.rs")?;
    }
    Ok(Report { text: text + "\n", fault: None })
}

/// A mode under strace, its own output left aside.
pub fn trace(program: &str, mode: &str) -> Result<Report> {
    let folder = std::env::temp_dir().join(format!("exercise-trace-{}", std::process::id()));
    fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let report = trace_in(&folder, program, mode);
    let _ = fs::remove_dir_all(&folder); // what is left of it harms nobody
    report
}

fn trace_in(folder: &Path, program: &str, mode: &str) -> Result<Report> {
    let options = ["-ff", "-qq", "-s", "160", "-e", "signal=none", "-o"];
    let output = Command::new("strace").args(options).arg(folder.join("task")).args([program, mode]).output();
    let output = output.map_err(|error| format!("strace: {error}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let tasks = read_tasks(folder)?;
    let Some(parent) = tasks.iter().find(|(_, lines)| lines[0].starts_with("execve(")) else {
        return Ok(Report { text: format!("SKIP: strace cannot trace here: {errors}"), fault: None });
    };
    let mut text = format!("### exercise {mode}\n");
    Lesson::new(*parent.0, mode).follow(&tasks, &mut text);
    let status = output.status.code();
    if status == Some(REFUSED) {
        text += "# user namespaces are refused here\n";
    }
    let fault = (status != Some(0) && status != Some(REFUSED)).then(|| format!("exercise {mode}: {status:?} {errors}"));
    Ok(Report { text: text + "\n", fault })
}

/// The lines of each task, by its id, without the blanks that align the results.
fn read_tasks(folder: &Path) -> Result<HashMap<u32, Vec<String>>> {
    let files = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    let mut tasks = HashMap::new();
    for path in paths {
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let id = path.extension().and_then(|id| id.to_str()?.parse().ok()).ok_or("a file that is no task's")?;
        tasks.insert(id, text.lines().map(unaligned).collect::<Vec<_>>());
    }
    tasks.retain(|_, lines: &mut Vec<String>| !lines.is_empty());
    Ok(tasks)
}

fn unaligned(line: &str) -> String {
    line.rsplit_once(" = ").map_or(line.to_owned(), |(call, result)| format!("{} = {result}", call.trim_end()))
}

/// What stands above a part: who begins it, by which call with which word in its line, and what it is.
struct Part(Who, &'static [&'static str], &'static str, &'static str);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Parent,
    Child,
}

/// In the order in which they come; each call of clone or fork begins again there.
const PARTS: [Part; 8] = [
    Part(
        Who::Parent,
        &["execve"],
        "",
        "start: no loader runs before the program; then a page that both tasks will see",
    ),
    Part(Who::Parent, &["mmap"], "MAP_PRIVATE", "a stack for the child, and below it a page without rights"),
    Part(Who::Parent, &["stat"], "", "who and where the parent is, and the call: one task goes in, two come out"),
    Part(Who::Parent, &["clone", "fork"], "", "the call: one task goes in, two come out"),
    Part(Who::Child, &["getppid"], "", "the child says who it is, and ends"),
    Part(Who::Child, &["stat"], "", "its namespace is new, so it becomes root there, and says again who it is"),
    Part(Who::Parent, &["wait4"], "", "the parent waits until the child has ended, says who it is, and tells"),
    Part(
        Who::Parent,
        &["munmap"],
        "",
        "the parent has slept until the child's end (futex); it says who it is, and tells",
    ),
];

/// The names that ids and addresses have got.
struct Lesson {
    names: HashMap<String, String>,
    mode: String,
    children: usize,
}

impl Lesson {
    fn new(parent: u32, mode: &str) -> Self {
        let names = HashMap::from([(parent.to_string(), "PARENT".to_owned())]);
        Self { names, mode: mode.to_owned(), children: 0 }
    }

    /// The parent's lines, and behind each call that makes a task the child's.
    fn follow(mut self, tasks: &HashMap<u32, Vec<String>>, text: &mut String) {
        let is_first = |line: &str| line.starts_with("execve(");
        let Some(lines) = tasks.values().find(|lines| is_first(&lines[0])) else { return };
        if let Some(caller) = lines.iter().find_map(|line| line.strip_prefix("getppid() = ")) {
            self.names.insert(caller.to_owned(), "CALLER".to_owned());
        }
        let mut now = None;
        for line in lines {
            self.name_addresses(line);
            let child = makes_task(line).then(|| result(line)).flatten();
            if let Some(child) = child {
                self.children += 1;
                self.names.insert(child.to_owned(), format!("CHILD{}", self.children));
            }
            self.add(Who::Parent, line, &mut now, text);
            let lines = child.and_then(|child| tasks.get(&child.parse().ok()?));
            lines.into_iter().flatten().for_each(|line| self.add(Who::Child, line, &mut now, text));
        }
    }

    /// A line, and above it what begins with it.
    fn add(&self, who: Who, line: &str, now: &mut Option<usize>, text: &mut String) {
        let call = call(line);
        // How often the parent has to sleep is the scheduler's choice.
        if call == "futex" {
            return;
        }
        let begins = |Part(whose, calls, word, _): &Part| *whose == who && calls.contains(&call) && line.contains(word);
        let next = PARTS.iter().position(begins).filter(|next| is_next(*now, *next));
        if let Some(next) = next {
            *text += &format!("# {}\n", PARTS[next].3);
            *now = Some(next);
        }
        let who = if who == Who::Parent { "PARENT" } else { "CHILD" };
        *text += &format!("{who:6}  {}\n", self.normal(line, who));
    }

    /// What mmap answers, and the end of the stack that lies there.
    fn name_addresses(&mut self, line: &str) {
        let Some(address) = result(line).filter(|_| call(line) == "mmap") else { return };
        let is_shared = line.contains("MAP_SHARED");
        self.names.insert(address.to_owned(), if is_shared { "PAGE" } else { "GUARD" }.to_owned());
        let number = address.strip_prefix("0x").and_then(|digits| u64::from_str_radix(digits, 16).ok());
        if let (Some(guard), false) = (number, is_shared) {
            self.names.insert(format!("{:#x}", guard + 0x11000), "TOP".to_owned());
        }
    }

    /// A line as it is the same in every run.
    fn normal(&self, line: &str, who: &str) -> String {
        let call = call(line);
        // In the new namespace the child's ids are others.
        let is_own = self.mode != "user";
        match call {
            "execve" => return "execve(\"exercise\", ..) = 0".to_owned(),
            "getuid" | "getgid" if is_own || who == "PARENT" => return format!("{call}() = USER"),
            _ => {}
        }
        if call == "write" {
            return self.written(line, is_own);
        }
        self.renamed(line)
    }

    /// Each word by its name, if it has one.
    fn renamed(&self, text: &str) -> String {
        let pieces = text.split_inclusive(|letter: char| !letter.is_ascii_alphanumeric());
        let renamed = pieces.map(|piece| {
            let word = piece.trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
            match self.names.get(word) {
                Some(name) => piece.replacen(word, name, 1),
                None if word.starts_with("0x40") && word.len() == 8 => piece.replacen(word, "ALIVE", 1),
                None => piece.to_owned(),
            }
        });
        renamed.collect()
    }

    /// A line that is written: its text alone, for how long that is depends on the ids. The fifth word of a row is the uid,
    /// and so is the second of a map.
    fn written(&self, line: &str, is_own: bool) -> String {
        let line = line.rsplit_once("\", ").map_or(line.to_owned(), |(line, _)| format!("{line}\")"));
        if let [file, "\"0", _, one] = line.split(' ').collect::<Vec<_>>()[..] {
            return format!("{file} \"0 USER {one}");
        }
        let (mut row, mut place) = ("", 0);
        let words = line.split("\\t").map(|word| {
            place += 1;
            if ["parent", "child", "mapped"].contains(&word) {
                (row, place) = (word, 0);
            }
            let is_user = place == 5 && (row == "parent" || (row == "child" && is_own));
            let behind = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
            if is_user { format!("USER{behind}") } else { self.renamed(word) }
        });
        words.collect::<Vec<_>>().join("\\t")
    }
}

/// The parts go forward only, but for the calls: there may be more than one.
fn is_next(now: Option<usize>, next: usize) -> bool {
    let is_call = |part: usize| PARTS[part].1.contains(&"clone");
    let is_asked = |part: usize| PARTS[part].1 == ["stat"] && PARTS[part].0 == Who::Parent;
    // The call is part of the asking, and the stack of a process is given back behind the wait.
    let is_within = |now: usize| (is_asked(now) && is_call(next)) || PARTS[now].1 == ["wait4"] && next > now;
    now.is_none_or(|now| (next > now || is_call(next)) && !is_within(now))
}

fn makes_task(line: &str) -> bool {
    ["clone", "fork"].contains(&call(line))
}

fn call(line: &str) -> &str {
    line.split('(').next().unwrap_or_default()
}

/// The result of a call.
fn result(line: &str) -> Option<&str> {
    line.rsplit_once(" = ").map(|(_, result)| result)
}
