//! `make docs-sandboxes`: what `chimera check` says in each place, in words; docs/sandboxes.md.
//!
//! What deviates is tried once more by `chimera clone`, in the same place: a command whose line shows it to everybody.

use crate::checked::{Checked, Deviation, cell, first_line, text};
use crate::place::{PLACES, Place};
use crate::who::Who;
use crate::world::{End, LATE, Outside, Run, SOON};
use crate::{fetch, fits, missing, say, world};
use serde_json::Value;
use std::fmt::Write;

/// The places on the page, by the beginnings of their names.
const USUAL: [&str; 9] =
    ["here", "gvisor", "docker", "podman", "qemu", "bwrap", "valgrind", "chroot-folder", "proc-none"];

/// Places in which not all can be asked in time, and the groups that are. valgrind ends a task that makes another one than a
/// thread or a copy, so that each case takes a process of its own.
const ONLY: [(&str, &str); 1] = [("valgrind", "rules")];

/// A place, as one user.
struct Visit {
    place: &'static Place,
    who: Who,
    run: Run,
    checked: Checked,
    /// What deviates, in words, with a command and its answer.
    found: Vec<(String, String)>,
    /// How many of these the command did not show.
    unconfirmed: usize,
}

/// Checks in each place, and writes FOLDER/sandboxes.md.
pub fn check(outside: &Outside, names: &[&str]) -> Result<bool, String> {
    let names = if names.is_empty() { &USUAL } else { names };
    let (mut visits, mut made, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for place in PLACES.iter().filter(|place| names.iter().any(|name| fits(place, name))) {
        match fetch(outside, place) {
            Err(reason) => notes.push(format!("{}: {reason}", place.name)),
            Ok(versions) => {
                made.extend(versions.into_iter().map(|(package, version)| (place.name, package, version)));
                for who in Who::ALL {
                    match missing(outside, place, who)? {
                        Some(reason) => notes.push(format!("{}, {}: {reason}", place.name, who.name())),
                        None => visits.push(visit(outside, place, who)?),
                    }
                }
            }
        }
    }
    let path = outside.folder.join("sandboxes.md");
    std::fs::write(&path, page(outside, &visits, &made, &notes)).map_err(|error| error.to_string())?;
    say(&path.display().to_string())?;
    let is_good = |visit: &Visit| visit.checked.totals.is_some() && visit.unconfirmed == 0;
    Ok(visits.iter().all(is_good))
}

/// Checks in a place as a user, and tries again what deviates.
fn visit(outside: &Outside, place: &'static Place, who: Who) -> Result<Visit, String> {
    let only = ONLY.iter().find(|(name, _)| *name == place.name).map(|(_, groups)| (*groups).to_owned());
    let named = only.or(std::env::var("CHECK").ok()).unwrap_or_default();
    let words: Vec<&str> =
        ["check", "--json"].into_iter().chain(named.split(',').filter(|word| !word.is_empty())).collect();
    let run = world::run(outside, place, who, &words, LATE)?;
    let checked = Checked::read(&run.out);
    let mut found = Vec::new();
    let mut unconfirmed = 0;
    for deviation in checked.deviations() {
        let (command, is_shown) = shown(outside, place, who, &deviation)?;
        unconfirmed += usize::from(!is_shown);
        found.push((sentence(&deviation), command));
    }
    let failed = found.len();
    say(&format!(
        "{:14}{:7}{:8}{failed} deviations, {unconfirmed} not shown again",
        place.name,
        who.name(),
        run.status()
    ))?;
    Ok(Visit { place, who, run, checked, found, unconfirmed })
}

/// A deviation in words.
fn sentence(deviation: &Deviation) -> String {
    let case = deviation.case;
    let [api, flags, want, got] = ["api", "flags", "want", "got"].map(|key| text(case, key));
    let with = match case["what"].as_str() {
        // Which effect is an affair of the table in the program.
        Some("effect") => String::new(),
        Some(what) => {
            let value = case["value"].as_str().map_or_else(|| case["value"].to_string(), str::to_owned);
            format!(" ({} {value})", what.replace('_', " "))
        }
        None => String::new(),
    };
    let subject = match (api, flags) {
        ("", _) => format!("{} {}{with}", deviation.group, deviation.leaf),
        (api, "" | "0") => format!("{api} without flags{with}"),
        (api, flags) => format!("{api} with {flags}{with}"),
    };
    let mut sentence = match (want, got) {
        ("seen", "not-seen") if !flags.is_empty() => format!("{flags} is accepted and ignored{with}"),
        ("not-seen", "seen") if !flags.is_empty() => format!("what {flags} is for is done without it{with}"),
        (want, "OK") => format!("{subject} is accepted; the rules expect {want}"),
        (want, "hung") => format!("{subject} never comes to an end; expected is {want}"),
        (want, got) if got.starts_with("SIG") => format!("{subject} ends with {got}; expected is {want}"),
        (want, got) if got.starts_with('E') => format!("{subject} is refused with {got}; the rules expect {want}"),
        (want, got) => format!("{subject} gives {got}; expected is {want}"),
    };
    if let Some(rule) = case["rule"].as_str() {
        let _ = write!(sentence, " ({rule})");
    }
    sentence + &deviation.others()
}

/// The command that shows a deviation with its answer, and whether that is the answer of the check. What no command asks for
/// is shown by the line of the check itself.
fn shown(outside: &Outside, place: &Place, who: Who, deviation: &Deviation) -> Result<(String, bool), String> {
    let case = deviation.case;
    let (api, flags) = (text(case, "api"), text(case, "flags"));
    let is_of_flags = case["what"].is_null() || case["what"] == "effect";
    if !["clone", "clone3"].contains(&api) || !is_of_flags || ["", "0"].contains(&flags) {
        return Ok((format!("chimera check {}: {}", deviation.group, deviation.line()), true));
    }
    // The check asks some calls as root of a user namespace, which the call itself can make.
    let inside = format!("{flags}|CLONE_NEWUSER");
    let first = again(outside, place, who, api, flags, case)?;
    if first.1 {
        return Ok(first);
    }
    let second = again(outside, place, who, api, &inside, case)?;
    Ok(if second.1 { second } else { (format!("{} (not the answer of the check)", first.0), false) })
}

/// Asks once more by `chimera clone`: the command with its answer, and whether that is the answer of the check.
fn again(
    outside: &Outside,
    place: &Place,
    who: Who,
    api: &str,
    flags: &str,
    case: &Value,
) -> Result<(String, bool), String> {
    let (signal, got) = (case["exit_signal"].to_string(), text(case, "got"));
    let mut words = vec!["clone", "--json", "--exit-signal", &signal];
    words.extend((api == "clone3").then_some("--clone3"));
    words.push(flags);
    let run = world::run(outside, place, who, &words, SOON)?;
    let object = run.out.lines().find_map(|line| serde_json::from_str::<Value>(line).ok()).unwrap_or_default();
    let [result, outcome] = ["result", "outcome"].map(|key| text(&object, key));
    let is_shown = match got {
        "not-seen" => outcome == "not-honoured",
        got => result == got || got.starts_with("SIG") && outcome == "crashed" || got == "hung" && outcome == "hung",
    };
    let answer = match outcome {
        "" => run.lines().first().cloned().unwrap_or_default(),
        _ => format!("result {result}, outcome {outcome}"),
    };
    words.retain(|word| *word != "--json");
    Ok((format!("chimera {}: {answer}", words.join(" ")), is_shown))
}

/// The page.
fn page(outside: &Outside, visits: &[Visit], made: &[(&str, &str, String)], notes: &[String]) -> String {
    let elf = outside.elf.to_str().unwrap_or_default();
    let [date, kernel] =
        [("date", ["-u", "+%F"]), ("uname", ["-s", "-r"])].map(|(name, words)| first_line(name, &words));
    let mut page = format!(
        "# What sandboxes get wrong\n\n\
         Written by `make docs-sandboxes` on {date}, with {} on {kernel}. Not edited by hand.\n\n\
         A row is `chimera check` in one of the [places](places.md), as that user. A cell has the leaves that passed, failed, were\n\
         skipped. A filter or a missing right is a reason to skip, and no fault.\n\n",
        first_line(elf, &["--version"])
    );
    let mut groups: Vec<&str> = Vec::new();
    visits.iter().flat_map(|visit| visit.checked.groups()).for_each(|group| {
        if !groups.contains(&group) {
            groups.push(group);
        }
    });
    let _ = writeln!(page, "| place | user | {} | cases | status |", groups.join(" | "));
    let _ = writeln!(page, "|---|---|{}", "---|".repeat(groups.len() + 2));
    for Visit { place, who, run, checked, .. } in visits {
        let cells: Vec<String> = groups.iter().map(|group| cell(checked.counts(group))).collect();
        let cases = checked.totals.as_ref().map_or("not all".into(), |totals| totals["cases"].to_string());
        let _ =
            writeln!(page, "| {} | {} | {} | {cases} | {} |", place.name, who.name(), cells.join(" | "), run.status());
    }
    page += "\n";
    notes.iter().for_each(|note| page += &format!("Not made: {note}\n"));
    made.iter().for_each(|(place, package, version)| page += &format!("- {place}: {package} {version}\n"));
    for place in PLACES {
        let of_place: Vec<&Visit> = visits.iter().filter(|visit| visit.place.name == place.name).collect();
        if !of_place.is_empty() {
            section(&mut page, place.name, &of_place);
        }
    }
    page
}

/// What deviates in a place, and what is skipped there.
fn section(page: &mut String, name: &str, visits: &[&Visit]) {
    let _ = writeln!(page, "\n## {name}\n");
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    let mut add = |line: String, who: Who| match lines.iter_mut().find(|(known, _)| *known == line) {
        Some((_, users)) => users.push(who.name()),
        None => lines.push((line, vec![who.name()])),
    };
    for Visit { who, run, checked, found, .. } in visits {
        if checked.totals.is_none() {
            let said = run.err.lines().next().unwrap_or_default();
            let end = if run.end == End::Hung { "does not end" } else { "is not finished" };
            add(format!("**The check {end}**: {} {said}", run.status()), *who);
        }
        found.iter().for_each(|(words, command)| add(format!("{words}:\n  `{command}`"), *who));
    }
    let is_empty = lines.is_empty();
    for (line, users) in &lines {
        let _ = writeln!(page, "- As {}: {line}", users.join(" and "));
    }
    if is_empty {
        page.push_str("Nothing deviates.\n");
    }
    for Visit { who, checked, .. } in visits {
        let skips = checked.skips();
        let reasons: Vec<String> = skips.iter().map(|(why, leaves)| format!("{leaves} {why}")).collect();
        if !reasons.is_empty() {
            let _ = writeln!(page, "\nLeaves skipped as {}: {}.", who.name(), reasons.join("; "));
        }
    }
}
