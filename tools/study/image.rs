//! An ELF file as the studies see it: segments, sections, symbols.
//!
//! Everything is copied once into plain records, so that a study is arithmetic on numbers.

use crate::Result;
use object::LittleEndian as Little;
use object::elf::{self, FileHeader64, PF_R, PF_W, PF_X, SHT_NOBITS, SHT_SYMTAB};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader, Sym};
use std::ops::Range;

/// A file in memory and what its headers say.
pub struct Image {
    /// Where it was read from.
    pub path: String,
    /// All its bytes.
    pub data: Vec<u8>,
    /// Executable at a fixed address (ET_EXEC), or anything else.
    pub is_fixed: bool,
    /// For x86-64.
    pub is_x86_64: bool,
    /// The address of the first instruction.
    pub entry: u64,
    /// The program headers.
    pub segments: Vec<Segment>,
    /// The sections, without the empty first entry of the table.
    pub sections: Vec<Section>,
    /// The symbols that have a size.
    pub symbols: Vec<Symbol>,
    /// The parts of the file that hold headers, by name.
    pub headers: Vec<(String, Range<u64>)>,
}

/// A program header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Segment {
    /// PT_*.
    pub kind: elf::ProgramType,
    /// PF_*.
    flags: elf::ProgramFlags,
    /// Where its bytes lie in the file.
    pub offset: u64,
    /// Where they are loaded.
    pub address: u64,
    /// How many there are in the file.
    pub in_file: u64,
    /// How many there are in memory; those beyond the file's are zero.
    pub in_memory: u64,
}

/// A section header.
pub struct Section {
    /// Its name.
    pub name: String,
    /// SHT_*.
    pub kind: elf::SectionType,
    /// Where it is loaded; 0 if it is not.
    pub address: u64,
    /// Where its bytes lie in the file.
    pub offset: u64,
    /// How many bytes it has in memory.
    pub size: u64,
}

/// A name for some bytes.
pub struct Symbol {
    /// Readable, without the compiler's hash.
    pub name: String,
    /// Its first byte.
    pub address: u64,
    /// Its bytes.
    pub size: u64,
}

impl Segment {
    /// May be read, written, executed.
    pub fn rights(&self) -> String {
        let letter = |flag, letter| if self.flags.0 & flag != 0 { letter } else { '-' };
        [letter(PF_R.0, 'r'), letter(PF_W.0, 'w'), letter(PF_X.0, 'x')].iter().collect()
    }

    /// Whether all of `rights` are given, as letters of [`Self::rights`].
    pub fn allows(&self, rights: &str) -> bool {
        rights.chars().all(|right| self.rights().contains(right))
    }

    /// Whether the kernel maps it.
    pub fn is_loaded(&self) -> bool {
        self.kind == elf::PT_LOAD
    }

    /// Its bytes in the file.
    pub fn range(&self) -> Range<u64> {
        self.offset..self.offset.saturating_add(self.in_file)
    }

    /// Its kind as readelf(1) prints it.
    pub fn name(&self) -> String {
        format!("{:?}", self.kind).trim_start_matches("PT_").to_owned()
    }
}

impl Section {
    /// Its bytes in the file.
    pub fn range(&self) -> Range<u64> {
        let size = if self.kind == SHT_NOBITS { 0 } else { self.size };
        self.offset..self.offset.saturating_add(size)
    }
}

impl Image {
    /// Reads a file.
    pub fn read(path: &str) -> Result<Self> {
        let data = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
        Self::parse(path, &data).map_err(|error| format!("{path}: {error}"))
    }

    fn parse(path: &str, data: &[u8]) -> object::Result<Self> {
        let header = FileHeader64::<Little>::parse(data)?;
        let segments = header.program_headers(Little, data)?;
        let count = header.shnum(Little, data)? as u64;
        let table = |start: u64, count: u64, size: u16| start..start + count * u64::from(size);
        let headers = [
            ("ELF header".to_owned(), 0..u64::from(header.e_ehsize(Little))),
            (
                format!("program headers ({})", segments.len()),
                table(header.e_phoff(Little), segments.len() as u64, header.e_phentsize(Little)),
            ),
            (format!("section headers ({count})"), table(header.e_shoff(Little), count, header.e_shentsize(Little))),
        ];
        Ok(Self {
            path: path.to_owned(),
            is_fixed: header.e_type(Little) == elf::ET_EXEC,
            is_x86_64: header.e_machine(Little) == elf::EM_X86_64,
            entry: header.e_entry(Little),
            segments: segments.iter().map(segment).collect(),
            sections: sections(header, data)?,
            symbols: symbols(header, data)?,
            headers: headers.into_iter().filter(|(_, range)| !range.is_empty()).collect(),
            data: data.to_vec(),
        })
    }

    /// The segments that the kernel maps.
    pub fn loaded(&self) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(|segment| segment.is_loaded())
    }

    /// The first segment of a kind.
    pub fn segment(&self, kind: elf::ProgramType) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.kind == kind)
    }

    /// Whether the bytes are anywhere in the file.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        self.data.windows(bytes.len()).any(|window| window == bytes)
    }
}

fn segment(header: &elf::ProgramHeader64<Little>) -> Segment {
    Segment {
        kind: header.p_type(Little),
        flags: header.p_flags(Little),
        offset: header.p_offset(Little),
        address: header.p_vaddr(Little),
        in_file: header.p_filesz(Little),
        in_memory: header.p_memsz(Little),
    }
}

fn sections(header: &FileHeader64<Little>, data: &[u8]) -> object::Result<Vec<Section>> {
    let table = header.sections(Little, data)?;
    let section = |section| {
        let name = table.section_name(Little, section)?;
        Ok(Section {
            name: String::from_utf8_lossy(name).into_owned(),
            kind: section.sh_type(Little),
            address: section.sh_addr(Little),
            offset: section.sh_offset(Little),
            size: section.sh_size(Little),
        })
    };
    table.iter().skip(1).map(section).collect()
}

fn symbols(header: &FileHeader64<Little>, data: &[u8]) -> object::Result<Vec<Symbol>> {
    let table = header.sections(Little, data)?.symbols(Little, data, SHT_SYMTAB)?;
    let symbol = |symbol: &elf::Sym64<Little>| {
        let name = table.symbol_name(Little, symbol)?;
        let name = format!("{:#}", rustc_demangle::demangle(&String::from_utf8_lossy(name)));
        Ok(Symbol { name, address: symbol.st_value(Little), size: symbol.st_size(Little) })
    };
    table.iter().filter(|symbol| symbol.st_size(Little) > 0).map(symbol).collect()
}
