//! What the program prints, read back into facts.
//!
//! A line is known by its words, never by its columns, so the pages may be laid out otherwise
//! without touching a test; a page that lacks a line is seen by what is missing from its facts.
use std::collections::BTreeMap;

/// Who a task is, and its counter: the six numbers of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    pub ppid: u32,
    pub pid: u32,
    pub tid: u32,
    pub uid: u32,
    pub gid: u32,
    pub counter: u32,
}

/// A resource's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    pub flag: String,
    pub asked: String,
    pub kernel: String,
    pub behaviour: String,
    pub verdict: String,
}

/// The page of a task.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What the task is called.
    pub name: String,
    /// The call and its result, as printed, in one line.
    pub call: String,
    /// What became of the call, in a word.
    pub outcome: String,
    /// The lines of its stack: an address and what is there.
    pub stack: Vec<(usize, String)>,
    pub parent: Ids,
    pub child: Ids,
    /// The steps of becoming root, and the result of each.
    pub steps: Vec<(String, u32)>,
    /// Those that were refused, and the name of the errno of each.
    pub refused: Vec<(String, String)>,
    pub rows: Vec<Row>,
}

/// The tasks of the tour, whose names are the titles of pages.
const NAMES: [&str; 6] = ["fork", "fork(2)", "chimera", "thread", "pthread", "user"];

/// The last word of a row; a headline ends otherwise.
const VERDICTS: [&str; 3] = ["honoured", "not-honoured", "unknown"];

/// The words in the table of the tour.
const CELLS: [&str; 7] = ["shared", "copied", "new", "SKIP", "FAILED", "WRONG", "unknown"];

/// All that one run prints.
#[derive(Debug, Default)]
pub struct Report {
    pub pages: Vec<Page>,
    /// The names of the tasks in the table at the end, then each row: the resource's name and a word for each task.
    pub tasks: Vec<String>,
    pub table: Vec<(String, Vec<String>)>,
    /// Whether fork(2) was said to be the same as clone(2).
    pub same_facts: bool,
    /// Proven, not as claimed, unknown.
    pub tally: Vec<u32>,
}

/// Reads all that one run has printed.
pub fn read(text: &str) -> Report {
    let mut report = Report::default();
    for line in text.lines() {
        report.take(line);
    }
    report
}

/// The number in which a word of letters and digits consists, if it does.
fn number(word: &str) -> Option<u32> {
    word.parse().ok()
}

impl Report {
    fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let in_table = !self.tasks.is_empty();
        if line == "clone(2) and fork(2): same facts" {
            self.same_facts = true;
        } else if let Some((name, _)) = line.split_once(": ").filter(|(name, _)| NAMES.contains(name)) {
            self.pages.push(Page { name: name.into(), ..Page::default() });
        } else if line.contains(" facts proven, ") {
            self.tally = words.iter().copied().filter_map(number).take(3).collect();
        } else if let ["resource", tasks @ ..] = &words[..]
            && tasks.last() != Some(&"verdict")
        {
            self.tasks = owned(tasks);
        } else if let Some((name, cells)) = words.split_at_checked(words.len().saturating_sub(self.tasks.len()))
            && in_table
            && !name.is_empty()
            && cells.iter().all(|cell| CELLS.contains(cell))
        {
            self.table.push((name.join(" "), owned(cells)));
        } else if let Some(page) = self.pages.last_mut().filter(|_| !in_table) {
            page.take(&words);
        }
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).into()).collect()
}

