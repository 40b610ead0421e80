//! Where the bytes of the file are: segments, parts, symbols.
//!
//! Each part is a range of the file; ranges that overlap or end outside are a fault, and what
//! lies between two of them is padding. So the parts add up to the file, or the study says that they do not.

use crate::image::{Image, Section, Symbol};
use crate::{Report, Result, same};
use std::fmt::Write;
use std::ops::Range;

/// A range of the file and what it holds.
type Part = (String, Range<u64>);

/// Names bytes that no header speaks of.
const PADDING: &str = "padding";

/// The tables: of the shipped file, and the symbols of its twin.
pub fn study(shipped: &Image, twin: &Image) -> Result<Report> {
    let same = same::check(shipped, twin)?;
    let length = shipped.data.len() as u64;
    let parts = fill(parts(shipped), length)?;
    let sum: u64 = parts.iter().map(|(_, range)| range.end - range.start).sum();
    let mut text = format!("{}: {length} bytes\n\n", shipped.path);
    text += &segments(shipped);
    text += "\n   bytes  part of the file\n";
    for (name, range) in &parts {
        let _ = writeln!(text, "{:8}  {name}", range.end - range.start);
    }
    let is_whole = sum == length;
    let equal = if is_whole { "=" } else { "IS NOT" };
    let _ = writeln!(text, "{sum:8}  sum {equal} {length}, the length of the file\n");
    text += &same;
    text += &symbols(twin)?;
    let fault = (!is_whole).then(|| format!("the parts add up to {sum} bytes, the file has {length}"));
    Ok(Report { text, fault })
}

fn segments(image: &Image) -> String {
    let mut text = String::from("   bytes  in memory  rights  address     segment\n");
    for segment in &image.segments {
        let (in_file, in_memory, address) = (segment.in_file, segment.in_memory, segment.address);
        let (rights, name) = (segment.rights(), segment.name());
        let _ = writeln!(text, "{in_file:8}  {in_memory:9}  {rights}     {address:#010x}  {name}");
    }
    text
}

/// What the headers speak of. A file without sections has its segments instead, behind the headers in the first one.
fn parts(image: &Image) -> Vec<Part> {
    let mut parts = image.headers.clone();
    let behind = parts.iter().map(|(_, range)| range.end).max().unwrap_or(0);
    if image.sections.is_empty() {
        let part = |range: Range<u64>| range.start.max(behind)..range.end;
        parts.extend(image.loaded().map(|segment| (format!("segment {}", segment.rights()), part(segment.range()))));
    }
    parts.extend(image.sections.iter().map(|section| (section.name.clone(), section.range())));
    parts.retain(|(_, range)| !range.is_empty());
    parts.sort_by_key(|(_, range)| range.start);
    parts
}

/// The parts with padding between them, up to the end of the file.
fn fill(parts: Vec<Part>, length: u64) -> Result<Vec<Part>> {
    let mut whole = Vec::new();
    let mut end = 0;
    for (name, range) in parts {
        if range.start < end || range.end > length {
            return Err(format!("{name} at {range:#x?} overlaps another part or the end of the file"));
        }
        if range.start > end {
            whole.push((PADDING.to_owned(), end..range.start));
        }
        end = range.end;
        whole.push((name, range));
    }
    if end < length {
        whole.push((PADDING.to_owned(), end..length));
    }
    Ok(whole)
}

/// The symbols of each loaded section, the largest first.
fn symbols(twin: &Image) -> Result<String> {
    let mut text = String::new();
    for section in twin.sections.iter().filter(|section| section.address != 0 && section.size != 0) {
        let _ = writeln!(text, "\n{:8}  {} in memory", section.size, section.name);
        let mut named = named(section, &twin.symbols);
        let sum: u64 = named.iter().map(|(size, _)| size).sum();
        let rest =
            section.size.checked_sub(sum).ok_or_else(|| format!("{} is smaller than its symbols", section.name))?;
        named.push((rest, "(without a symbol)".to_owned()));
        named.sort_by(|one, other| other.cmp(one));
        for (size, name) in named.iter().filter(|(size, _)| *size > 0) {
            let _ = writeln!(text, "{size:8}    {name}");
        }
    }
    Ok(text)
}

/// The symbols of a section with their sizes. A byte with two names counts for the first; the second is named beside.
fn named(section: &Section, symbols: &[Symbol]) -> Vec<(u64, String)> {
    let inside = section.address..section.address + section.size;
    let mut symbols: Vec<_> = symbols.iter().filter(|symbol| inside.contains(&symbol.address)).collect();
    symbols.sort_by_key(|symbol| (symbol.address, symbol.size));
    let mut named: Vec<(u64, String)> = Vec::new();
    let mut end = section.address;
    for symbol in symbols {
        let size = (symbol.address + symbol.size).saturating_sub(symbol.address.max(end));
        end += size + symbol.address.saturating_sub(end);
        match named.last_mut() {
            Some((_, name)) if size == 0 => *name = format!("{name} = {}", symbol.name),
            _ => named.push((size, symbol.name.clone())),
        }
    }
    named
}
