//! `make initramfs`, `make kernels` and `make docs-kernels`: what chimera says of Debian's kernels, each booted under QEMU.
//!
//! A boot has a processor of the baseline, no disk and no network: the first root of files holds the ELF, which is /init
//! too, a static busybox and the scripts of the folder `scripts`. The script `verdicts` makes all cases of `make kernels`
//! within one boot. They come to a table, a row for a kernel and a user: do doctor, the mode, the tour and the laboratory
//! say of user namespaces what `chimera run -r` shows? Behind it stands each case that was not as it should be, once,
//! with all its places. The script `check` asks all that `chimera check` asks, for docs/kernels.md (checks.rs).
#![forbid(unsafe_code)]

mod archive;
mod boot;
#[path = "../checked.rs"]
mod checked;
mod checks;
mod mirror;
mod verdicts;

use archive::{Archive, Kind};
use mirror::{Mirror, Package, Series};
use object::Object;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use verdicts::{Case, HUNDRED, KINDS, Says, VOICES, Verdicts};

/// A result, or what was in the way.
pub type Result<T> = std::result::Result<T, String>;

/// The releases whose kernels are wanted in any case; the others are what their backports have.
const WANTED: [Series; 3] = [(5, 10), (6, 1), (6, 12)];

/// Which of the series has the flags that are asked for a hundred times.
const NEW: Series = (7, 1);

/// How many machines run at once.
const MACHINES: usize = 2;

/// What /start and the scripts are taken from.
const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/kernels");

/// A kernel, and what its boot came to.
struct Boot {
    package: Package,
    verdicts: Verdicts,
    /// Why it did not come to its end.
    fault: Option<String>,
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// A busybox that needs no library: this machine's, or else the package's.
fn busybox(folder: &Path) -> Result<Vec<u8>> {
    let is_static = |bytes: &Vec<u8>| {
        let file = object::File::parse(&**bytes);
        file.is_ok_and(|file| file.section_by_name(".interp").is_none())
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let here =
        std::env::split_paths(&path).filter_map(|folder| std::fs::read(folder.join("busybox")).ok()).find(is_static);
    if let Some(bytes) = here {
        return Ok(bytes);
    }
    let mirror = Mirror::open(folder)?;
    let package = mirror.versions(&["busybox-static"])?.into_iter().max().ok_or("there is no busybox-static")?;
    read(&mirror.file(&package, "busybox")?)
}

/// Writes FOLDER/initramfs.cpio.gz; the table is what it holds.
fn initramfs(elf: &str, folder: &Path) -> Result<PathBuf> {
    let mut files = vec![
        ("start".to_owned(), 0o755, read(&Path::new(OWN).join("start"))?),
        ("bin/busybox".to_owned(), 0o755, busybox(&folder.join("kernels"))?),
        ("bin/chimera".to_owned(), 0o755, read(Path::new(elf))?),
        ("etc/passwd".to_owned(), 0o644, b"root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n".to_vec()),
        ("etc/group".to_owned(), 0o644, b"root:x:0:\nnogroup:x:65534:\n".to_vec()),
    ];
    let scripts = std::fs::read_dir(Path::new(OWN).join("scripts")).map_err(|error| error.to_string())?;
    let mut scripts: Vec<PathBuf> = scripts.filter_map(|entry| Some(entry.ok()?.path())).collect();
    scripts.sort();
    for script in scripts {
        let name = script.file_name().unwrap_or_default().to_string_lossy();
        files.push((format!("scripts/{name}"), 0o644, read(&script)?));
    }
    let mut archive = Archive::default();
    for name in ["bin", "dev", "etc", "proc", "scripts", "sys"] {
        archive.add(name, 0o755, &Kind::Folder);
    }
    archive.add("tmp", 0o1777, &Kind::Folder);
    archive.add("init", 0o777, &Kind::Link("bin/chimera"));
    // On which process 1 prints before it has mounted anything.
    archive.add("dev/console", 0o600, &Kind::Device(5, 1));
    let mut table = String::new();
    for (name, mode, bytes) in &files {
        archive.add(name, *mode, &Kind::File(bytes));
        table += &format!("{:>9}  {name}\n", bytes.len());
    }
    let path = folder.join("initramfs.cpio.gz");
    let packed = compress(&archive.finish())?;
    std::fs::write(&path, &packed).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("{table}{:>9}  {}", packed.len(), path.display());
    Ok(path)
}

/// By gzip(1), without a name and a time.
fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut gzip = Command::new("gzip")
        .args(["-9", "-n", "-c"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("gzip: {error}"))?;
    let mut input = gzip.stdin.take().expect("a pipe");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(bytes));
        gzip.wait_with_output()
    });
    let output = output.map_err(|error| format!("gzip: {error}"))?;
    if output.status.success() { Ok(output.stdout) } else { Err("gzip has failed".into()) }
}

