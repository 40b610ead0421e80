//! The Makefile and the study tool: what they say of the file that ships, and that they refuse what is not as it must be.
//!
//! Everything goes through make, which builds what it needs; a run of make here is what a user
//! sees. Faults are put into copies, so that every check is seen to fail too.

mod common;

use common::skip::{has, skip_part};
use common::{MODES, Run, built, command, deadline, run};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

/// Where this project lies.
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Where cargo builds it: this test is `target/PROFILE/deps/study-HASH`.
fn target() -> PathBuf {
    let own = std::env::current_exe().expect("the path of this test");
    own.ancestors().nth(3).expect("a folder three levels up").to_owned()
}

/// `make` with `words`, apart from a make that runs these tests.
fn make(words: &[&str]) -> Command {
    let mut make = command("make", words);
    make.current_dir(ROOT).env("CARGO_TARGET_DIR", target());
    make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env_remove("MFLAGS");
    make
}

/// Far more than make takes on a busy machine: it may have to build.
const PATIENCE: Duration = Duration::from_secs(900);

/// Runs make to its end.
fn run_make(make: Command) -> Run {
    deadline::run_within(make, PATIENCE).expect("make ends")
}

/// What `make TARGET` prints when it ends well.
fn made(target: &str) -> String {
    let made = run_make(make(&[target]));
    assert_eq!(made.status, Some(0), "make {target}: {made:#?}");
    made.out
}

/// The study tool, as the Makefile builds it.
fn study(words: &[&str]) -> Run {
    static TOOL: LazyLock<PathBuf> = LazyLock::new(|| {
        made("_study");
        target().join("debug/study")
    });
    let mut study = command(&*TOOL, words);
    study.current_dir(ROOT);
    run(study)
}

/// The file that ships.
fn shipped() -> PathBuf {
    made("build");
    target().join("release/chimera")
}

/// A folder of this test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = common::folder().join(name);
        fs::create_dir(&folder).expect("a folder");
        Self(folder)
    }

    /// A copy of an ELF with the byte at `place` changed by `change`.
    fn spoiled(&self, elf: &Path, place: usize, change: impl Fn(u8) -> u8) -> String {
        let mut data = fs::read(elf).expect("the ELF");
        data[place] = change(data[place]);
        let copy = self.0.join("spoiled");
        fs::write(&copy, data).expect("a copy");
        text(&copy).to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

/// A number of the ELF's headers: eight bytes from `place` on.
fn word(elf: &Path, place: usize) -> usize {
    let data = fs::read(elf).expect("the ELF");
    u64::from_le_bytes(data[place..place + 8].try_into().expect("eight bytes")) as usize
}

/// Places in the ELF header: the address of the first instruction, and where the section table lies.
const ENTRY: usize = 24;
const SECTION_TABLE: usize = 40;

/// Places in the first program header: the address of its segment, and how many bytes it has in the file.
const ADDRESS: usize = 64 + 16;
const IN_FILE: usize = 64 + 32;

/// The place of the flags of program header `number`.
const fn flags(number: usize) -> usize {
    64 + 56 * number + 4
}

/// The numbers of the table of parts, and the length that it names.
fn parts(text: &str) -> (Vec<usize>, usize) {
    let table = text.lines().skip_while(|line| !line.ends_with("part of the file")).skip(1);
    let numbers = table.take_while(|line| !line.is_empty()).map(|line| {
        let number = line.split_whitespace().next().expect("a number");
        number.parse().expect("a number")
    });
    let mut numbers: Vec<_> = numbers.collect();
    let sum = numbers.pop().expect("the last line is the sum");
    (numbers, sum)
}

/// Blanks in the names of folders: what is built is built there, and run.
#[test]
fn a_folder_may_have_blanks_in_its_name() {
    if !has("make") {
        return;
    }
    let parent = Folder::new("a folder");
    let place = parent.0.join("with blanks");
    fs::create_dir_all(&place).expect("a folder");
    fs::copy(Path::new(ROOT).join("Makefile"), place.join("Makefile")).expect("the Makefile");
    // A cargo that builds a program which says where it is.
    let cargo = "#!/bin/sh\n[ \"$1\" = build ] || exit 1\nmkdir -p \"$CARGO_TARGET_DIR/release\" && cd \"$CARGO_TARGET_DIR/release\" \
                 && printf '#!/bin/sh\\necho \"ran $0\"\\n' >chimera && chmod 755 chimera\n";
    fs::write(place.join("text"), cargo).expect("a script");
    common::install(&place.join("text"), &place.join("cargo"), "755");
    let elsewhere = parent.0.join("else where");
    for (target, built) in [
        (None, place.join("target")),
        (Some(Path::new("in here")), place.join("in here")),
        (Some(elsewhere.as_path()), elsewhere.clone()),
    ] {
        let mut make = make(&["--silent", "run", "CARGO=./cargo"]);
        make.current_dir(&place).env_remove("CARGO_TARGET_DIR");
        if let Some(target) = target {
            make.env("CARGO_TARGET_DIR", target);
        }
        let run = run_make(make);
        let said = target.map_or("target", text);
        assert_eq!((run.status, run.out), (Some(0), format!("ran {said}/release/chimera\n")), "{target:?}");
        assert!(built.join("release/chimera").exists(), "{target:?}");
    }
}

#[test]
fn parts_add_up_to_the_length_of_the_file() {
    if !has("make") {
        return;
    }
    let elf = text(built());
    let (parts, sum) = parts(&study(&["size", elf, elf]).clean(0).out);
    let length = fs::metadata(elf).expect("the ELF").len() as usize;
    assert_eq!((parts.iter().sum(), sum), (length, length), "{parts:?}");
}

#[test]
fn size_is_of_the_file_that_ships() {
    if !has("make") {
        return;
    }
    let length = fs::metadata(shipped()).expect("the ELF").len() as usize;
    let text = made("size");
    let (parts, sum) = parts(&text);
    assert_eq!((parts.iter().sum(), sum), (length, length), "{text}");
    assert!(text.contains("    chimera::clone::asm::child\n"), "symbols are read from the twin: {text}");
}

#[test]
fn parts_that_overlap_are_refused() {
    if !has("make") {
        return;
    }
    let (folder, shipped) = (Folder::new("overlap"), shipped());
    // Into the names of the sections. The place is a word, of which eight may have to be taken from more than one byte.
    let lower = (word(&shipped, SECTION_TABLE) - 8).to_le_bytes();
    let mut spoiled = text(&shipped).to_owned();
    for (place, byte) in (SECTION_TABLE..).zip(lower) {
        spoiled = folder.spoiled(Path::new(&spoiled), place, |_| byte);
    }
    let run = study(&["size", &spoiled, &spoiled]);
    assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "{run:#?}");
}

