//! The lines below the table: the packages with which the places were made, and all that deviates.

use crate::judge::{Deviation, Weight};
use std::fmt;

/// Above the table; no line is longer than 80 columns.
pub const HEAD: &str = "place         user   run -r doctor      user        tour        clone user  same";

/// Gathers from place to place.
#[derive(Default)]
pub struct Report {
    /// A place, and the packages with their versions.
    made: Vec<(&'static str, String)>,
    found: Vec<Found>,
}

/// A deviation, and where it was seen.
struct Found {
    place: &'static str,
    users: Vec<&'static str>,
    deviation: Deviation,
}

impl Report {
    /// A place takes a package of this version.
    pub fn made_with(&mut self, place: &'static str, package: &str, version: &str) {
        self.made.push((place, format!("{package} {version}")));
    }

    /// A user meets a deviation; another may have met the same.
    pub fn add(&mut self, place: &'static str, user: &'static str, deviation: Deviation) {
        let known = self.found.iter_mut().find(|found| found.place == place && found.deviation == deviation);
        match known {
            Some(found) => found.users.push(user),
            None => self.found.push(Found { place, users: vec![user], deviation }),
        }
    }

    /// Whether nothing was found but what is not known.
    pub fn is_good(&self) -> bool {
        self.found.iter().all(|found| found.deviation.weight == Weight::Unknown)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.made.is_empty() {
            writeln!(to, "\nmade with:")?;
        }
        self.made.iter().try_for_each(|(place, version)| writeln!(to, "  {place:12}{version}"))?;
        for Found { place, users, deviation } in &self.found {
            let Deviation { command, what, lines, .. } = deviation;
            writeln!(to, "\n{place}, {}: {command}: {what}", users.join(" and "))?;
            lines.iter().try_for_each(|line| writeln!(to, "    {line}"))?;
        }
        Ok(())
    }
}
