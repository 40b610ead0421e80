//! `chimera --generate`: the manual page and the completions say what the help says, no more and no less; the tools that
//! read manual pages find nothing wrong with the one; the shells complete real command lines by the others.

use super::terminal::Session;
use crate::common::skip::{has, is_installed, skip, skip_part};
use crate::common::{Run, before, chimera, command, folder, run};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// What is generated.
const FILES: [&str; 4] = ["man", "complete-bash", "complete-zsh", "complete-fish"];

/// A generated file.
fn generated(name: &str) -> String {
    run(chimera(&["--generate", name])).clean(0).out
}

/// The same in a folder of this test's own, under a name.
fn written(test: &str, file: &str, name: &str) -> PathBuf {
    let place = folder().join(test);
    fs::create_dir_all(&place).expect("a folder");
    let path = place.join(name);
    fs::write(&path, generated(file)).expect("a file");
    path
}

/// All commands, by the help.
fn commands() -> Vec<String> {
    let help = run(chimera(&["help"])).clean(0).out;
    let (_, listed) = help.split_once("to learn:\n").expect("the first group");
    let (listed, _) = listed.split_once("instead of a command:").expect("what follows the groups");
    let lines = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    lines.map(|line| line.split_whitespace().next().expect("a name").to_owned()).collect()
}

/// An option: its long name, its letter, and how its value is called.
type Spelt = (String, Option<char>, String);

/// The options of a help.
fn options_of_help(help: &str) -> BTreeSet<Spelt> {
    let lines = help.lines().filter(|line| line.starts_with("  -") || line.starts_with("      --"));
    let options = lines.map(|line| {
        let letter = line.strip_prefix("  -").and_then(|rest| rest.chars().next());
        let words = line.split("  ").map(str::trim).find(|words| words.contains("--")).expect("a name");
        let words = &words[words.find("--").expect("it is there")..];
        let end = words.find([' ', '[']).unwrap_or(words.len());
        let value = words[end..].trim_matches([' ', '[', ']', '=']);
        (words[..end].to_owned(), letter, value.to_owned())
    });
    options.collect()
}

/// The options of a command by its help; of no command those of the tour, and those of the general help.
fn options(command: &str) -> BTreeSet<Spelt> {
    let help = |words: &[&str]| options_of_help(&run(chimera(words)).clean(0).out);
    match command {
        "" => &help(&["tour", "--help"]) | &help(&["--help"]),
        command => help(&[command, "--help"]),
    }
}

/// Long names and letters alone.
fn names(options: &BTreeSet<Spelt>) -> BTreeSet<(String, Option<char>)> {
    options.iter().map(|(long, letter, _)| (long.clone(), *letter)).collect()
}

/// Every name with completions: each command, and none.
fn completed() -> Vec<String> {
    [vec![String::new()], commands()].concat()
}

/// What stands between two texts, the first of which is there.
#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start:?} in {text}"));
    rest.split_once(end).map_or(rest, |(inside, _)| inside)
}

#[test]
fn the_general_help_names_it() {
    let help = run(chimera(&["--help"])).clean(0).out;
    assert!(help.contains(&format!("--generate {}\n", FILES.join("|"))), "{help}");
    for file in FILES {
        assert_eq!(generated(file), run(chimera(&["--color=always", "--gen", file])).clean(0).out, "{file}");
    }
    assert_eq!(run(chimera(&["--generate", "man", "--help"])).clean(0).out, help);
}