#[test]
fn a_changed_byte_is_another_program() {
    if !has("make") {
        return;
    }
    let (folder, elf) = (Folder::new("same"), built());
    study(&["same", text(elf), text(elf)]).clean(0);
    let first_instruction = word(elf, ENTRY) - word(elf, ADDRESS);
    for place in [flags(0), first_instruction, word(elf, IN_FILE) - 1] {
        let spoiled = folder.spoiled(elf, place, |byte| byte ^ 1);
        let run = study(&["same", text(elf), &spoiled]);
        assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "byte {place}: {run:#?}");
        assert!(run.err.contains("differ: "), "byte {place}: {run:#?}");
    }
}

#[test]
fn hardening_has_no_unwanted_no() {
    if !has("make") {
        return;
    }
    let text = made("elf");
    let answers: Vec<_> = text.lines().skip(2).map(|line| line.split_at(5)).collect();
    assert!(answers.len() > 12, "{text}");
    for (answer, fact) in answers {
        let has_reason =
            ["position independent", "without paths of other crates"].iter().any(|name| fact.starts_with(name));
        let wanted: &[&str] = if has_reason { &["no"] } else { &["yes", "n/a"] };
        assert!(wanted.contains(&answer.trim()), "{answer}{fact}");
    }
}

#[test]
fn hardening_sees_what_is_missing() {
    if !has("make") {
        return;
    }
    // Rights are 4 to read, 2 to write, 1 to execute; a type of 3 is PT_INTERP, or ET_DYN in the ELF header.
    let faults = [
        (flags(0), 7, "no segment writable and executable (W^X)"),
        (flags(0), 6, "headers not writable"),
        (flags(0), 4, "entry in a segment r-x"),
        (flags(1) - 4, 3, "without an interpreter"),
        (flags(2), 7, "stack not executable (NX)"),
        (16, 3, "static executable for x86-64"),
    ];
    let (folder, shipped) = (Folder::new("elf"), shipped());
    for (place, value, fact) in faults {
        let run = study(&["elf", &folder.spoiled(&shipped, place, |_| value)]);
        let line = run.out.lines().find(|line| line.contains(fact)).unwrap_or_default();
        assert!(run.status == Some(1) && line.starts_with("no "), "{fact}: {run:#?}");
    }
}

