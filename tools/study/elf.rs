//! What is usually asked of an executable, each with yes, no or n/a and the evidence.
//!
//! `n/a` is said where there is nothing to protect, and why; a `no` that is not meant to be is
//! a fault. So the list can be read by people and by a test alike.

use crate::image::Image;
use crate::objdump;
use crate::{Report, Result};
use object::elf;
use std::fmt::Write;

/// The answers.
const YES: &str = "yes";
const NO: &str = "no";
const NOT_APPLICABLE: &str = "n/a";

/// An answer and its evidence.
type Finding = (&'static str, String);

/// A fact: its name, and how it is found out.
type Fact = (&'static str, fn(&Image) -> Result<Finding>);
const FACTS: [Fact; 18] = [
    (PIE, pie),
    ("static executable for x86-64", fixed),
    ("without an interpreter", |image| without_segment(image, elf::PT_INTERP)),
    ("without a dynamic section", |image| without_segment(image, elf::PT_DYNAMIC)),
    ("without relocations", relocations),
    ("without undefined symbols", undefined),
    ("without thread-local storage", |image| without_segment(image, elf::PT_TLS)),
    ("without use of %fs and %gs", segment_registers),
    ("stack not executable (NX)", stack),
    ("no segment writable and executable (W^X)", write_xor_execute),
    ("headers not writable", headers),
    ("entry in a segment r-x", entry),
    ("RELRO", relro),
    ("stack canary", canary),
    ("FORTIFY_SOURCE", fortify),
    ("stripped", stripped),
    ("without build id and paths of the build", traces_of_the_build),
    (CRATES, paths_of_crates),
];

const PIE: &str = "position independent (PIE)";
const CRATES: &str = "without paths of other crates";

/// The facts that are `no` for a reason, which is told.
const MAY_BE_NO: [&str; 2] = [PIE, CRATES];

/// The list.
pub fn study(image: &Image) -> Result<Report> {
    let mut text = format!("{}: {} bytes\n\n", image.path, image.data.len());
    let mut bad = Vec::new();
    for (name, look) in FACTS {
        let (answer, evidence) = look(image)?;
        let _ = writeln!(text, "{answer:3}  {name:40}  {evidence}");
        if answer == NO && !MAY_BE_NO.contains(&name) {
            bad.push(name);
        }
    }
    let fault = (!bad.is_empty()).then(|| format!("must not be \"no\": {}", bad.join(", ")));
    Ok(Report { text, fault })
}

fn yes_if(condition: bool, evidence: String) -> Result<Finding> {
    Ok((if condition { YES } else { NO }, evidence))
}

fn pie(image: &Image) -> Result<Finding> {
    let evidence = "ET_EXEC, on purpose: at a fixed address nothing is relocated, so nothing is written at start-up";
    if image.is_fixed { Ok((NO, evidence.into())) } else { Ok((YES, "not ET_EXEC".into())) }
}

fn fixed(image: &Image) -> Result<Finding> {
    yes_if(image.is_fixed && image.is_x86_64, "e_type is ET_EXEC, e_machine is EM_X86_64".into())
}

fn without_segment(image: &Image, kind: elf::ProgramType) -> Result<Finding> {
    yes_if(image.segment(kind).is_none(), format!("no {kind:?} among {} program headers", image.segments.len()))
}

fn relocations(image: &Image) -> Result<Finding> {
    let is_table = |kind| kind == elf::SHT_REL || kind == elf::SHT_RELA;
    let tables = image.sections.iter().filter(|section| is_table(section.kind)).count();
    let has_dynamic = image.segment(elf::PT_DYNAMIC).is_some();
    yes_if(tables == 0 && !has_dynamic, format!("{tables} tables of relocations; no PT_DYNAMIC that could name one"))
}

fn undefined(image: &Image) -> Result<Finding> {
    let tables = image.sections.iter().filter(|section| section.kind == elf::SHT_DYNSYM).count();
    let asks = image.segment(elf::PT_INTERP).is_some() || image.segment(elf::PT_DYNAMIC).is_some();
    yes_if(tables == 0 && !asks, format!("{tables} tables of dynamic symbols, and nobody who could look one up"))
}

fn segment_registers(image: &Image) -> Result<Finding> {
    let Some(functions) = objdump::disassemble(&image.path, &["--no-show-raw-insn"])? else {
        return Ok((NOT_APPLICABLE, "not looked at: objdump is not installed".into()));
    };
    let instructions: Vec<_> = functions.iter().flat_map(|function| &function.instructions).collect();
    if instructions.is_empty() {
        return Ok((NOT_APPLICABLE, "not looked at: no section tells objdump where the code is".into()));
    }
    let uses = instructions.iter().filter(|one| one.code.contains("fs:") || one.code.contains("gs:")).count();
    yes_if(uses == 0, format!("{uses} of {} instructions", instructions.len()))
}

fn stack(image: &Image) -> Result<Finding> {
    Ok(match image.segment(elf::PT_GNU_STACK) {
        Some(stack) if !stack.allows("x") => (YES, format!("PT_GNU_STACK is {}", stack.rights())),
        Some(stack) => (NO, format!("PT_GNU_STACK is {}", stack.rights())),
        None => (NO, "no PT_GNU_STACK: left to the kernel".into()),
    })
}

fn write_xor_execute(image: &Image) -> Result<Finding> {
    let rights: Vec<_> = image.loaded().map(|segment| segment.rights()).collect();
    yes_if(!image.loaded().any(|segment| segment.allows("wx")), format!("PT_LOAD: {}", rights.join(", ")))
}

fn headers(image: &Image) -> Result<Finding> {
    let holders: Vec<_> = image.loaded().filter(|segment| segment.range().contains(&0)).collect();
    let rights: Vec<_> = holders.iter().map(|segment| segment.rights()).collect();
    let evidence = format!("loaded {}", if rights.is_empty() { "nowhere".into() } else { rights.join(", ") });
    yes_if(!holders.iter().any(|segment| segment.allows("w")), evidence)
}

fn entry(image: &Image) -> Result<Finding> {
    let entry = image.entry;
    let inside = image.loaded().find(|segment| (segment.address..segment.address + segment.in_file).contains(&entry));
    let rights = inside.map_or("no segment".to_owned(), |segment| segment.rights());
    yes_if(rights == "r-x", format!("{entry:#x} is in {rights}"))
}

/// Addresses that are constant lie in the segment r-x here, which is never writable; that is more than RELRO gives.
fn relro(image: &Image) -> Result<Finding> {
    if image.segment(elf::PT_GNU_RELRO).is_some() {
        return Ok((YES, "PT_GNU_RELRO".into()));
    }
    let writable = |address| {
        image.loaded().any(|segment| {
            segment.allows("w") && (segment.address..segment.address + segment.in_memory).contains(&address)
        })
    };
    let holds_addresses = |name: &str| name.starts_with(".got") || name.starts_with(".data.rel.ro");
    let open = image.sections.iter().find(|section| holds_addresses(&section.name) && writable(section.address));
    Ok(match open {
        Some(section) => (NO, format!("{} is writable", section.name)),
        None => (NOT_APPLICABLE, "no relocations, no writable GOT: constants are never writable".into()),
    })
}

fn canary(image: &Image) -> Result<Finding> {
    if image.holds(b"__stack_chk_fail") {
        return Ok((YES, "__stack_chk_fail".into()));
    }
    Ok((NOT_APPLICABLE, "no C code; Rust checks bounds, and a guard page lies below each stack".into()))
}

fn fortify(_: &Image) -> Result<Finding> {
    Ok((NOT_APPLICABLE, "no C library whose calls could be checked".into()))
}

fn stripped(image: &Image) -> Result<Finding> {
    let names = |kind| kind == elf::SHT_SYMTAB;
    let extra: Vec<_> = image.sections.iter().filter(|one| names(one.kind) || one.name.starts_with(".debug")).collect();
    yes_if(extra.is_empty(), format!("{} sections with symbols or lines for a debugger", extra.len()))
}

/// What would make two builds of one source in two folders differ: a build id, or where the project lay.
fn traces_of_the_build(image: &Image) -> Result<Finding> {
    let here = std::env::current_dir().map_err(|error| error.to_string())?;
    // The compiler's own files have the same names everywhere: /rustc/COMMIT/library/..
    let path = format!("{}/src/", here.display());
    let notes = image.segments.iter().filter(|segment| segment.kind == elf::PT_NOTE).count();
    let is_held = image.holds(path.as_bytes());
    yes_if(
        !is_held && notes == 0,
        format!("{notes} PT_NOTE; {path:?} is {}in the file", if is_held { "" } else { "not " }),
    )
}

/// Where cargo keeps the sources of other crates: two builds with two such places differ in it.
fn paths_of_crates(image: &Image) -> Result<Finding> {
    const REGISTRY: &str = "/registry/src/";
    if !image.holds(REGISTRY.as_bytes()) {
        return Ok((YES, format!("{REGISTRY:?} is not in the file")));
    }
    let evidence =
        "the checks of linked_list_allocator name their file, and cargo has no stable way to shorten that path";
    Ok((NO, evidence.into()))
}