#[test]
fn what_cannot_be_written_is_told() {
    for file in FILES {
        let mut full = chimera(&["--generate", file]);
        full.stdout(fs::File::create("/dev/full").expect("/dev/full")).stderr(Stdio::piped());
        let full = crate::common::finish(full.spawn().expect("chimera"));
        let told = "chimera: write to fd 1: ENOSPC (No space left on device)\n";
        assert_eq!((full.status, full.err.as_str()), (Some(1), told), "{full:#?}");
        let closed = run(before::without(chimera(&["--generate", file]), &[1]));
        assert!(closed.status == Some(1) && closed.err.contains("EBADF"), "{closed:#?}");
        // A reader that has seen enough is no failure.
        let elf = crate::common::elf().to_str().expect("UTF-8");
        let script = format!("{{ '{elf}' --generate {file}; echo $? >&2; }} | head -n 1");
        let cut = run(command("sh", &["-c", &script]));
        assert_eq!((cut.err.as_str(), cut.out.lines().count()), ("0\n", 1), "{cut:#?}");
    }
}

// The manual page.

/// A line of the page's source, as text.
fn plain(line: &str) -> String {
    let fonts = ["\\fB", "\\fI", "\\fR", "\\&", "\""];
    let line = fonts.iter().fold(line.to_owned(), |line, font| line.replace(font, ""));
    let escapes = [("\\-", "-"), ("\\(aq", "'"), ("\\(dq", "\""), ("\\(ba", "|"), ("\\(ha", "^"), ("\\(ti", "~")];
    escapes.iter().fold(line, |line, (escape, text)| line.replace(escape, text)).replace("\\e", "\\")
}

/// The words of a part of the page's source as the help would have them.
fn words_of_page(part: &str) -> Vec<String> {
    let mut words = Vec::new();
    for line in part.lines() {
        let (request, rest) = match line.strip_prefix('.') {
            Some(request) => request.split_once(' ').unwrap_or((request, "")),
            None => ("", line),
        };
        let text = match request {
            "" | "Cm" => plain(rest),
            "Nm" => "chimera".to_owned(),
            "Ss" => plain(rest) + ":",
            "It" => {
                let line = rest.replace(" Ns Oo Ns = Ns Ar ", "[=").replace(" Oc", "]").replace(" Ar ", " ");
                plain(&line.replace("Fl Fl ", "--").replace("Fl ", "-").replace(" , ", ", ").replace("Ic ", ""))
            }
            "Pp" | "Bl" | "El" => String::new(),
            _ => panic!("a request that the tests do not know: {line}"),
        };
        words.extend(text.split_whitespace().map(str::to_owned));
    }
    words
}

/// The words of a command's help, without the options of every command.
fn words_of_help(help: &str) -> Vec<String> {
    let (begin, rest) = help.split_once("in every command:\n").expect("the options of every command");
    let (_, end) = rest.split_once("\n\n").expect("the examples");
    let text = (begin.to_owned() + end).replace(['`'], "").replace("usage: ", "");
    text.split_whitespace().map(str::to_owned).collect()
}

/// Word for word: each section is the help of its command.
#[test]
fn the_page_says_what_each_help_says() {
    let page = generated("man");
    let commands = commands();
    assert_eq!(page.matches("\n.Sh CHIMERA ").count(), commands.len(), "{page}");
    for name in &commands {
        let help = run(chimera(&[name, "--help"])).clean(0).out;
        let section = between(&page, &format!("\n.Sh CHIMERA {}\n", name.to_uppercase()), "\n.Sh ");
        assert_eq!(words_of_page(section), words_of_help(&help), "{name}");
    }
    let general = run(chimera(&["--help"])).clean(0).out;
    // What an option does is said in both: the page is not that of which a help speaks.
    assert!(!page.contains("this page") && !page.contains("this help"), "{page}");
    for title in ["instead of a command", "in every command"] {
        let part = between(&page, &format!(".Ss \"\\&{title}\"\n"), "\n.S");
        let told: Vec<_> = between(&general, &format!("{title}:\n"), "\n\n").split_whitespace().collect();
        assert_eq!(words_of_page(part), told);
    }
}

