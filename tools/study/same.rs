//! Whether two files are the same program: all that the kernel loads, byte for byte.
//!
//! The ELF header is loaded too, and three of its fields say where the section table lies. The
//! kernel never reads them, and a file with symbols cannot have the same ones: they alone are left out.

use crate::image::{Image, Segment};
use crate::{Report, Result};
use std::ops::Range;

/// Of the ELF header: e_shoff; e_shentsize, e_shnum and e_shstrndx.
const OF_THE_SECTION_TABLE: [Range<usize>; 2] = [0x28..0x30, 0x3a..0x40];

/// Says so, or refuses.
pub fn study(shipped: &Image, twin: &Image) -> Result<Report> {
    let text = check(shipped, twin)?;
    Ok(Report { text, fault: None })
}

/// A line that says what was compared; an error if the two differ.
pub fn check(shipped: &Image, twin: &Image) -> Result<String> {
    let differ = format!("{} and {} differ", shipped.path, twin.path);
    if shipped.segments != twin.segments {
        return Err(format!("{differ}: not the same program headers"));
    }
    let (ours, theirs) = (without_table(shipped), without_table(twin));
    let mut compared = 0;
    for segment in shipped.loaded() {
        let range = segment.offset as usize..segment.range().end as usize;
        let outside = || format!("{differ}: a segment ends behind the end of the file");
        let ours = ours.get(range.clone()).ok_or_else(outside)?;
        let theirs = theirs.get(range).ok_or_else(outside)?;
        if let Some(place) = ours.iter().zip(theirs).position(|(our, their)| our != their) {
            return Err(format!("{differ}: {}", difference(segment, place, ours[place], theirs[place])));
        }
        compared += ours.len();
    }
    Ok(format!("{} and {} are the same program: {compared} loaded bytes are equal\n", shipped.path, twin.path))
}

fn difference(segment: &Segment, place: usize, our: u8, their: u8) -> String {
    let (offset, address) = (segment.offset + place as u64, segment.address + place as u64);
    format!("byte {offset:#x} of the file, loaded at {address:#x}, is {our:#04x} and {their:#04x}")
}

/// The file with the fields of the section table blank.
pub fn without_table(image: &Image) -> Vec<u8> {
    let mut data = image.data.clone();
    OF_THE_SECTION_TABLE.into_iter().for_each(|range| data[range].fill(0));
    data
}
