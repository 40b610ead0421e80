//! The rooms of the source: which of them imports which, that no files import each other in a circle, and where unsafe code,
//! system calls and the like may stand.
//!
//! The table of docs/architecture.md is the contract, and the source is read as text, with comments
//! and literals taken out: every `use` and every path from `crate`, `super`, `self` or a module of the same file is followed,
//! through re-exports, to the file that holds what is meant. All that is not as it should be is told at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The root of the program beside that of the library: what stands there once in a process.
const PROGRAM: &str = "main.rs";
const LIBRARY: &str = "lib.rs";

/// The room that belongs to the program.
const START: &str = "start";

/// Where unsafe code is: rooms, and files of other rooms.
const UNSAFE: [&str; 7] = ["exercise", "start", "sys", "board", "clone/asm.rs", "clone/bare.rs", "clone/stack.rs"];

/// Where the crate `sc` is named.
const CALLS: [&str; 2] = ["exercise", "sys"];

/// How many functions are kept out of their callers by hand.
const NEVER_INLINED: usize = 5;

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All files below a folder, as paths from `src` on.
fn files(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.insert(path.strip_prefix(src()).expect("below it").to_str().expect("UTF-8").to_owned());
        }
    }
}

/// A source without its comments and what stands in literals.
fn bare(source: &str) -> String {
    let (mut bare, mut rest) = (String::new(), source);
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = 2 + hashes;
            start + rest[start..].find(&end).expect("its end") + end.len()
        } else if first == '"' {
            string(rest)
        } else {
            character(rest)
        };
        if skipped == 0 {
            bare.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            bare.push(' ');
            rest = &rest[skipped..];
        }
    }
    bare
}

/// With how many hashes a raw string begins here, if one does.
fn raw_string(rest: &str) -> Option<usize> {
    let behind = rest.strip_prefix('r')?;
    let hashes = behind.len() - behind.trim_start_matches('#').len();
    behind[hashes..].starts_with('"').then_some(hashes)
}

/// The length of the string that begins here.
fn string(rest: &str) -> usize {
    let mut is_escaped = false;
    let end = rest[1..].find(|letter| {
        let is_end = letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        is_end
    });
    end.expect("its end") + 2
}

/// The length of the character that begins here in quotes; 0 if none does: a lifetime has one quote.
fn character(rest: &str) -> usize {
    let mut letters = rest.char_indices();
    if letters.next().is_none_or(|(_, letter)| letter != '\'') {
        return 0;
    }
    match letters.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(0, |end| end + 4),
        Some(_) => letters.next().filter(|(_, letter)| *letter == '\'').map_or(0, |(end, _)| end + 1),
        None => 0,
    }
}

/// The words and signs of a bare source; `::` is one.
fn tokens(bare: &str) -> Vec<&str> {
    let (mut tokens, mut rest) = (Vec::new(), bare.trim_start());
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let length = match first {
            _ if is_word(first) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(token);
        rest = behind.trim_start();
    }
    tokens
}

/// A path and the name by which it is known here, which for a glob is `*`.
type Import = (Vec<String>, String);

/// Reads the tree of a `use` from a place on, behind the path so far; answers the place behind it.
fn tree(tokens: &[&str], mut at: usize, mut path: Vec<String>, found: &mut Vec<Import>) -> usize {
    loop {
        match tokens[at] {
            "{" => {
                at += 1;
                while tokens[at] != "}" {
                    at = tree(tokens, at, path.clone(), found);
                    at += usize::from(tokens[at] == ",");
                }
                return at + 1;
            }
            "::" => at += 1,
            "as" => {
                found.push((path, tokens[at + 1].to_owned()));
                return at + 2;
            }
            "," | "}" | ";" => {
                let name = path.last().expect("a name").clone();
                found.push((path, name));
                return at;
            }
            // Of a module itself, among its members.
            "self" if !path.is_empty() => at += 1,
            name => {
                path.push(name.to_owned());
                at += 1;
            }
        }
    }
}

/// A file of the source.
#[derive(Default)]
struct Source {
    /// As it stands there.
    text: String,
    /// Without comments and literals.
    bare: String,
    /// The module that it is, from the root of its crate on.
    module: Vec<String>,
    /// The modules that it declares in other files.
    children: Vec<String>,
    /// What it imports by `use`.
    imports: Vec<Import>,
    /// The paths that stand elsewhere.
    paths: Vec<Vec<String>>,
}

