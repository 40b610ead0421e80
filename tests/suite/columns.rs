//! The tables of `rules`, `doctor`, `bench` and `inspect` at every width: no line is longer than the page is wide, no cell
//! stands anywhere but below its column's name, and colors are where they should be.

use crate::common::screen::{at_terminal, fits, plain, rows};
use crate::common::skip::has;
use crate::common::who::may_be_root;
use crate::common::{before, chimera, elf, filter, run};

/// The widths of pages.
const WIDTHS: [u16; 3] = [60, 80, 120];

/// A page at a terminal, without its colors, and the same from a pipe with COLUMNS, in which there are none.
#[track_caller]
fn pages(words: &[&str], width: u16) -> [String; 2] {
    let mut piped = chimera(words);
    piped.env("COLUMNS", width.to_string());
    let piped = run(piped).nothing_left().out;
    assert!(!piped.contains('\x1b'), "{piped}");
    [plain(&at_terminal(chimera(words), width)), piped]
}

#[test]
fn rules_have_columns_at_every_width() {
    for (words, first, columns) in [(&["rules"] as &[&str], "rule  ", 6), (&["rules", "--flags"], "flag  ", 5)] {
        for width in WIDTHS {
            let [page, piped] = pages(words, width);
            assert_eq!(page, piped);
            fits(&page, width.into());
            let rows = rows(&page, first, &[]);
            assert!(rows.len() > 30);
            let left_out = page.lines().find_map(|line| line.strip_prefix("  no room for: "));
            let left_out = left_out.map_or(0, |names| names.split(", ").count());
            assert_eq!(rows[0].len() + left_out, columns, "{width}: {page}");
            assert!(left_out == 0 || width < 120, "{page}");
        }
    }
}

#[test]
fn the_doctor_has_columns_at_every_width() {
    for width in WIDTHS {
        for page in pages(&["doctor"], width) {
            let (remedies, rest): (Vec<_>, Vec<_>) = page.lines().partition(|line| line.trim().starts_with("try: "));
            assert!(remedies.len() <= 9, "{page}");
            fits(&rest.join("\n"), width.into());
            let settings = rows(&page, "setting  ", &[]);
            assert_eq!(settings[0][..2], ["user.max_user_namespaces", settings[0][1]], "{page}");
            assert!(["good", "bad"].contains(&settings[0][1]), "{page}");
            assert!(page.lines().any(|line| line.starts_with("verdict: ")), "{page}");
        }
    }
}

#[test]
fn measurements_have_columns_at_every_width() {
    const NUMBERS: [&str; 5] = ["p10 us", "p50 us", "p99 us", "bare us", "ratio"];
    for width in WIDTHS {
        let page = plain(&at_terminal(chimera(&["bench", "fork", "pthread", "THREAD"]), width));
        // Progress is written over.
        let lines = page.lines().map(|line| line.rsplit('\r').next().unwrap_or_default()).collect::<Vec<_>>();
        let page = lines.join("\n");
        fits(&page, width.into());
        assert!(page.contains("\non one processor\n"), "{page}");
        let page = page.split("  THREAD  refused").next().unwrap_or_default();
        let rows = rows(page, "kind  ", &NUMBERS);
        let kinds: Vec<&str> = rows.iter().map(|row| row[0]).collect();
        assert_eq!(kinds, ["fork", "pthread"], "{page}");
        let bar = rows[0].last().expect("a bar").trim_end_matches(" noisy");
        assert!(bar.starts_with('#') && bar.trim_start_matches('#').trim_start_matches('>').is_empty(), "{page}");
    }
}

/// A session of its own: what else runs here decides nothing.
fn inspected(width: u16, words: &str) -> String {
    let script = format!(
        "$ELF run -rm -- sleep 1000 & until $ELF inspect $! | grep -q mnt; do :; done; $ELF inspect {words}; kill $!"
    );
    let mut command = crate::common::plain("setsid");
    command.args(["--wait", "sh", "-c", &script]).env("ELF", elf());
    at_terminal(command, width)
}

#[test]
fn inspected_tasks_fit_the_page() {
    if !has("setsid") || !may_be_root(None) {
        return;
    }
    for width in WIDTHS {
        let page = plain(&inspected(width, "$! $$"));
        fits(&page, width.into());
        let lines: Vec<&str> = page.lines().collect();
        assert_eq!(lines[0].ends_with("NAMESPACES"), width >= 80, "{page}");
        let spaces = lines.iter().find(|line| line.contains(" user mnt")).unwrap_or_else(|| panic!("{page}"));
        let start = lines[0].find("NAMESPACES").unwrap_or(8 + "namespaces:".len());
        assert_eq!(spaces.find(" user mnt"), Some(start - usize::from(width >= 80)), "{page}");
        assert!(page.contains("same letter: the same object"), "{page}");
        fits(&plain(&at_terminal(chimera(&["inspect", "--all"]), width.max(80))), width.max(80).into());
    }
}

/// A message has the terminal's width, and is one line elsewhere; a remedy is one line everywhere.
#[test]
fn messages_fit_a_terminal() {
    let words = ["run", "-r", "--", "true"];
    let command = || before::exec(chimera(&words), filter::container);
    let piped = run(command()).err;
    let [message, remedy] = piped.lines().collect::<Vec<_>>()[..] else { panic!("{piped}") };
    assert!(message.starts_with("chimera: ") && message.len() > 40 && remedy.starts_with("  try: "), "{piped}");
    let page = plain(&at_terminal(command(), 40));
    let (told, tried) = page.split_once("  try: ").expect("a remedy");
    fits(told, 40);
    let whole = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!((whole(told), format!("  try: {tried}")), (whole(message), format!("{remedy}\n")));
}

/// The rows that forbid something have another color than those that allow it.
#[test]
fn the_doctor_marks_what_is_bad() {
    let page = at_terminal(before::exec(chimera(&["doctor"]), filter::container), 80);
    let line = page.lines().find(|line| line.contains("seccomp filter in the way")).expect("the row");
    assert!(line.contains("\x1b[31mbad") && line.contains("\x1b[31myes"), "{line:?}");
    assert!(page.contains("verdict: \x1b[31mforbidden\x1b[0m: a seccomp filter forbids it\n  try: "), "{page}");
    assert!(page.contains("\x1b[32mgood"), "{page}");
}

/// What is expected of a call, and what helps, which is never broken.
#[test]
fn verdicts_fit_the_page() {
    for words in ["container,FS", "THREAD,NEWNET --unprivileged", "0x8040007f --clone3", "INTO_CGROUP --clone3"] {
        let words: Vec<&str> = ["rules"].into_iter().chain(words.split(' ')).collect();
        for width in WIDTHS {
            let [page, piped] = pages(&words, width);
            assert_eq!(page, piped);
            let (remedy, rest): (Vec<_>, Vec<_>) = page.lines().partition(|line| line.starts_with("  try: "));
            fits(&rest.join("\n"), width.into());
            assert_eq!(remedy.len(), 1, "{page}");
        }
    }
}

#[test]
fn colors_are_for_terminals() {
    let bad = ["rules", "THREAD"];
    assert!(at_terminal(chimera(&bad), 80).contains("\x1b[31m EINVAL (Invalid argument)\x1b[0m"));
    assert!(at_terminal(chimera(&["rules", "fork"]), 80).contains("\x1b[32m OK\x1b[0m"));
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        // `env`, because the terminal has both as they usually are.
        let mut command = crate::common::plain("env");
        command.arg(format!("{name}={value}")).arg(crate::common::elf()).args(bad);
        assert!(!at_terminal(command, 80).contains('\x1b'), "{name}");
    }
}