#[test]
fn assembly_stands_beside_its_source() {
    if !has("make") || !has("objdump") {
        return;
    }
    let text = made("asm");
    let naked = ["| xor ebp, ebp ", "| jz {child}", "| call rax "];
    let sites = ["# clone_copied, in ", "# fork, in ", "syscall!(FORK)"];
    for part in naked.iter().chain(&sites) {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// Of the exercise everything is shown, and first.
#[test]
fn the_exercise_is_shown_whole() {
    if !has("make") || !has("objdump") {
        return;
    }
    let text = made("asm");
    let (lesson, _) = text.split_once("\n# chimera").expect("what chimera shows stands behind it");
    for name in
        ["_start", "exercise::main", "exercise::clone", "exercise::child", "exercise::print", "exercise::number"]
    {
        assert!(lesson.contains(&format!("\n# {name}\n# src/exercise.rs\n")), "{name}: {lesson}");
    }
    let (address, about) = lesson.lines().nth(1).and_then(|line| line.split_once(": ")).expect("an address");
    assert!(about.starts_with("syscall, in exercise::clone: "), "{about}");
    let address = address.strip_prefix("0x").expect("in hexadecimal");
    assert!(lesson.lines().any(|line| line.trim_start().starts_with(&format!("{address}:  0f 05 "))), "{lesson}");
}

/// What `make strace` shows of the exercise is the same text each time, and it is kept; SNAPSHOTS=overwrite writes it anew.
#[test]
fn the_exercise_makes_the_reviewed_calls() {
    if !has("make") || !has("strace") {
        return;
    }
    made("_exercise");
    let elf = target().join("release/exercise");
    for mode in MODES {
        let lesson = study(&["lesson-trace", text(&elf), mode]).clean(0).out;
        if lesson.starts_with("SKIP") || lesson.contains("# user namespaces are refused here") {
            skip_part(format!("{mode}: {}", lesson.lines().next().unwrap_or_default()));
            continue;
        }
        let path = Path::new(ROOT).join(format!("tests/transcripts/exercise-{mode}.txt"));
        let kept = snapbox::Data::read_from(&path, Some(snapbox::data::DataFormat::Text));
        snapbox::assert_data_eq!(lesson.trim_end().to_owned() + "\n", kept.raw());
        assert!(lesson.trim_end().lines().count() <= 40, "{lesson}");
        let alone = make(&["strace", &format!("MODE={mode}")]);
        assert_eq!(run_make(alone).clean(0).out, lesson, "one mode at a time");
    }
}

#[test]
fn the_exercise_is_run_and_measured() {
    if !has("make") {
        return;
    }
    let text = made("exercise");
    let length = fs::metadata(target().join("release/exercise")).expect("the exercise").len();
    let last = text.lines().last().unwrap_or_default();
    assert!(last.ends_with(&format!("release/exercise: {length} bytes, limit 4096")), "{text}");
    MODES.iter().for_each(|mode| assert!(text.contains(&format!("{mode}: ")), "{mode}: {text}"));
}

#[test]
fn assembly_of_another_program_is_refused() {
    if !has("make") {
        return;
    }
    let (folder, elf) = (Folder::new("asm"), built());
    let spoiled = folder.spoiled(elf, word(elf, IN_FILE) - 1, |byte| !byte);
    for name in ["asm", "size", "lesson"] {
        let run = study(&[name, text(elf), &spoiled]);
        assert!(run.status == Some(1) && run.out.is_empty() && run.err.contains("differ: "), "{run:#?}");
    }
}

#[test]
fn every_part_of_a_trace_has_its_line() {
    if !has("make") || !has("strace") {
        return;
    }
    let parts = ["# start", "# board", "# arm", "# the call", "# the child says", "# the parent asks", "# release"];
    for mode in MODES {
        let text = study(&["trace", text(built()), mode]).clean(0).out;
        if text.starts_with("SKIP") || text.contains("# such a task cannot be made here") {
            skip_part(format!("{mode}: {}", text.lines().next().unwrap_or_default()));
            continue;
        }
        let places: Vec<_> = parts.iter().map(|part| text.find(part).unwrap_or(usize::MAX)).collect();
        assert!(places.is_sorted() && !places.contains(&usize::MAX), "{places:?} {text}");
        let lines: Vec<_> = text.lines().collect();
        let is_call = |line: &&str| {
            let call = line.split_once(' ').map_or("", |(_, call)| call.trim_start());
            call.starts_with("clone(") || call.starts_with("fork(")
        };
        let below: Vec<_> = lines.windows(2).filter(|two| two[0].starts_with("# the call")).map(|two| two[1]).collect();
        let calls: Vec<_> = lines.iter().copied().filter(is_call).collect();
        assert_eq!(below, calls, "a line above each call: {text}");
    }
}

#[test]
fn help_names_every_target() {
    if !has("make") {
        return;
    }
    let makefile = fs::read_to_string(Path::new(ROOT).join("Makefile")).expect("the Makefile");
    let is_name =
        |name: &&str| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-');
    let targets: Vec<_> = makefile.lines().filter_map(|line| line.split(':').next()).filter(is_name).collect();
    let help = made("help");
    let named: Vec<_> = help.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert!(targets.len() >= 13, "{targets:?}");
    assert_eq!(targets, named);
    assert_eq!(run_make(make(&[])).clean(0).out, help, "help is what make does by itself");
}

/// All that is in a folder: each path from there on, and its mode.
fn tree(folder: &Path) -> BTreeMap<PathBuf, u32> {
    fn gather(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, u32>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let mode = fs::symlink_metadata(&entry).expect("an entry").permissions().mode();
            found.insert(entry.strip_prefix(root).expect("below it").to_owned(), mode);
            if entry.is_dir() {
                gather(&entry, root, found);
            }
        }
    }
    let mut found = BTreeMap::new();
    gather(folder, folder, &mut found);
    found
}

/// What the program generates, and where it is installed below PREFIX.
const GENERATED: [(&str, &str); 4] = [
    ("man", "share/man/man1/chimera.1"),
    ("complete-bash", "share/bash-completion/completions/chimera"),
    ("complete-fish", "share/fish/vendor_completions.d/chimera.fish"),
    ("complete-zsh", "share/zsh/site-functions/_chimera"),
];

/// The pages, licences and pictures, as they lie in the checkout and below share/doc/chimera.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(ROOT);
    let in_docs = tree(&root.join("docs")).into_keys().filter(|path| path.extension().is_some());
    let ours = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"].map(PathBuf::from);
    ours.into_iter().chain(in_docs.map(|path| Path::new("docs").join(path))).collect()
}

