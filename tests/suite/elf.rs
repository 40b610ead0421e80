//! The ELF itself: static, never writable and executable at once, without a loader's work and without formatting.
//!
//! Each demand is a row of one table over the headers, and the same table is held against an
//! ordinary program, this very test, so that no row is one that every file passes.

use crate::common::skip::{has, skip};
use crate::common::{built, command, run};
use object::LittleEndian;
use object::elf::{self, FileHeader64, ProgramHeader64, ProgramType, SectionHeader64};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use std::path::Path;

/// How many bytes the program has by docs/size.md, where a rise is explained.
fn told_size() -> usize {
    let page = include_str!("../../docs/size.md");
    let row = page.lines().find(|line| line.starts_with("| `target/release/chimera`")).expect("the program's row");
    let figure = row.split('|').nth(2).expect("its size").trim().replace(',', "");
    figure.parse().expect("a number of bytes")
}

/// What stands in every file into which the messages of panics were linked: ours tells the place alone.
const OF_FORMATTING: [&str; 5] =
    ["called `Option::unwrap()`", "called `Result::unwrap()`", "panicked at", "index out of bounds", "attempt to "];
/// Those of others: a checked index brings its text along, although the panic handler prints file and line alone, and so
/// does the allocator's crate.
const OF_OTHERS: [&str; 2] = ["called `Result::unwrap()`", "index out of bounds"];

const LE: LittleEndian = LittleEndian;

/// The headers of a file.
struct Elf {
    header: FileHeader64<LittleEndian>,
    segments: Vec<ProgramHeader64<LittleEndian>>,
    sections: Vec<(String, SectionHeader64<LittleEndian>)>,
}

/// A demand, and whether a file meets it.
type Demand = (&'static str, fn(&Elf) -> bool);

const DEMANDS: [Demand; 11] = [
    ("x86-64", |elf| elf.header.e_machine(LE) == elf::EM_X86_64),
    ("at fixed addresses", |elf| elf.header.e_type(LE) == elf::ET_EXEC),
    ("no interpreter", |elf| !elf.has(elf::PT_INTERP)),
    ("no dynamic segment", |elf| !elf.has(elf::PT_DYNAMIC)),
    ("no dynamic section", |elf| elf.kinds().all(|kind| kind != elf::SHT_DYNAMIC)),
    ("no relocations", |elf| elf.kinds().all(|kind| ![elf::SHT_RELA, elf::SHT_REL, elf::SHT_RELR].contains(&kind))),
    ("no thread-local storage", |elf| !elf.has(elf::PT_TLS)),
    ("no writable global offset table", |elf| elf.sections.iter().all(|(name, _)| !name.starts_with(".got"))),
    ("nothing both writable and executable", |elf| elf.loaded().all(|segment| !(writes(segment) && executes(segment)))),
    ("a stack that is not executable", |elf| {
        elf.segments.iter().any(|segment| segment.p_type(LE) == elf::PT_GNU_STACK && !executes(segment))
    }),
    ("an entry in code that is not writable", |elf| {
        elf.loaded().any(|segment| executes(segment) && !writes(segment) && holds(segment, elf.header.e_entry(LE)))
    }),
];

/// Which of them an ordinary program of this machine breaks for certain.
const BROKEN_BY_THIS_TEST: [&str; 6] = [
    "no interpreter",
    "no dynamic segment",
    "no dynamic section",
    "no relocations",
    "no thread-local storage",
    "no writable global offset table",
];

fn writes(segment: &ProgramHeader64<LittleEndian>) -> bool {
    segment.p_flags(LE).contains(elf::PF_W)
}

fn executes(segment: &ProgramHeader64<LittleEndian>) -> bool {
    segment.p_flags(LE).contains(elf::PF_X)
}

fn holds(segment: &ProgramHeader64<LittleEndian>, address: u64) -> bool {
    (segment.p_vaddr(LE)..segment.p_vaddr(LE) + segment.p_filesz(LE)).contains(&address)
}

impl Elf {
    fn read(bytes: &[u8]) -> Self {
        let header = FileHeader64::<LittleEndian>::parse(bytes).expect("an ELF of 64 bits");
        let table = header.sections(LE, bytes).expect("sections");
        let name = |section| String::from_utf8_lossy(table.section_name(LE, section).expect("a name")).into_owned();
        Self {
            header: *header,
            segments: header.program_headers(LE, bytes).expect("segments").to_vec(),
            sections: table.iter().map(|section| (name(section), *section)).collect(),
        }
    }

    fn has(&self, kind: ProgramType) -> bool {
        self.segments.iter().any(|segment| segment.p_type(LE) == kind)
    }

    fn loaded(&self) -> impl Iterator<Item = &ProgramHeader64<LittleEndian>> {
        self.segments.iter().filter(|segment| segment.p_type(LE) == elf::PT_LOAD)
    }

    fn kinds(&self) -> impl Iterator<Item = elf::SectionType> {
        self.sections.iter().map(|(_, section)| section.sh_type(LE))
    }

    /// The demands that it does not meet.
    fn broken(&self) -> Vec<&'static str> {
        DEMANDS.iter().filter(|(_, is_met)| !is_met(self)).map(|(name, _)| *name).collect()
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the file")
}

/// This test: an ordinary program.
fn ordinary() -> std::path::PathBuf {
    std::env::current_exe().expect("its own path")
}

/// Which of [`OF_FORMATTING`] a file holds.
fn of_formatting(path: &Path) -> Vec<&'static str> {
    let bytes = bytes(path);
    let holds = |text: &&str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    OF_FORMATTING.into_iter().filter(holds).collect()
}