/// What the source of the program reads of its environment, and which files it names, the page says.
#[test]
fn the_page_names_variables_and_files() {
    fn sources(place: &Path, text: &mut String) {
        for entry in fs::read_dir(place).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => sources(&path, text),
                path => *text += &fs::read_to_string(path).expect("a source"),
            }
        }
    }
    let mut source = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
    let inside = |start: &str, end: char| -> BTreeSet<String> {
        source.split(start).skip(1).map(|rest| rest[..rest.find(end).expect("its end")].to_owned()).collect()
    };
    let page = generated("man");
    let items = |section: &str, kind: &str| -> BTreeSet<String> {
        let lines = between(&page, &format!("\n.Sh {section}\n"), "\n.Sh ").lines();
        lines.filter_map(|line| line.strip_prefix(kind)).map(plain).collect()
    };
    let variables = inside("variable(b\"", '=');
    assert!(variables.contains("SHELL"), "{variables:?}");
    assert_eq!(items("ENVIRONMENT", ".It Ev "), variables);
    let files: BTreeSet<_> = inside("c\"/etc/", '"').into_iter().map(|name| format!("/etc/{name}")).collect();
    let told = items("FILES", ".It Pa ");
    assert_eq!(told.iter().filter(|file| file.starts_with("/etc/")).cloned().collect::<BTreeSet<_>>(), files);
}

#[test]
fn mandoc_finds_nothing_wrong() {
    if !has("mandoc") {
        return;
    }
    let path = written("mandoc", "man", "chimera.1");
    let lint = run(command("mandoc", &["-Tlint", path.to_str().expect("UTF-8")]));
    // Which other pages are installed, and in which database, is this machine's affair.
    let of_machine = ["referenced manual not found", "outdated mandoc.db"];
    let wrong: Vec<_> = lint.out.lines().chain(lint.err.lines()).collect();
    let wrong: Vec<_> = wrong.iter().filter(|line| !of_machine.iter().any(|words| line.contains(words))).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let shown = run(command("mandoc", &["-Tascii", "-Owidth=78", path.to_str().expect("UTF-8")])).out;
    // A letter is bold, or underlined, by being written twice.
    let bytes = shown.as_bytes();
    let is_whole = |place: &usize| bytes.get(place + 1) != Some(&8) && bytes[*place] != 8;
    let shown: String = (0..bytes.len()).filter(is_whole).map(|place| char::from(bytes[place])).collect();
    assert!(shown.starts_with("CHIMERA(1)") && shown.contains("\n     -h, --help\n"), "{shown}");
}

#[test]
fn man_warns_of_nothing() {
    if !has("man") || !has("groff") {
        return;
    }
    if !run(command("man", &["--version"])).out.starts_with("man ") {
        return skip("man is not that of man-db, which has --warnings");
    }
    let path = written("man-db", "man", "chimera.1");
    for locale in ["C", "C.UTF-8"] {
        let mut man = command("man", &["--warnings", "-l", path.to_str().expect("UTF-8")]);
        man.env("LC_ALL", locale).env("MANWIDTH", "80").env("MANPAGER", "cat");
        let shown = run(man).clean(0).out;
        assert!(shown.contains("CHIMERA CLONE") && shown.contains("--clone3"), "{shown}");
    }
}

// What the completions know.

/// What a script for bash knows of each option of a command.
fn rows_of_bash(script: &str, name: &str) -> BTreeMap<String, Vec<String>> {
    let part = between(script, &format!("\n    '{name}')\n"), "\n        )\n");
    let rows = part.lines().filter_map(|line| line.trim().strip_prefix("'--"));
    let rows = rows.map(|row| row.trim_end_matches('\'').split(' ').map(str::to_owned));
    rows.map(|mut words| (format!("--{}", words.next().expect("a name")), words.collect())).collect()
}

