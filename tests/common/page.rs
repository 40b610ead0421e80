//! Reading the pages for people.
//!
//! The decision behind it: only the vocabulary counts, which machines read too; headings, widths and explanations may
//! change. A line about a resource ends with four words, each from a list of its own, and names its flag before them.

use std::collections::BTreeMap;

/// What a page says of resources: the task's name and the flag without CLONE_, then what was asked, what the kernel
/// and behaviour say, and the verdict.
pub type Rows = BTreeMap<(String, String), [String; 4]>;

const VOCABULARY: [&[&str]; 4] = [
    &["shared", "copied", "new"],
    &["same", "different", "unknown"],
    &["shared", "separate", "unknown"],
    &["honoured", "not-honoured", "unknown"],
];

/// The flags that decide about resources, in the order of pages and of the table.
pub const FLAGS: [&str; 7] = ["VM", "FILES", "FS", "SIGHAND", "THREAD", "PARENT", "NEWUSER"];

/// The lines of the pages, and those of the table from its line of names on.
fn parts(out: &str) -> (Vec<&str>, Vec<&str>) {
    let lines: Vec<_> = out.lines().collect();
    let is_head = |line: &&str| line.starts_with("  resource ") && line.contains(" fork ");
    let (pages, table) = lines.split_at(lines.iter().position(is_head).unwrap_or(lines.len()));
    (pages.to_vec(), table.to_vec())
}

/// All lines about resources.
pub fn rows(out: &str) -> Rows {
    let (mut rows, mut task) = (Rows::new(), "");
    for line in parts(out).0 {
        if !line.starts_with(' ') {
            task = line.split(": ").next().unwrap_or_default();
        }
        let words: Vec<_> = line.split_whitespace().collect();
        let Some((before, four)) = words.split_last_chunk::<4>() else { continue };
        if four.iter().zip(VOCABULARY).all(|(word, known)| known.contains(word)) {
            let flag = before.last().expect("a flag").trim_start_matches("CLONE_");
            rows.insert((task.into(), flag.into()), four.map(str::to_owned));
        }
    }
    rows
}

/// The ids that each page names as its child's: the answer of the call, and what the child says itself.
pub fn children(out: &str) -> Vec<(String, String)> {
    let lines = || out.lines().filter(|line| line.starts_with("  "));
    let made = lines().filter(|line| line.starts_with("  clone(") || line.starts_with("  fork("));
    let answers = made.filter_map(|line| line.rsplit(" = ").next());
    let said = lines().filter(|line| line.starts_with("  child ")).filter_map(|line| line.split_whitespace().nth(3));
    answers.zip(said).map(|(answer, said)| (answer.into(), said.into())).collect()
}

/// The table of the tour: the words of each task's column, by its name; none without a table.
pub fn table(out: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let lines = parts(out).1;
    let names: Vec<_> = lines.first()?.split_whitespace().skip(1).collect();
    let mut columns = BTreeMap::<String, Vec<String>>::new();
    for line in &lines[1..=FLAGS.len()] {
        let words: Vec<_> = line.split_whitespace().collect();
        let cells = &words[words.len() - names.len()..];
        names
            .iter()
            .zip(cells)
            .for_each(|(name, cell)| columns.entry((*name).into()).or_default().push((*cell).into()));
    }
    Some(columns)
}

/// The numbers of the last line: how many facts are proven, not as claimed, unknown.
pub fn tally(out: &str) -> Option<[usize; 3]> {
    let last = out.lines().last()?;
    let numbers: Vec<_> = last.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    last.contains(" not as claimed, ").then(|| numbers.try_into().expect("three numbers"))
}

/// Panics unless every resource of every task that `words` ask for is honoured.
#[track_caller]
pub fn proves(place: &str, out: &str, words: &[&str]) {
    let rows = rows(out);
    let tasks = if words.is_empty() { 6 } else { 1 + usize::from(["fork", "thread"].contains(&words[0])) };
    let honoured = rows.values().all(|words| words[3] == "honoured");
    assert!(rows.len() == FLAGS.len() * tasks && honoured, "{place}: {out}");
}