impl Source {
    fn read(file: &str, module: Vec<String>) -> Self {
        let text = std::fs::read_to_string(src().join(file)).expect("a file");
        let mut source = Self { bare: bare(&text), text, module, ..Self::default() };
        let bare = source.bare.clone();
        let tokens = tokens(&bare);
        source.children = tokens
            .windows(3)
            .filter(|three| three[0] == "mod" && three[2] == ";")
            .map(|three| three[1].to_owned())
            .collect();
        let mut at = 0;
        while at < tokens.len() {
            at = if tokens[at] == "use" { source.import(&tokens, at + 1) } else { source.path(&tokens, at) };
        }
        source
    }

    /// Reads a `use`.
    fn import(&mut self, tokens: &[&str], at: usize) -> usize {
        // `impl Trait + use<>` imports nothing.
        if tokens[at] == "<" { at } else { tree(tokens, at, Vec::new(), &mut self.imports) }
    }

    /// Reads a path, if one begins here that is of our own.
    fn path(&mut self, tokens: &[&str], at: usize) -> usize {
        let is_inside = at > 0 && matches!(tokens[at - 1], "::" | ".");
        let is_root = matches!(tokens[at], "crate" | "super" | "self" | "chimera");
        let is_child = self.children.iter().any(|child| child == tokens[at]);
        let is_path = tokens.get(at + 1) == Some(&"::");
        // A module may be handed to a macro, which makes paths of it.
        let is_handed = at > 0 && tokens[at - 1] == "," && tokens.get(at + 1) == Some(&",");
        if is_inside || !(is_path && (is_root || is_child) || is_handed && is_child) {
            return at + 1;
        }
        let mut end = at + 1;
        let mut path = vec![tokens[at].to_owned()];
        while tokens.get(end) == Some(&"::") && tokens[end + 1].starts_with(|letter: char| letter.is_alphabetic()) {
            path.push(tokens[end + 1].to_owned());
            end += 2;
        }
        self.paths.push(path);
        end
    }

    /// All paths.
    fn all(&self) -> impl Iterator<Item = &Vec<String>> {
        self.imports.iter().map(|(path, _)| path).chain(&self.paths)
    }
}

/// The whole source, by its files.
struct Crates {
    sources: BTreeMap<String, Source>,
    /// The file of each module, the root of the crate first.
    modules: BTreeMap<Vec<String>, String>,
    /// The macros that are known at the root, and the files that hold them.
    macros: BTreeMap<String, String>,
}

impl Crates {
    fn read() -> Self {
        let mut crates = Self { sources: BTreeMap::new(), modules: BTreeMap::new(), macros: BTreeMap::new() };
        for root in [LIBRARY, PROGRAM] {
            crates.take(root.to_owned(), vec![root.to_owned()]);
        }
        crates
    }

    /// Reads a module and those that it declares.
    fn take(&mut self, file: String, module: Vec<String>) {
        let source = Source::read(&file, module.clone());
        let exported = tokens(&source.bare);
        for five in exported.windows(6).filter(|six| six[..3] == ["[", "macro_export", "]"] && six[3] == "macro_rules")
        {
            self.macros.insert(five[5].to_owned(), file.clone());
        }
        let folder = module[1..].join("/");
        for child in &source.children {
            let base = if folder.is_empty() { child.clone() } else { format!("{folder}/{child}") };
            let names = [format!("{base}.rs"), format!("{base}/mod.rs")];
            let file = names.into_iter().find(|name| src().join(name).exists()).expect("the file of a module");
            self.take(file, [&module[..], std::slice::from_ref(child)].concat());
        }
        self.modules.insert(module, file.clone());
        self.sources.insert(file, source);
    }

    /// A path from the root of a crate on; none if it leads to a crate of others.
    fn absolute(&self, source: &Source, path: &[String]) -> Option<Vec<String>> {
        let here = &source.module;
        let supers = path.iter().take_while(|part| *part == "super").count();
        let (base, rest) = match path[0].as_str() {
            "crate" => (&here[..1], &path[1..]),
            "self" => (&here[..], &path[1..]),
            "super" => (&here[..here.len() - supers], &path[supers..]),
            "chimera" => return Some([&[LIBRARY.to_owned()], &path[1..]].concat()),
            first if source.children.iter().any(|child| child == first) => (&here[..], path),
            _ => return None,
        };
        Some([base, rest].concat())
    }