#[test]
fn uninstall_takes_away_what_install_has_put() {
    if !has("make") {
        return;
    }
    // A folder may have blanks in its name.
    let folder = Folder::new("an install");
    let place = format!("DESTDIR={}", text(&folder.0));
    let prefix = folder.0.join("opt");
    let make_there = |target| assert_eq!(run_make(make(&[target, &place, "PREFIX=/opt"])).status, Some(0), "{target}");
    // Others are there already.
    for (_, path) in GENERATED.into_iter().chain([("", "bin/chimera"), ("", "share/doc/other/README.md")]) {
        let others = prefix.join(path).parent().expect("a folder").to_owned();
        fs::create_dir_all(&others).expect("a folder");
        fs::write(others.join("neighbour"), "").expect("a neighbour");
    }
    let before = tree(&folder.0);
    make_there("install");
    let installed = tree(&folder.0);
    let read = |path: &str| fs::read(prefix.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(read("bin/chimera") == fs::read(shipped()).unwrap(), "the file that ships");
    assert_eq!(installed[Path::new("opt/bin/chimera")] & 0o7777, 0o755);
    for (name, path) in GENERATED {
        assert_eq!(read(path), run(command(shipped(), &["--generate", name])).clean(0).out.as_bytes(), "{path}");
        assert_eq!(installed[&Path::new("opt").join(path)] & 0o7777, 0o644, "{path}");
    }
    let documents = documents();
    assert!(documents.len() > 20 && documents.contains(&"docs/pictures/chimera.svg".into()), "{documents:?}");
    for path in &documents {
        let there = Path::new("share/doc/chimera").join(path);
        assert_eq!(read(text(&there)), fs::read(Path::new(ROOT).join(path)).unwrap(), "{path:?}");
    }
    let files = |tree: &BTreeMap<PathBuf, u32>| tree.values().filter(|mode| **mode & 0o170_000 == 0o100_000).count();
    assert_eq!(files(&installed) - files(&before), 1 + GENERATED.len() + documents.len(), "{installed:#?}");
    make_there("uninstall");
    assert_eq!(tree(&folder.0), before);
    make_there("uninstall"); // there is nothing left to take away, and that is no failure
    assert_eq!(tree(&folder.0), before);
}

/// What somebody else has put into the folder of the documentation stays there.
#[test]
fn uninstall_leaves_what_is_not_its_own() {
    if !has("make") {
        return;
    }
    let folder = Folder::new("own");
    let [place, elf] = [format!("DESTDIR={}", text(&folder.0)), format!("ELF={}", text(built()))];
    let make_there =
        |target| assert_eq!(run_make(make(&[target, &place, &elf, "PREFIX="])).status, Some(0), "{target}");
    make_there("install");
    assert!(fs::read(folder.0.join("bin/chimera")).unwrap() == fs::read(built()).unwrap(), "the file that was named");
    let note = folder.0.join("share/doc/chimera/docs/note");
    fs::write(&note, "mine").expect("a note");
    make_there("uninstall");
    let left: Vec<_> = tree(&folder.0).into_keys().filter(|path| folder.0.join(path).is_file()).collect();
    assert_eq!(left, [Path::new("share/doc/chimera/docs/note")]);
    assert!(!folder.0.join("share/doc/chimera/docs/pictures").exists());
}

/// The sums of the packages that `make dist` makes of the file that ships, in a copy of the source at `place`.
fn packages(place: &Path, mask: &str, date: &str) -> String {
    fs::create_dir_all(place).expect("a folder");
    let [script, elf, date] = [
        format!("umask {mask} && cp -R {SOURCE} \"$0\" && cd \"$0\" && exec make dist \"$@\""),
        format!("ELF={}", text(&shipped())),
        format!("SOURCE_DATE_EPOCH={date}"),
    ];
    let mut make = command("sh", &["-c", &script, text(place), &elf, &date, "CHIMERA_COMMIT="]);
    make.current_dir(ROOT).env("CARGO_TARGET_DIR", place.join("target")).env("MAINTAINER", "Somebody <some@body.org>");
    make.env_remove("MAKEFLAGS").env_remove("MAKELEVEL").env_remove("MFLAGS");
    let made = run_make(make);
    assert_eq!(made.status, Some(0), "make dist: {made:#?}");
    made.out.lines().filter(|line| line.starts_with("SKIP")).for_each(skip_part);
    fs::read_to_string(place.join("target/dist/SHA256SUMS")).expect("the sums")
}

/// What `make dist` reads, if it has not to build.
const SOURCE: &str = "Makefile Cargo.toml Cargo.lock build.rs README.md CHANGELOG.md LICENSE-* docs src tools tests";

/// One program makes the same packages in any folder, whatever umask the packager has; the date is in them.
#[test]
fn packages_are_the_same_bytes_everywhere() {
    if !["make", "jq", "gzip", "sha256sum"].into_iter().all(has) {
        return;
    }
    let folder = Folder::new("packages");
    let first = packages(&folder.0.join("one"), "022", "1700000000");
    let names: Vec<_> = first.lines().filter_map(|line| Some(line.split_once("  ")?.1)).collect();
    for end in ["-x86_64-linux.tar.gz", "-oci.tar", ".cdx.json"] {
        assert!(names.iter().any(|name| name.ends_with(end)), "{end}: {first}");
    }
    assert_eq!(packages(&folder.0.join("another/and a deeper"), "077", "1700000000"), first);
    let later = packages(&folder.0.join("later"), "022", "1700000001");
    let same: Vec<_> = later.lines().filter(|line| first.contains(line)).collect();
    assert_eq!((later.lines().count(), same), (names.len(), vec![]), "all packages have the date");
}

#[test]
fn missing_tools_are_named_in_one_line() {
    if !has("make") {
        return;
    }
    let make_itself = std::env::split_paths(&std::env::var_os("PATH").expect("a PATH"))
        .map(|folder| folder.join("make"))
        .find(|make| make.is_file())
        .expect("make");
    let folder = Folder::new("tools");
    let cases: [(&str, &str, i32, &str); 5] = [
        ("run", "", 2, "cargo is missing: "),
        ("test", "", 2, "cargo is missing: "),
        ("run", "cargo", 2, "cc, the C linker, is missing: "),
        ("test", "cargo", 2, "cc, the C linker, is missing: "),
        ("strace", "", 0, "SKIP: strace is not installed "),
    ];
    for (target, tool, status, words) in cases {
        let path = folder.0.join(format!("only-{tool}"));
        fs::create_dir_all(&path).expect("a folder");
        if !tool.is_empty() {
            // Never run: make asks only whether it is there.
            let _ = std::os::unix::fs::symlink("/bin/false", path.join(tool));
        }
        let mut alone = command(&make_itself, &[target]);
        alone.current_dir(ROOT).env_clear().env("PATH", &path);
        let run = run(alone);
        let said: Vec<_> = run.out.lines().chain(run.err.lines()).filter(|line| line.contains(words)).collect();
        assert_eq!((run.status, said.len()), (Some(status), 1), "{target} {words}: {run:#?}");
    }
}
