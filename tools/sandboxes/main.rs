//! `make sandboxes`: does chimera say the same of user namespaces in each place, and is it what `run -r` does there?
//! And `make docs-sandboxes`: what do places get wrong, asked by `chimera check` (checks.rs)?
//!
//! A place is a sandbox, a container, a chroot, a filter, a limit. In each, as root and as nobody, all commands that speak
//! of user namespaces are run, and what they say is held against each other. One line of a table each; below it all that
//! deviates, with the lines that were written.

mod bundle;
#[path = "../checked.rs"]
mod checked;
mod checks;
mod judge;
mod packages;
mod place;
mod report;
mod seen;
mod who;
mod world;

use judge::Weight;
use packages::Packages;
use place::{PLACES, Place};
use report::{HEAD, Report};
use seen::{Both, Seen};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use who::Who;
use world::{Outside, Run, SOON};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--inside", place, who, elf, folder, ..] => {
            let outside = Outside { elf: Path::new(elf), folder: Path::new(folder) };
            inside(&outside, place, who, &words[5..])
        }
        ["check", elf, folder, ref names @ ..] => with_places(Path::new(elf), Path::new(folder), names, &checks::check),
        [elf, folder, ref names @ ..] => with_places(Path::new(elf), Path::new(folder), names, &compare),
        _ => Err("usage: sandboxes [check] ELF FOLDER [PLACE..]".into()),
    };
    result.unwrap_or_else(|reason| {
        eprintln!("sandboxes: {reason}");
        ExitCode::from(world::NO_PLACE as u8)
    })
}

/// The part of process 1 of a world.
fn inside(outside: &Outside, place: &str, who: &str, words: &[String]) -> Result<ExitCode, String> {
    let place = PLACES.iter().find(|known| known.name == place).ok_or("no such place")?;
    let who = Who::ALL.into_iter().find(|known| known.name() == who).ok_or("no such user")?;
    world::inside(outside, place, who, words).map(|status| ExitCode::from(status as u8))
}

/// Whether all was as it should be in these places, of which each is meant by the beginning of its name; without any in
/// those that the action chooses.
type Act = dyn Fn(&Outside, &[&str]) -> Result<bool, String>;

/// Acts with the ELF and the packages, if places can be made here.
fn with_places(elf: &Path, folder: &Path, names: &[&str], act: &Act) -> Result<ExitCode, String> {
    if !nix::unistd::geteuid().is_root() {
        say("SKIP: only root can make these places")?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(name) = names.iter().find(|name| !PLACES.iter().any(|place| fits(place, name))) {
        let all: Vec<&str> = PLACES.iter().map(|place| place.name).collect();
        return Err(format!("no place's name begins with {name}; the places are: {}", all.join(" ")));
    }
    let of = |error: std::io::Error, path: &Path| format!("{}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(|error| of(error, folder))?;
    let absolute = |path: &Path| path.canonicalize().map_err(|error| of(error, path));
    let outside = Outside { elf: &absolute(elf)?, folder: &absolute(folder)? };
    Ok(if act(&outside, names)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether a place is meant by the beginning of its name.
fn fits(place: &Place, name: &&str) -> bool {
    place.name.starts_with(name)
}

/// The table.
fn compare(outside: &Outside, names: &[&str]) -> Result<bool, String> {
    let mut report = Report::default();
    say(HEAD)?;
    let is_named = |place: &&Place| names.is_empty() || names.iter().any(|name| fits(place, name));
    for place in PLACES.iter().filter(is_named) {
        match fetch(outside, place) {
            Err(reason) => say(&format!("{:14}SKIP: {reason}", place.name))?,
            Ok(versions) => {
                versions.iter().for_each(|(package, version)| report.made_with(place.name, package, version));
                Who::ALL.into_iter().try_for_each(|who| survey(outside, place, who, &mut report))?;
            }
        }
    }
    say(&report.to_string())?;
    Ok(report.is_good())
}

/// Writes lines; without a reader there is nothing more to do.
fn say(lines: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{lines}").map_err(|error| error.to_string())
}

/// Sees to it that the packages of a place are there; returns the name and the version of each.
fn fetch(outside: &Outside, place: &Place) -> Result<Vec<(&'static str, String)>, String> {
    let packages = Packages::new(outside.folder);
    place.packages().iter().map(|package| Ok((package.name, packages.fetch(package)?))).collect()
}

/// Why a place was not made; none if it was.
fn missing(outside: &Outside, place: &Place, who: Who) -> Result<Option<String>, String> {
    let first = world::run(outside, place, who, &["--version"], SOON)?;
    let reason = || first.err.lines().next().unwrap_or("it does not start").to_owned();
    Ok((!place.is_made(&first)).then(reason))
}

/// A place as one user: a line of the table.
fn survey(outside: &Outside, place: &Place, who: Who, report: &mut Report) -> Result<(), String> {
    let (name, user) = (place.name, who.name());
    if let Some(reason) = missing(outside, place, who)? {
        return say(&format!("{name:14}{user:7}SKIP: {reason}"));
    }
    let seen = look(outside, place, who)?;
    let found = judge::judge(place, &seen);
    let (run, [doctor, mode, tour, clone]) =
        (seen.run.status(), [&seen.doctor, &seen.user, &seen.tour, &seen.clone].map(Both::cell));
    let same = if found.iter().any(|one| one.weight == Weight::Disagreement) { "NO" } else { "yes" };
    found.into_iter().for_each(|deviation| report.add(name, user, deviation));
    say(&format!("{name:14}{user:7}{run:7}{doctor:12}{mode:12}{tour:12}{clone:12}{same}"))
}

/// Runs all commands.
fn look(outside: &Outside, place: &Place, who: Who) -> Result<Seen, String> {
    let run = |words: &[&str]| -> Result<Run, String> { world::run(outside, place, who, words, SOON) };
    let both = |name: &'static str, words: &[&str]| -> Result<Both, String> {
        Ok(Both { name, page: run(words)?, json: run(&[words, &["--json"]].concat())? })
    };
    let doctor = both("doctor", &["doctor"])?;
    // With the options that doctor names, so that both do the same.
    let tries = doctor.object()["tries"].as_array().cloned().unwrap_or_default();
    let kinds = tries.into_iter().map(|tried| {
        let options = tried["options"].as_str().unwrap_or("-r").split(' ');
        let words: Vec<&str> = ["run"].into_iter().chain(options).chain(["--", "true"]).collect();
        let ran = run(&words)?;
        Ok((tried, ran))
    });
    Ok(Seen {
        run: run(&["run", "-r", "--", "true"])?,
        user: both("user", &["user"])?,
        tour: both("tour", &[])?,
        clone: both("clone user", &["clone", "user"])?,
        exec: run(&["clone", "user", "--", "true"])?,
        kinds: kinds.collect::<Result<_, String>>()?,
        doctor,
    })
}
