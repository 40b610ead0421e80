//! The disassembler: objdump(1), which comes with the C linker.
//!
//! Its output is read into instructions with what stands above each; the studies choose.

use crate::Result;
use std::process::Command;

/// One instruction.
pub struct Instruction {
    /// Its address.
    pub address: u64,
    /// Its bytes, if they were asked for.
    pub bytes: String,
    /// Its text.
    pub code: String,
    /// What stands above it: places in the source, the innermost of what was inlined here first.
    pub above: Vec<String>,
}

/// A function.
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its instructions, and the filling behind them.
    pub instructions: Vec<Instruction>,
}

/// Disassembles a file. `Ok(None)`: there is no objdump.
pub fn disassemble(path: &str, options: &[&str]) -> Result<Option<Vec<Function>>> {
    let command = Command::new("objdump").args(["-d", "-w", "-M", "intel"]).args(options).arg(path).output();
    let output = match command {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("objdump: {error}")),
        Ok(output) => output,
    };
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(Some(read(&String::from_utf8_lossy(&output.stdout))))
}

fn read(text: &str) -> Vec<Function> {
    let mut functions: Vec<Function> = Vec::new();
    let mut above = Vec::new();
    for line in text.lines() {
        if let Some(name) = title(line) {
            functions.push(Function { name: name.to_owned(), instructions: Vec::new() });
            above.clear();
        } else if let (Some(mut instruction), Some(function)) = (instruction(line), functions.last_mut()) {
            instruction.above = std::mem::take(&mut above);
            function.instructions.push(instruction);
        } else if !line.trim().is_empty() {
            above.push(line.to_owned());
        }
    }
    functions
}

/// `00000000004000f0 <_start>:`
fn title(line: &str) -> Option<&str> {
    let (address, name) = line.strip_suffix(">:")?.split_once(" <")?;
    u64::from_str_radix(address, 16).ok().map(|_| name)
}

/// `  4000f0:<tab>31 ed                <tab>xor    ebp,ebp`, or the same without the bytes.
fn instruction(line: &str) -> Option<Instruction> {
    let (address, text) = line.split_once(":\t")?;
    let address = u64::from_str_radix(address.trim_start(), 16).ok()?;
    let (bytes, code) = text.rsplit_once('\t').unwrap_or(("", text));
    Some(Instruction { address, bytes: bytes.trim().to_owned(), code: code.trim().to_owned(), above: Vec::new() })
}