/// Boots a kernel, and reads what its script printed.
fn examine(Machines { mirror, initramfs, logs: folder }: &Machines, package: &Package) -> Boot {
    let file = |kind: &str| folder.join(format!("{}.{kind}", package.version));
    let (console, results) = (file("console"), file("results"));
    // What an earlier boot has left there is not this one's.
    let _ = [&console, &results].map(std::fs::remove_file);
    let words = "rdinit=/start run=verdicts out=ttyS1";
    let booted = mirror.file(package, "vmlinuz");
    let booted = booted.and_then(|kernel| boot::boot(&kernel, initramfs, words, &console, &results));
    let text = std::fs::read(&results).unwrap_or_default();
    let verdicts = Verdicts::read(&String::from_utf8_lossy(&text));
    let fault = match booted {
        Err(reason) => Some(reason),
        Ok(()) if !verdicts.complete => Some(format!("the script did not end, see {}", console.display())),
        Ok(()) => None,
    };
    Boot { package: package.clone(), verdicts, fault }
}

/// The column of a case: its status, and what it says.
fn cell(case: Option<&Case>) -> String {
    let Some(case) = case else { return "-".into() };
    let says = match case.says() {
        Says::Usable => "yes",
        Says::Forbidden => "no",
        Says::Neither => "?",
    };
    format!("{} {says}", case.status)
}

/// A row for each user, and whether all of them agree.
fn rows(boot: &Boot, text: &mut String) -> bool {
    let Boot { package, verdicts, fault } = boot;
    let mut good = fault.is_none();
    for user in verdicts.users() {
        let run = verdicts.case(user, "run -r -- true");
        let voices = VOICES.map(|words| verdicts.case(user, words));
        let (kinds, all) = verdicts.kinds(user);
        let says = run.map(Case::says).filter(|says| *says != Says::Neither);
        let agrees = says.is_some() && kinds == KINDS.len() && voices.iter().all(|voice| voice.map(Case::says) == says);
        good &= agrees;
        let cells = [run].iter().chain(&voices).map(|case| format!("{:<7}", cell(*case))).collect::<String>();
        let agrees = if agrees { "yes" } else { "NO" };
        *text += &format!("{:<18}{user:<14}{cells}{:<6}{agrees}\n", package.version, format!("{kinds}/{all}"));
    }
    for (user, why) in &verdicts.skipped {
        *text += &format!("{:<18}{user:<14}SKIP {why}\n", package.version);
    }
    if let Some(fault) = fault {
        *text += &format!("{:<18}{fault}\n", package.version);
    }
    good
}

/// How often the new flags are honoured, for each kernel that has them.
fn hundred(boots: &[Boot], text: &mut String) -> bool {
    let mut good = true;
    let new: Vec<&Boot> = boots.iter().filter(|boot| mirror::series(&boot.package.version) >= Some(NEW)).collect();
    for words in HUNDRED {
        *text += &format!("\nchimera {words}\n");
        for boot in &new {
            for user in boot.verdicts.users().iter().filter(|user| **user == "root") {
                let (honoured, all) = boot.verdicts.honoured(user, words);
                good &= honoured == all && all > 0;
                *text += &format!("{:<18}{user:<14}honoured {honoured} of {all}\n", boot.package.version);
            }
        }
        if new.is_empty() {
            *text += &format!("SKIP: no kernel here is of {}.{} or later\n", NEW.0, NEW.1);
        }
    }
    good
}

/// Each case that is neither proven nor refused as predicted: once, with the places where it was seen.
fn deviations(boots: &[Boot], text: &mut String) {
    // For each case, with all that is to be read of it, the users that met it on each kernel.
    let mut found: BTreeMap<_, BTreeMap<usize, Vec<&str>>> = BTreeMap::new();
    for (place, boot) in boots.iter().enumerate() {
        for case in boot.verdicts.cases.iter().filter(|case| case.deviates()) {
            let known = found.entry((&case.words, case.status, case.outcome(), case.essence())).or_default();
            known.entry(place).or_default().push(&case.user);
        }
    }
    for ((words, status, outcome, lines), places) in found {
        let head = format!("chimera {words}: status {status} {outcome}");
        *text += &format!("\n{}\n", head.trim_end());
        let mut kernels: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (place, mut users) in places {
            let times = users.len();
            users.dedup();
            let times = if times > users.len() { format!(", {times} times") } else { String::new() };
            let line = format!("{}{times}", users.join(" "));
            kernels.entry(line).or_default().push(&boots[place].package.version);
        }
        kernels.iter().for_each(|(users, kernels)| *text += &format!("  {users}: {}\n", kernels.join(" ")));
        lines.iter().for_each(|line| *text += &format!("    {line}\n"));
    }
}