#[test]
fn completions_know_the_options_of_each_help_and_no_others() {
    let [bash, zsh, fish] = ["complete-bash", "complete-zsh", "complete-fish"].map(generated);
    for name in completed() {
        let told = names(&options(&name));
        assert!(told.contains(&("--help".to_owned(), Some('h'))), "{name}: {told:?}");
        let letter = |text: &str| text.chars().next().filter(|letter| *letter != '-');
        let rows = rows_of_bash(&bash, &name);
        let of_bash: BTreeSet<_> = rows.iter().map(|(long, rest)| (long.clone(), letter(&rest[0]))).collect();
        assert_eq!(of_bash, told, "bash, {name:?}");

        let part = between(&zsh, &format!("\n    '{name}')\n"), "\n        )\n");
        let mut before = None;
        let mut of_zsh = BTreeSet::new();
        for line in part.lines().map(str::trim) {
            if let Some(long) = line.strip_prefix("--") {
                let end = long.find(['=', '\'']).expect("what follows a name");
                of_zsh.insert((format!("--{}", &long[..end]), before.take()));
            } else if let Some(short) = line.strip_prefix('-') {
                before = letter(short);
            }
        }
        assert_eq!(of_zsh, told, "zsh, {name:?}");

        let condition = format!("complete -c chimera -n '__chimera_is \"{name}\"' -l ");
        let of_fish = fish.lines().filter_map(|line| line.strip_prefix(&condition)).map(|rest| {
            let (long, rest) = rest.split_once(' ').expect("a name");
            (format!("--{long}"), rest.strip_prefix("-s ").and_then(letter))
        });
        assert_eq!(of_fish.collect::<BTreeSet<_>>(), told, "fish, {name:?}");
    }
}

