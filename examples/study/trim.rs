//! A copy of a file without what the kernel never reads: the section table, and all behind the last loaded byte.
//!
//! The decision behind it: it is cut off here and not by the linker, so that every linker gives the same small file;
//! that it is still the same program is seen by the same check as for every other pair.

use crate::image::Image;
use crate::{Report, Result, same};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

/// Writes the copy.
pub fn study(image: &Image, to: &str) -> Result<Report> {
    let end = image.loaded().map(|segment| segment.range().end).max().unwrap_or(0) as usize;
    let mut data = same::without_table(image);
    if end > data.len() {
        return Err(format!("{}: a segment ends behind the end of the file", image.path));
    }
    data.truncate(end);
    write(to, &data).map_err(|error| format!("{to}: {error}"))?;
    same::check(image, &Image::read(to)?)?;
    Ok(Report { text: format!("{end} bytes: of {} all that is loaded\n", image.data.len()), fault: None })
}

/// Under another name first: who runs the file meanwhile has the old one or the new one.
fn write(to: &str, data: &[u8]) -> std::io::Result<()> {
    let new = format!("{to}.{}", std::process::id());
    fs::write(&new, data)?;
    fs::set_permissions(&new, Permissions::from_mode(0o755))?;
    fs::rename(&new, to)
}