/// What every boot takes.
struct Machines {
    mirror: Mirror,
    initramfs: PathBuf,
    /// The folder of what was printed.
    logs: PathBuf,
}

/// The newest kernel of each series; without any named, of all that are wanted or found. None without an emulator.
fn prepare(elf: &str, folder: &Path, named: &[Series]) -> Result<Option<(Machines, Vec<Package>)>> {
    if Command::new(boot::QEMU).arg("--version").output().is_err() {
        println!("SKIP: {} is not installed (apt-get install qemu-system-x86)", boot::QEMU);
        return Ok(None);
    }
    let logs = folder.join("kernels");
    std::fs::create_dir_all(&logs).map_err(|error| error.to_string())?;
    let initramfs = initramfs(elf, folder)?;
    let mirror = Mirror::open(&logs)?;
    let found = mirror.kernels()?;
    let all: BTreeSet<Series> = match named {
        [] => WANTED.iter().chain(found.keys()).copied().collect(),
        _ => named.iter().copied().collect(),
    };
    println!();
    mirror.notes.iter().for_each(|note| println!("{note}"));
    for (major, minor) in &all {
        match found.get(&(*major, *minor)) {
            Some(Package { name, version, .. }) => println!("{major}.{minor:<4} {version:<17} {name}"),
            None => println!("{major}.{minor:<4} SKIP: the mirror has none"),
        }
    }
    let packages = all.iter().filter_map(|series| found.get(series).cloned()).collect();
    Ok(Some((Machines { mirror, initramfs, logs }, packages)))
}

/// Examines kernels, some at once; the order stays.
fn each<T: Send>(packages: &[Package], examine: &(dyn Fn(&Package) -> T + Sync)) -> Vec<T> {
    let (queue, results) = (Mutex::new(packages.iter().enumerate()), Mutex::new(BTreeMap::new()));
    let next = || queue.lock().expect("no thread panics").next();
    let work = || {
        while let Some((place, package)) = next() {
            let result = examine(package);
            results.lock().expect("no thread panics").insert(place, result);
        }
    };
    std::thread::scope(|scope| (0..MACHINES).for_each(|_| drop(scope.spawn(work))));
    results.into_inner().expect("no thread panics").into_values().collect()
}

/// Boots each kernel for the tables.
fn kernels(machines: &Machines, packages: &[Package]) -> bool {
    report(&each(packages, &|package| {
        let boot = examine(machines, package);
        eprintln!("{}: {}", package.version, boot.fault.as_deref().unwrap_or(&boot.verdicts.kernel));
        boot
    }))
}

/// The tables.
fn report(boots: &[Boot]) -> bool {
    let mut text = String::from("\nkernel            user          run -r doctor user   tour   clone  kinds agree\n");
    let disagree = boots.iter().filter(|boot| !rows(boot, &mut text)).count();
    text += "the status, and whether user namespaces are usable here; clone: `clone user`;\n";
    text += "kinds: of how many kinds of namespace doctor says what `run` shows\n";
    let kept = hundred(boots, &mut text);
    deviations(boots, &mut text);
    print!("{text}");
    disagree == 0 && kept
}

fn run(words: &[String]) -> Result<bool> {
    let usage = || "usage: kernels initramfs ELF FOLDER\n       kernels boot|check ELF FOLDER [X.Y..]".to_owned();
    let [what, elf, folder, wanted @ ..] = words else { return Err(usage()) };
    let folder = Path::new(folder);
    let series = |word: &String| mirror::series(word).ok_or_else(|| format!("no series of kernels: {word}"));
    let wanted = wanted.iter().map(series).collect::<Result<Vec<_>>>()?;
    match what.as_str() {
        "initramfs" if wanted.is_empty() => initramfs(elf, folder).map(|_| true),
        "boot" => Ok(prepare(elf, folder, &wanted)?.is_none_or(|(machines, packages)| kernels(&machines, &packages))),
        "check" => prepare(elf, folder, &wanted)?
            .map_or(Ok(true), |(machines, packages)| checks::check(elf, folder, &machines, &packages)),
        _ => Err(usage()),
    }
}

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("kernels: {reason}");
            ExitCode::FAILURE
        }
    }
}