impl Page {
    fn take(&mut self, words: &[&str]) {
        if !self.call.is_empty() && !self.call.contains(" = ") {
            // A call that is longer than a line goes on after a blank, or after the bar between two flags.
            self.call += if self.call.ends_with('|') { "" } else { " " };
            return self.call += &words.join(" ");
        }
        let refused = words.windows(2).position(|pair| pair == ["=", "-1"]).filter(|place| place + 2 < words.len());
        if let Some(place) = refused.filter(|_| !is_call(words)) {
            return self.refused.push((words[..place].join(" "), words[place + 2].into()));
        }
        match words {
            ["parent", rest @ ..] if ids(rest).is_some() => self.parent = ids(rest).unwrap_or_default(),
            ["child", rest @ ..] if ids(rest).is_some() => self.child = ids(rest).unwrap_or_default(),
            _ if is_call(words) => self.call = words.join(" "),
            ["outcome:", outcome, ..] => self.outcome = (*outcome).into(),
            [address, rest @ ..] if address.starts_with("0x") => {
                let address = usize::from_str_radix(address[2..].trim_end_matches(':'), 16).expect("an address");
                self.stack.push((address, rest.join(" ")));
            }
            [step @ .., "=", result] => {
                self.steps.push((step.join(" "), number(result).expect("a result")));
            }
            [name @ .., flag, asked, kernel, behaviour, verdict]
                if VERDICTS.contains(verdict) && FLAGS.contains(flag) =>
            {
                let [flag, asked, kernel, behaviour, verdict] =
                    [flag, asked, kernel, behaviour, verdict].map(|word| (*word).into());
                self.rows.push(Row { name: name.join(" "), flag, asked, kernel, behaviour, verdict });
            }
            _ => {}
        }
    }

    /// The result of the call.
    pub fn result(&self) -> u32 {
        self.made().expect("a task id")
    }

    /// The id of the task that the call has made, if it has.
    pub fn made(&self) -> Option<u32> {
        self.call.rsplit(' ').next().and_then(number)
    }
}

/// Whether these are the first words of a call that makes a task.
fn is_call(words: &[&str]) -> bool {
    words.first().is_some_and(|word| ["clone(", "clone3(", "fork()"].iter().any(|name| word.starts_with(name)))
}

fn ids(words: &[&str]) -> Option<Ids> {
    let numbers: Vec<u32> = words.iter().copied().filter_map(number).collect();
    match numbers[..] {
        [ppid, pid, tid, uid, gid, counter] if words.len() == 6 => Some(Ids { ppid, pid, tid, uid, gid, counter }),
        _ => None,
    }
}

/// What the pages say of resources: the task's name and the flag, then what was asked, what the kernel and behaviour
/// say, and the verdict.
pub type Rows = BTreeMap<(String, String), [String; 4]>;

/// The flags that decide about resources, in the order of pages and of the table.
pub const FLAGS: [&str; 7] = ["VM", "FILES", "FS", "SIGHAND", "THREAD", "PARENT", "NEWUSER"];

/// All rows of all pages.
pub fn rows(out: &str) -> Rows {
    let pages = read(out).pages.into_iter();
    pages
        .flat_map(|page| page.rows.into_iter().map(move |row| (page.name.clone(), row)))
        .map(|(task, row)| ((task, row.flag), [row.asked, row.kernel, row.behaviour, row.verdict]))
        .collect()
}

/// The ids that each page of a task that was made names as its child's: the answer of the call, and what the child says
/// itself.
pub fn children(out: &str) -> Vec<(u32, u32)> {
    read(out).pages.iter().filter(|page| !page.rows.is_empty()).map(|page| (page.result(), page.child.tid)).collect()
}

/// The table of the tour: the words of each task's column, by its name; none without a table.
pub fn table(out: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let report = read(out);
    let column = |place: usize| report.table.iter().map(move |(_, cells)| cells[place].clone()).collect();
    let columns = report.tasks.iter().enumerate().map(|(place, name)| (name.clone(), column(place)));
    (!report.tasks.is_empty()).then(|| columns.collect())
}

/// The numbers of the last line: how many facts are proven, not as claimed, unknown.
pub fn tally(out: &str) -> Option<[usize; 3]> {
    let numbers = read(out).tally;
    let numbers: Vec<usize> = numbers.into_iter().map(|number| number as usize).collect();
    numbers.try_into().ok()
}

/// Panics unless every resource of every task that `words` ask for is honoured.
#[track_caller]
pub fn proves(place: &str, out: &str, words: &[&str]) {
    let rows = rows(out);
    let tasks = if words.is_empty() { 6 } else { 1 + usize::from(["fork", "thread"].contains(&words[0])) };
    let honoured = rows.values().all(|words| words[3] == "honoured");
    assert!(rows.len() == FLAGS.len() * tasks && honoured, "{place}: {out}");
}