    /// The file that holds what a path from a root on means.
    fn file(&self, path: &[String]) -> String {
        let depth = (1..=path.len()).rev().find(|depth| self.modules.contains_key(&path[..*depth]));
        let depth = depth.expect("a root");
        let file = &self.modules[&path[..depth]];
        let Some(name) = path.get(depth) else { return file.clone() };
        if let Some(file) = self.macros.get(name).filter(|_| depth == 1) {
            return file.clone();
        }
        let source = &self.sources[file];
        let meant = source.imports.iter().find(|(_, known)| known == name);
        match meant.and_then(|(path, _)| self.absolute(source, path)) {
            Some(meant) => self.file(&meant),
            None => file.clone(),
        }
    }

    /// The files from which each file takes something.
    fn graph(&self) -> BTreeMap<&str, BTreeSet<String>> {
        let of = |file: &String, source: &Source| -> BTreeSet<String> {
            let meant = source.all().filter_map(|path| self.absolute(source, path)).map(|path| self.file(&path));
            meant.filter(|other| other != file).collect()
        };
        self.sources.iter().map(|(file, source)| (file.as_str(), of(file, source))).collect()
    }
}

/// The room of a file: its folder, or its own name.
fn room(file: &str) -> &str {
    file.split('/').next().expect("a name").trim_end_matches(".rs")
}

/// The rows of the table: a room, and the rooms from which it may import; none: all.
fn table() -> BTreeMap<&'static str, Option<BTreeSet<&'static str>>> {
    let page = include_str!("../../docs/architecture.md");
    let rows = page.lines().skip_while(|line| *line != "## Rooms").skip_while(|line| !line.starts_with("| room |"));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let row = |line: &'static str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [room, _, allowed] = cells[..] else { panic!("a row of three: {line}") };
        let rooms = || allowed.split(", ").filter(|allowed| *allowed != "nothing").collect();
        (room, (allowed != "everything").then(rooms))
    };
    rows.map(row).collect()
}

/// What is wrong with the imports of a file.
fn trespasses(crates: &Crates, file: &str) -> Vec<String> {
    let (source, own, table) = (&crates.sources[file], room(file), table());
    let is_program = own == START || file == PROGRAM;
    let paths = source.all().filter_map(|path| crates.absolute(source, path));
    let others = paths.map(|path| (crates.file(&path), path)).filter(|(other, _)| room(other) != own);
    let is_allowed = |other: &str| match (file, own) {
        // The roots declare the rooms; what the program's start calls is its `main`.
        (LIBRARY, _) => false,
        (PROGRAM, _) => ["sys", "cli"].contains(&other),
        (_, START) if other == room(PROGRAM) => true,
        _ => table.get(own).is_some_and(|row| row.as_ref().is_none_or(|row| row.contains(other))),
    };
    let told = |(other, path): (String, Vec<String>)| format!("{file} imports {} of {other}", path[1..].join("::"));
    let is_wrong = |other: &str, path: &[String]| {
        !is_allowed(room(other)) || (path[0] == PROGRAM) != is_program && !(is_program && path[0] == LIBRARY)
    };
    others.filter(|(other, path)| is_wrong(other, path)).map(told).collect()
}

/// Whether a file that is no source stands in the text of a source beside it, which includes it.
fn is_included(file: &str) -> bool {
    let path = src().join(file);
    let call = format!("include_str!(\"{}\")", path.file_name().expect("a name").display());
    let mut beside = std::fs::read_dir(path.parent().expect("a folder")).expect("a folder").flatten();
    beside.any(|entry| {
        entry.path().extension().is_some_and(|end| end == "rs")
            && std::fs::read_to_string(entry.path()).expect("a source").contains(&call)
    })
}

