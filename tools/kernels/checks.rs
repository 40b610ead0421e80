//! `make docs-kernels`: what `chimera check` says of each kernel, as root, as nobody, and as /init; docs/kernels.md.

use crate::boot::{QEMU, boot};
use crate::checked::{Checked, cell, first_line};
use crate::mirror::Package;
use crate::{Machines, Result, each};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// The users of the script `check`, and the program as /init.
const USERS: [&str; 3] = ["root", "nobody", "/init"];

/// The group that is asked as /init.
const QUICK: &str = "rules";

/// A kernel, what was said of it as each user, and what went wrong.
struct Kernel {
    package: Package,
    said: Vec<(&'static str, Checked)>,
    faults: Vec<String>,
}

/// Boots each kernel twice, and writes FOLDER/kernels.md.
pub fn check(elf: &str, folder: &Path, machines: &Machines, packages: &[Package]) -> Result<bool> {
    let kernels = each(packages, &|package| {
        let kernel = examine(machines, package);
        let deviations: usize = kernel.said.iter().map(|(_, said)| said.deviations().len()).sum();
        eprintln!("{}: {} users, {deviations} deviations {:?}", package.version, kernel.said.len(), kernel.faults);
        kernel
    });
    let page = folder.join("kernels.md");
    std::fs::write(&page, text(elf, &kernels)).map_err(|error| format!("{}: {error}", page.display()))?;
    println!("{}", page.display());
    let is_right = |said: &Checked| said.totals.as_ref().is_some_and(|totals| totals["fail"] == 0);
    let is_good = |kernel: &Kernel| kernel.faults.is_empty() && kernel.said.iter().all(|(_, said)| is_right(said));
    Ok(kernels.iter().all(is_good))
}

/// Boots a kernel with the script, and with the program as /init.
fn examine(machines: &Machines, package: &Package) -> Kernel {
    let mut kernel = Kernel { package: package.clone(), said: Vec::new(), faults: Vec::new() };
    let groups = std::env::var("CHECK").unwrap_or_default();
    let script = format!("rdinit=/start run=check out=ttyS1 groups={groups}");
    let init = format!("chimera.check=--json,{QUICK}");
    match booted(machines, package, &script, "check", "results") {
        Ok(said) => {
            // A reason may have the word too.
            for part in format!("\n{said}").split("\nuser ").skip(1) {
                let user = USERS.into_iter().find(|user| part.starts_with(user));
                kernel.said.extend(user.map(|user| (user, Checked::read(part))));
            }
            if !said.contains("\nend") {
                kernel.faults.push("the script did not come to its end".into());
            }
        }
        Err(reason) => kernel.faults.push(reason),
    }
    match booted(machines, package, &init, "init", "console") {
        Ok(said) => {
            if said.contains("Kernel panic") {
                kernel.faults.push("as /init: the kernel panicked".into());
            }
            kernel.said.push((USERS[2], Checked::read(&said)));
        }
        Err(reason) => kernel.faults.push(format!("as /init: {reason}")),
    }
    let unfinished = kernel.said.iter().filter(|(_, said)| said.totals.is_none());
    let faults: Vec<String> =
        unfinished.map(|(user, _)| format!("{user}: the check did not come to its end")).collect();
    kernel.faults.extend(faults);
    kernel
}

/// Boots a kernel with these words; returns what stands on one of its lines.
fn booted(machines: &Machines, package: &Package, words: &str, name: &str, line: &str) -> Result<String> {
    let file = |kind: &str| machines.logs.join(format!("{}.{name}.{kind}", package.version));
    let (console, results) = (file("console"), file("results"));
    // What an earlier boot has left there is not this one's.
    let _ = [&console, &results].map(std::fs::remove_file);
    let kernel = machines.mirror.file(package, "vmlinuz")?;
    boot(&kernel, &machines.initramfs, words, &console, &results)?;
    let said = std::fs::read(file(line)).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&said).replace('\r', ""))
}