/// A value that the help calls by one of these names is one that a shell knows; words are offered as they are.
#[test]
fn completions_know_what_values_are() {
    let known = [
        ("FILE", "files"),
        ("DIR", "folders"),
        ("PATH", "folders"),
        ("PID", "tasks"),
        ("USER", "users"),
        ("GROUP", "groups"),
        ("USER:GROUP", "owner"),
        ("NAMES", "variables"),
        ("SIGNAL", "signals"),
        ("FLAGS", "flags"),
    ];
    let script = generated("complete-bash");
    for name in completed() {
        let rows = rows_of_bash(&script, &name);
        for (long, _, value) in options(&name) {
            let row = &rows[&long];
            let takes = ["required", "optional"].contains(&row[1].as_str());
            assert_eq!(takes, !value.is_empty(), "{name} {long} {value}: {row:?}");
            if let Some((_, kind)) = known.iter().find(|(name, _)| *name == value) {
                assert_eq!(row[2], *kind, "{name} {long} {value}: say so by Values::of");
            }
            let words =
                value.split('|').filter(|word| word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'));
            for word in words.filter(|word| !word.is_empty()) {
                assert!(row[3..].iter().any(|row| row == word), "{name} {long} {value}: {row:?}");
            }
        }
    }
}

// Real shells.

/// What is typed, and the line that it becomes by one press of the key; words of other lines that are offered instead.
type Case = (&'static str, Expected);

/// What a shell makes of a line.
enum Expected {
    /// This line, and nothing else.
    Line(&'static str),
    /// These words are among what is offered.
    Offers(&'static [&'static str]),
}

use Expected::{Line, Offers};

/// All cases. `PID` stands for the id of this process.
const CASES: &[Case] = &[
    ("chimera clone --cl", Line("chimera clone --clone3")),
    ("chimera clone vm,fi", Line("chimera clone vm,files")),
    ("chimera clone VM,FI", Line("chimera clone VM,FILES")),
    ("chimera clone Vm,CLONE_newu", Offers(&["CLONE_newuser", "CLONE_newuts"])),
    ("chimera clone 'VM | FI", Line("chimera clone 'VM | FILES'")),
    ("chimera clone \"vm|fi", Line("chimera clone \"vm|files\"")),
    ("chimera clone vm,sigus", Offers(&["sigusr1", "sigusr2"])),
    ("chimera clone vm --exit-signal SIGUSR", Offers(&["SIGUSR1", "SIGUSR2"])),
    ("chimera rules --unp", Line("chimera rules --unprivileged")),
    ("chimera bench vf", Line("chimera bench vfork")),
    (
        "chimera run --map-",
        Offers(&["--map-root-user", "--map-current-user", "--map-user", "--map-users", "--map-auto"]),
    ),
    ("chimera run --kill-child=ter", Line("chimera run --kill-child=term")),
    ("chimera run --propagation sl", Line("chimera run --propagation slave")),
    ("chimera run --root /pro", Line("chimera run --root /proc/")),
    ("chimera run --map-user nobod", Line("chimera run --map-user nobody")),
    ("chimera run --owner nobod", Line("chimera run --owner nobody:")),
    ("chimera run --owner nobody:tt", Line("chimera run --owner nobody:tty")),
    ("chimera run --owner=nobody:tt", Line("chimera run --owner=nobody:tty")),
    ("chimera run --whitelist-env LC_A", Line("chimera run --whitelist-env LC_ALL")),
    ("chimera run --whitelist-env=HOME,LC_A", Line("chimera run --whitelist-env=HOME,LC_ALL")),
    ("chimera run --whitelist-env HOME,", Offers(&["HOME", "LC_ALL", "TERM"])),
    ("chimera run --hostname inside mkfif", Line("chimera run --hostname inside mkfifo")),
    ("chimera run -r -- mkfif", Line("chimera run -r -- mkfifo")),
    ("chimera clone vm -- mkfif", Line("chimera clone vm -- mkfifo")),
    ("chimera clone vm -- ls /proc/cpuin", Line("chimera clone vm -- ls /proc/cpuinfo")),
    ("chimera inspect ", Offers(&["1", "PID"])),
    ("chimera check dec", Offers(&["decisive", "decisive-net"])),
    ("chimera help ins", Line("chimera help inspect")),
    ("chimera explain EAGA", Line("chimera explain EAGAIN")),
    ("chimera ins", Line("chimera inspect")),
    ("chimera --color=al", Line("chimera --color=always")),
    ("chimera --generate complete-z", Line("chimera --generate complete-zsh")),
];

/// Whether a word stands among others; some shells offer the flags before it too.
fn offers(text: &str, word: &str) -> bool {
    text.split_whitespace().any(|offered| offered == word || offered.ends_with(&format!(",{word}")))
}

/// Looks whether a shell has made of a line what is expected.
#[track_caller]
fn is_as_expected(typed: &str, expected: &Expected, line: &str, offered: &str) {
    match expected {
        // A blank, or an end quote, may say that the word is whole.
        Line(expected) => assert_eq!(line.trim_end(), *expected, "{typed:?}: {offered}"),
        Offers(words) => {
            for word in *words {
                let word = word.replace("PID", &std::process::id().to_string());
                assert!(offers(offered, &word), "{typed:?}: no {word} among {offered}");
            }
        }
    }
}

/// Types all lines at a shell in which a key (control X, b) shows the line as `LINE<..>`.
#[track_caller]
fn type_all(session: &mut Session) {
    for (typed, expected) in CASES {
        session.types(&format!("{typed}\t\x18b"));
        let offered = session.sees("LINE<");
        let line = session.sees(">ENIL");
        is_as_expected(typed, expected, &line, &offered);
        // The line is shown once more, and then deleted: the key that interrupts would throw away what is typed next.
        session.sees("> ");
        session.types("\x15");
    }
}

/// A shell at a terminal, with a home of its own.
fn shell(program: &str, options: &[&str], home: &Path) -> Session {
    let mut shell = crate::common::plain(program);
    shell.args(options).env("PS1", "> ").env("TERM", "dumb").env("HOME", home).env("LC_ALL", "C.UTF-8");
    shell.env("COLUMNS", "120").env_remove("INPUTRC").env_remove("ZDOTDIR").env_remove("FPATH");
    Session::of(shell)
}

#[test]
fn bash_completes() {
    if !has("bash") {
        return;
    }
    let path = written("bash", "complete-bash", "chimera");
    let mut session = shell("bash", &["--norc", "--noprofile", "-i"], path.parent().expect("a folder"));
    session.types("bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'\n");
    session.types("bind 'set completion-query-items 0'; bind 'set enable-bracketed-paste off'\n");
    session.types("show() { printf 'LINE<%s>ENIL\\n' \"$READLINE_LINE\"; }; bind -x '\"\\C-xb\": show'\n");
    session.types(&format!(". '{}'; echo rea''dy\n", path.display()));
    session.sees("ready\r\n");
    type_all(&mut session);
}

#[test]
fn zsh_completes() {
    if !has("zsh") {
        return;
    }
    let path = written("zsh", "complete-zsh", "_chimera");
    let place = path.parent().expect("a folder");
    let mut session = shell("zsh", &["-f", "-i"], place);
    session.types(&format!(
        "fpath=('{}' $fpath); autoload -U compinit; unsetopt list_ambiguous; LISTMAX=100000\n",
        place.display()
    ));
    session.types(&format!("compinit -u -d '{}/dump'; unsetopt zle_bracketed_paste\n", place.display()));
    session.types("show() { zle -I; print -r -- \"LINE<$BUFFER>ENIL\"; }; zle -N show; bindkey '^Xb' show\n");
    session.types("echo rea''dy\n");
    session.sees("ready\r\n");
    type_all(&mut session);
}

#[test]
fn fish_completes() {
    if !has("fish") {
        return;
    }
    let path = written("fish", "complete-fish", "chimera.fish");
    let home = path.parent().expect("a folder");
    let script = format!(". '{}'; while read -l line; echo \"== $line\"; complete -C \"$line\"; end", path.display());
    let lines: String = CASES.iter().map(|(typed, _)| format!("{typed}\n")).collect();
    fs::write(home.join("lines"), lines).expect("a file");
    let mut fish = command("fish", &["--no-config", "-c", &script]);
    fish.env("HOME", home).env("LC_ALL", "C.UTF-8").stdin(fs::File::open(home.join("lines")).expect("lines"));
    let Run { out, err, status, .. } = run(fish);
    assert!(status == Some(0) && err.is_empty(), "{err}");
    let answers: Vec<_> = out.split("== ").skip(1).collect();
    assert_eq!(answers.len(), CASES.len(), "{out}");
    for ((typed, expected), answer) in CASES.iter().zip(answers) {
        let (line, offered) = answer.split_once('\n').expect("a line");
        assert_eq!(line.trim_end(), typed.trim_end());
        match expected {
            // Fish offers the word alone, which replaces the last one of the line, quoted if need be.
            Line(expected) => {
                let word = offered.split(['\t', '\n']).next().expect("an offer");
                let typed = typed.rsplit_once(' ').map_or("", |(_, last)| last).trim_start_matches(['"', '\'']);
                let last = expected.trim_end_matches(['"', '\'']).rsplit(' ').next().expect("a word");
                let last = last.trim_start_matches(['"', '\'']);
                assert!(word.ends_with(last) && last.starts_with(typed), "{line:?}: {offered}");
                assert_eq!(offered.lines().count(), 1, "{line:?}: {offered}");
            }
            Offers(_) => is_as_expected(typed, expected, line, offered),
        }
    }
}

/// The scripts are right for the shells that are not typed at, too.
#[test]
fn shells_can_read_their_scripts() {
    for shell in ["bash", "zsh", "fish"] {
        if !is_installed(shell) {
            skip_part(format!("{shell} is not installed"));
            continue;
        }
        let path = written("syntax", &format!("complete-{shell}"), shell);
        run(command(shell, &["-n", path.to_str().expect("UTF-8")])).clean(0);
    }
}