/// Holds what was found wrong against nothing at all.
#[track_caller]
fn none(wrong: Vec<String>) {
    let wrong: BTreeSet<_> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_file_belongs_to_a_room_of_the_table() {
    let (crates, table, mut all) = (Crates::read(), table(), BTreeSet::new());
    assert!(table.len() > 10, "{table:?}");
    files(&src(), &mut all);
    let known: BTreeSet<String> = crates.sources.keys().cloned().collect();
    let alone = |file: &&String| !known.contains(*file) && room(file) != "exercise" && !is_included(file);
    none(all.iter().filter(alone).map(|file| format!("no module declares {file}")).collect());
    let rooms = known.iter().map(|file| room(file)).filter(|room| !["lib", "main"].contains(room));
    none(rooms.filter(|room| !table.contains_key(room)).map(|room| format!("no row for {room}")).collect());
    let rows = table.values().flatten().flatten();
    none(rows.filter(|room| !table.contains_key(*room)).map(|room| format!("no row for {room}")).collect());
}

#[test]
fn a_room_imports_only_what_its_row_allows() {
    let crates = Crates::read();
    none(crates.sources.keys().flat_map(|file| trespasses(&crates, file)).collect());
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let crates = Crates::read();
    let graph = crates.graph();
    assert!(graph.values().map(BTreeSet::len).sum::<usize>() > 300, "the imports were read");
    let mut circles = Vec::new();
    for start in graph.keys() {
        // The shortest way from a file back to itself.
        let (mut ways, mut seen) = (vec![vec![*start]], BTreeSet::new());
        while !ways.is_empty() {
            let next = |way: &Vec<&'_ str>| -> Vec<String> { graph[way[way.len() - 1]].iter().cloned().collect() };
            let mut longer = Vec::new();
            for way in &ways {
                for file in next(way) {
                    let file = *graph.get_key_value(file.as_str()).expect("a file").0;
                    if file == *start {
                        let mut circle = way.clone();
                        let first =
                            circle.iter().enumerate().min_by_key(|(_, file)| **file).map_or(0, |(place, _)| place);
                        circle.rotate_left(first);
                        circles.push(circle.join(" -> "));
                    } else if seen.insert(file) {
                        longer.push([&way[..], &[file]].concat());
                    }
                }
            }
            ways = longer;
        }
    }
    none(circles);
}

/// Files outside of these rooms and files in which a word stands.
fn elsewhere(allowed: &[&str], is_there: impl Fn(&[&str]) -> bool) -> Vec<String> {
    let crates = Crates::read();
    let is_allowed = |file: &str| allowed.iter().any(|place| *place == room(file) || *place == file);
    let found = crates.sources.iter().filter(|(file, source)| is_there(&tokens(&source.bare)) && !is_allowed(file));
    found.map(|(file, _)| file.clone()).collect()
}

#[test]
fn system_calls_are_made_in_one_room() {
    none(elsewhere(&CALLS, |tokens| {
        tokens.windows(2).any(|two| two == ["sc", "::"] || two == ["use", "sc"]) || tokens.contains(&"syscall")
    }));
}

#[test]
fn the_machine_is_turned_off_by_its_first_process_alone() {
    none(elsewhere(&["sys", "check/init.rs"], |tokens| tokens.contains(&"machine")));
}

#[test]
fn unsafe_code_is_where_it_may_be() {
    none(elsewhere(&UNSAFE, |tokens| tokens.contains(&"unsafe")));
    none(elsewhere(&UNSAFE, |tokens| {
        tokens.windows(3).any(|three| matches!(three[0], "allow" | "expect") && three[2] == "unsafe_code")
    }));
}

#[test]
fn there_are_no_features_and_no_answers() {
    let crates = Crates::read();
    none(elsewhere(&[], |tokens| tokens.windows(2).any(|two| two == ["feature", "="])));
    let sys = crates.sources.iter().filter(|(file, _)| room(file) == "sys");
    none(sys.filter(|(_, source)| tokens(&source.bare).contains(&"Answer")).map(|(file, _)| file.clone()).collect());
    let never = crates.sources.values().map(|source| source.text.matches("inline(never)").count()).sum::<usize>();
    assert!(never <= NEVER_INLINED, "{never} functions");
}

#[test]
fn a_source_is_read_as_it_is_meant() {
    let source = r##"a "b\" // c" 'd' '\'' '"' 'e r#"f"g"# // h
        i"##;
    assert_eq!(tokens(&bare(source)), ["a", "'", "e", "i"]);
    let mut found = Vec::new();
    let source = tokens("a::{self, b::{C as D, e}, F}, g; ");
    let end = tree(&source, 0, Vec::new(), &mut found);
    let told: Vec<String> = found.iter().map(|(path, name)| format!("{} {name}", path.join("::"))).collect();
    assert_eq!((source[end], told.join(", ").as_str()), (",", "a a, a::b::C D, a::b::e e, a::F F"));
}
