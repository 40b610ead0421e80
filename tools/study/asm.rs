//! The instructions that matter: the entry, and every place where a task is made.
//!
//! The naked functions have no line table, for their source is the assembly itself. So their
//! instructions are paired with the source one by one; if the two do not pair, the study fails instead of guessing.

use crate::image::Image;
use crate::objdump::{self, Function, Instruction};
use crate::{Report, Result, same};
use std::fmt::Write;

/// A function to show, the file of its source, and what it is.
type Shown = (&'static str, &'static str, &'static str);
const SHOWN: [Shown; 4] = [
    ("_start", "src/start/entry.rs", "the first instructions of the process: the kernel jumps here"),
    ("chimera::start::entry::entry", "src/start/entry.rs", "from assembly to Rust; it never returns"),
    (
        "chimera::clone::asm::make",
        "src/clone/asm.rs",
        "clone(2) or clone3(2) with a new stack; the caller alone returns",
    ),
    ("chimera::clone::asm::child", "src/clone/asm.rs", "where the child begins, on its new stack"),
];

/// The wrappers that make a task on a copy of the caller's stack; they are inlined into whoever calls them.
const COPYING: [(&str, &str); 2] = [
    ("clone_copied", "clone(2) without a new stack: both return from here, each in a memory of its own"),
    ("fork", "fork(2): both return from here, each in a memory of its own"),
];

/// Source lines above the instructions, those of what was inlined too, and readable names.
pub const OPTIONS: [&str; 3] = ["-l", "--inlines", "-C"];

/// The disassembly.
pub fn study(shipped: &Image, twin: &Image) -> Result<Report> {
    let mut text = same::check(shipped, twin)?;
    let Some(functions) = objdump::disassemble(&twin.path, &OPTIONS)? else {
        return Ok(Report { text: "SKIP: objdump is not installed (binutils)\n".into(), fault: None });
    };
    let all = functions.iter().flat_map(|function| &function.instructions);
    let calls = all.filter(|instruction| is_system_call(instruction)).count();
    let _ = writeln!(text, "{} functions, {calls} syscall instructions", functions.len());
    for shown in SHOWN {
        text += &show(shown, &functions, twin)?;
    }
    for (name, about) in COPYING {
        text += &sites(name, about, &functions)?;
    }
    Ok(Report { text, fault: None })
}

fn is_system_call(instruction: &Instruction) -> bool {
    instruction.code == "syscall"
}

/// Whether the straight line of instructions ends here.
fn is_branch(instruction: &Instruction) -> bool {
    ["j", "ret", "ud2", "call"].iter().any(|start| instruction.code.starts_with(start))
}

/// A whole function.
fn show((name, file, about): Shown, functions: &[Function], twin: &Image) -> Result<String> {
    let title = format!("\n# {name}: {about}");
    let function = functions.iter().find(|function| function.name == name);
    let function = function.ok_or_else(|| format!("{}: no function {name}", twin.path))?;
    Ok(title + &beside(function, twin, file)?)
}

/// A function under its name.
pub fn whole(function: &Function, twin: &Image, file: &str) -> Result<String> {
    Ok(format!("\n# {}", function.name) + &beside(function, twin, file)?)
}

/// The instructions of a function beside its source.
fn beside(function: &Function, twin: &Image, file: &str) -> Result<String> {
    let name = function.name.as_str();
    let title = format!("\n# {file}\n");
    let symbol = twin.symbols.iter().find(|symbol| symbol.address == function.instructions[0].address);
    let symbol = symbol.ok_or_else(|| format!("{}: no symbol {name}", twin.path))?;
    let own = |one: &&Instruction| one.address < symbol.address + symbol.size; // behind it: filling
    let instructions: Vec<_> = function.instructions.iter().filter(own).collect();
    let source = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let last = name.rsplit("::").next().unwrap_or(name);
    match assembly(&source, last) {
        Some(lines) => Ok(title + &pair(name, &lines, &instructions)?),
        None => Ok(title + &list(&instructions)),
    }
}

/// The lines of a naked function's assembly; none if it is no such function.
fn assembly<'a>(source: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let (_, body) = source.split_once(&format!("fn {name}("))?;
    let (body, _) = body.split_once("\n}")?;
    let (_, body) = body.split_once("naked_asm!(")?;
    Some(body.lines().map(str::trim).filter(|line| line.starts_with('"')).collect())
}

/// Each line of the source beside its instruction; labels are lines without one.
fn pair(name: &str, lines: &[&str], instructions: &[&Instruction]) -> Result<String> {
    let mut text = String::new();
    let mut rest = instructions.iter();
    let width = instructions.iter().map(|one| line_of(one).len()).max().unwrap_or(0);
    for line in lines {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let code = code.trim().trim_matches(|quote| quote == '"' || quote == ',');
        let left = if code.ends_with(':') {
            String::new()
        } else {
            let next = rest.next().ok_or_else(|| format!("{name}: its source has more instructions than the file"))?;
            line_of(next)
        };
        let line = format!("{left:width$}  | {code:18}  {}", comment.trim());
        text += line.trim_end();
        text.push('\n');
    }
    match rest.next() {
        None => Ok(text),
        Some(_) => Err(format!("{name}: the file has more instructions than its source")),
    }
}

fn line_of(instruction: &Instruction) -> String {
    format!("  {:x}:  {:21}  {}", instruction.address, instruction.bytes, instruction.code)
}

/// Instructions, each with the project's own source lines above it whenever these change.
fn list(instructions: &[&Instruction]) -> String {
    let mut text = String::new();
    let mut last = Vec::new();
    for instruction in instructions {
        let lines: Vec<_> = instruction.above.iter().filter_map(|place| source_line(place)).collect();
        if !lines.is_empty() && lines != last {
            lines.iter().for_each(|line| text += &format!("; {line}\n"));
            last = lines;
        }
        text += &line_of(instruction);
        text.push('\n');
    }
    text
}

/// `[inlined by ]/folder/src/sys/ids.rs:23[ (gettid)]`, if it is a line of the project, and the line itself.
fn source_line(place: &str) -> Option<String> {
    let here = std::env::current_dir().ok()?;
    let place = place.trim_start_matches("inlined by ").strip_prefix(here.to_str()?)?.trim_start_matches('/');
    let place = place.split(' ').next()?;
    let (file, number) = place.split_once(':')?;
    let source = std::fs::read_to_string(file).ok()?;
    let line = source.lines().nth(number.parse::<usize>().ok()?.checked_sub(1)?)?;
    Some(format!("{place:28}  {}", line.trim()))
}

/// Every place where a copying wrapper makes its call.
fn sites(name: &str, about: &str, functions: &[Function]) -> Result<String> {
    let mut text = String::new();
    for function in functions {
        let is_wrapper = function.name.ends_with(&format!("::{name}"));
        for (place, instruction) in function.instructions.iter().enumerate() {
            let inlined = instruction.above.iter().any(|line| line.ends_with(&format!("({name})")));
            if is_system_call(instruction) && (is_wrapper || inlined) {
                let _ = writeln!(text, "\n# {name}, in {}: {about}", function.name);
                let (before, behind) = function.instructions.split_at(place);
                let start = before.iter().rposition(is_branch).map_or(0, |branch| branch + 1);
                let end = behind.iter().position(is_branch).map_or(behind.len(), |branch| branch + 1);
                let around: Vec<_> = before[start..].iter().chain(&behind[..end]).collect();
                text += &list(&around);
            }
        }
    }
    if text.is_empty() { Err(format!("no syscall instruction of {name}")) } else { Ok(text) }
}