/// All groups that were asked of any kernel.
fn groups(kernels: &[Kernel]) -> Vec<&str> {
    let mut groups = Vec::new();
    let all = kernels.iter().flat_map(|kernel| &kernel.said).flat_map(|(_, said)| said.groups());
    all.for_each(|group| {
        if !groups.contains(&group) {
            groups.push(group)
        }
    });
    groups
}

/// The page.
fn text(elf: &str, kernels: &[Kernel]) -> String {
    let (date, version) = (first_line("date", &["-u", "+%F"]), first_line(elf, &["--version"]));
    let qemu = first_line(QEMU, &["--version"]);
    let mut page = format!(
        "# What kernels say\n\n\
         Written by `make docs-kernels` on {date}, with {version} and {qemu}. Not edited by hand.\n\n\
         Each kernel is Debian's, and runs in a machine without a disk that QEMU emulates ([Places](places.md)). A row is\n\
         `chimera check` as that user; `/init` is chimera as the only program there, with `chimera.check={QUICK}`. A cell has the\n\
         leaves that passed, failed, were skipped.\n\n"
    );
    let groups = groups(kernels);
    let _ = writeln!(page, "| kernel | user | {} | cases | seconds |", groups.join(" | "));
    let _ = writeln!(page, "|---|---|{}", "---|".repeat(groups.len() + 2));
    for Kernel { package, said, .. } in kernels {
        for (user, said) in said {
            let cells: Vec<String> = groups.iter().map(|group| cell(said.counts(group))).collect();
            let number = |key: &str| said.totals.as_ref().and_then(|totals| totals[key].as_u64());
            let [cases, time] = ["cases", "ns"].map(number);
            let cases = cases.map_or("not all".into(), |cases| cases.to_string());
            let time = time.map_or("-".into(), |time| (time / 1_000_000_000).to_string());
            let _ = writeln!(page, "| {} | {user} | {} | {cases} | {time} |", package.version, cells.join(" | "));
        }
    }
    page += "\n## What deviates\n\n";
    let mut lines = Places::default();
    for Kernel { package, said, faults } in kernels {
        faults.iter().for_each(|fault| lines.add(fault.clone(), &package.version, ""));
        for (user, said) in said {
            said.deviations()
                .iter()
                .for_each(|found| lines.add(format!("`{}`{}", found.line(), found.others()), &package.version, user));
        }
    }
    page += &lines.text("Nothing: each kernel keeps the rules in every case that could be judged.\n");
    page += "\n## What is skipped, and why\n\n";
    let mut lines = Places::default();
    for Kernel { package, said, .. } in kernels {
        for (user, said) in said {
            let skips = said.skips();
            skips.iter().for_each(|(why, leaves)| {
                let noun = if *leaves == 1 { "leaf" } else { "leaves" };
                lines.add(format!("{leaves} {noun}: {why}"), &package.version, user);
            });
        }
    }
    page + &lines.text("Nothing.\n")
}

/// Lines, each once with all kernels and users for which it stands, in the order in which they were first added.
#[derive(Default)]
struct Places {
    order: Vec<String>,
    places: BTreeMap<String, Vec<(String, Vec<String>)>>,
}

impl Places {
    fn add(&mut self, line: String, kernel: &str, user: &str) {
        let places = self.places.entry(line.clone()).or_insert_with(|| {
            self.order.push(line);
            Vec::new()
        });
        match places.last_mut() {
            Some((known, users)) if known == kernel => users.push(user.into()),
            _ => places.push((kernel.into(), vec![user.into()])),
        }
    }

    fn text(&self, none: &str) -> String {
        if self.order.is_empty() {
            return none.into();
        }
        let place =
            |(kernel, users): &(String, Vec<String>)| format!("{kernel} {}", users.join(", ")).trim().to_owned();
        let line = |line: &String| {
            let places: Vec<String> = self.places[line].iter().map(place).collect();
            format!("- {line}\n  ({})\n", places.join("; "))
        };
        self.order.iter().map(line).collect()
    }
}