/// How many instructions of a file go through %fs.
fn through_fs(path: &Path) -> usize {
    let listing = run(command("objdump", &["-d", "--no-show-raw-insn", path.to_str().expect("UTF-8")])).clean(0).out;
    assert!(listing.contains("syscall") || listing.contains("call"), "a listing of code");
    listing.matches("%fs:").count()
}

#[test]
fn the_elf_meets_every_demand() {
    assert_eq!(Elf::read(&bytes(built())).broken(), Vec::<&str>::new());
}

#[test]
fn an_ordinary_program_does_not() {
    let broken = Elf::read(&bytes(&ordinary())).broken();
    assert!(BROKEN_BY_THIS_TEST.iter().all(|name| broken.contains(name)), "{broken:?}");
}

/// Headers spoiled by hand, for the demands that an ordinary program meets too: the spoiler, and what is broken then.
type Spoiled = (fn(&mut Elf), &'static [&'static str]);

const SPOILED: [Spoiled; 5] = [
    (|elf| elf.header.e_machine.set(LE, elf::EM_386), &["x86-64"]),
    (|elf| elf.header.e_type.set(LE, elf::ET_DYN), &["at fixed addresses"]),
    (|elf| elf.header.e_entry.set(LE, 0), &["an entry in code that is not writable"]),
    (|elf| elf.segments.retain(|segment| segment.p_type(LE) != elf::PT_GNU_STACK), &["a stack that is not executable"]),
    (
        |elf| elf.segments.iter_mut().for_each(|segment| segment.p_flags.set(LE, elf::PF_W | elf::PF_X)),
        &[
            "nothing both writable and executable",
            "a stack that is not executable",
            "an entry in code that is not writable",
        ],
    ),
];

#[test]
fn a_spoiled_elf_does_not() {
    for (spoil, broken) in SPOILED {
        let mut elf = Elf::read(&bytes(built()));
        spoil(&mut elf);
        assert_eq!(elf.broken(), broken);
    }
}

#[test]
fn nothing_goes_through_fs() {
    if has("objdump") {
        assert_eq!(through_fs(built()), 0);
        assert_ne!(through_fs(&ordinary()), 0, "an ordinary program does, so that it is seen");
    }
}

/// Whether the ELF under test is one as it ships, without names; a debug build keeps them.
pub fn ships() -> bool {
    Elf::read(&bytes(built())).kinds().all(|kind| kind != elf::SHT_SYMTAB)
}

#[test]
fn nothing_is_formatted() {
    if !ships() {
        return skip("a debug build keeps what its assertions say");
    }
    let own = of_formatting(built()).into_iter().filter(|text| !OF_OTHERS.contains(text));
    assert_eq!(own.collect::<Vec<_>>(), Vec::<&str>::new());
    assert_eq!(of_formatting(&ordinary()), OF_FORMATTING, "an ordinary program holds them all");
}

#[test]
fn the_elf_keeps_to_its_size() {
    if !ships() {
        return skip("the size is that of the release");
    }
    // Another compiler makes other bytes: within a hundredth the figure still tells the truth.
    let (size, told) = (bytes(built()).len(), told_size());
    assert!(size.abs_diff(told) <= told / 100, "{size} bytes, and docs/size.md says {told}");
}

/// The layout is for both linkers that rustc may call; the other tests see it with one of them.
#[test]
fn the_layout_is_one_for_gnu_ld_too() {
    if !has("ld.bfd") || !has("cc") {
        return;
    }
    let folder = crate::common::folder().join("layout");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    std::fs::write(path("one.c"), "static char room[5000], small; void _start(void) { room[small]++; for (;;); }\n")
        .expect("a file");
    run(command("cc", &["-c", "-fdata-sections", "-o", &path("one.o"), &path("one.c")])).clean(0);
    let layout = concat!(env!("CARGO_MANIFEST_DIR"), "/linker.ld");
    run(command("ld.bfd", &["-static", "-T", layout, "-o", &path("one"), &path("one.o")])).clean(0);
}
