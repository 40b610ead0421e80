//! `chimera check --sweep`: asks clone(2) all sets of its flags.

use super::common::{board, fail};
use super::form::Values;
use super::misuse::Misuse;
use super::options::Given;
use super::status::Status;
use crate::check::ground::Ground;
use crate::check::judge::Tally;
use crate::check::sum::{self, Sum};
use crate::check::sweep::crew::{self, MOST};
use crate::check::sweep::limited::{self, Unfit};
use crate::check::sweep::plan::{Follower, Part, shard};
use crate::check::sweep::{SETS, Space};
use crate::error::{At, Failure, Step};
use crate::host::filter;
use crate::host::proc::Own;
use crate::report::check::head::Head;
use crate::report::check::progress::Progress;
use crate::report::check::sweep as report;
use crate::report::page::{Console, Page};
use crate::report::show::Name;
use crate::sys::clock::now;
use crate::sys::signal::{Blocked, Disposition, Set, disposition, pending};
use crate::sys::{Signal, control};
use crate::text::read::{number, parts};
use crate::text::{Sink, With, out};
use core::ops::Range;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Id {
    /// `--sweep`
    Sweep,
    /// `--no-netns`
    NoNetns,
    /// `--shard K/N`
    Shard,
    /// `--from I`
    From,
    /// `--jobs N`
    Jobs,
    /// `--verdicts`
    Verdicts,
}

/// The values of `--shard`.
pub const SHARD: Values = Values::new("K/N", "a number below N, a slash, and N, which is at most the number of sets");

/// The values of `--from`.
pub const FROM: Values = Values::new("I", "the position of one of the sets that are asked");

/// The values of `--jobs`.
pub const JOBS: Values = Values::new("N", "a number from 1 to 64");

const _: () = assert!(MOST == 64 && SETS == 16_777_216, "as the options say");

/// The parsed options.
#[derive(Default)]
pub struct Asked {
    is_asked: bool,
    /// An option that has no effect alone.
    other: Option<&'static str>,
    is_without_net: bool,
    shard: Option<Given<'static>>,
    from: Option<Given<'static>>,
    jobs: Option<usize>,
    makes_none: bool,
}

/// A sweep.
pub struct Sweep {
    space: Space,
    range: Range<usize>,
    jobs: usize,
    makes_none: bool,
}

impl Asked {
    /// Whether there is to be a sweep.
    pub fn is_asked(&self) -> bool {
        self.is_asked
    }

    /// Takes an option.
    pub fn take(&mut self, id: Id, given: Given<'static>) -> Result<(), Misuse<'static>> {
        if id != Id::Sweep {
            self.other = self.other.or(Some(given.form.long));
        }
        match id {
            Id::Sweep => self.is_asked = true,
            Id::NoNetns => self.is_without_net = true,
            Id::Shard => self.shard = Some(given),
            Id::From => self.from = Some(given),
            Id::Jobs => {
                let jobs = number(given.text()).filter(|jobs| (1..=MOST).contains(jobs));
                self.jobs = Some(jobs.ok_or_else(|| given.wrong())?);
            }
            Id::Verdicts => self.makes_none = true,
        }
        Ok(())
    }

    /// The sweep; none if none is asked for.
    pub fn checked(&self) -> Result<Option<Sweep>, Misuse<'static>> {
        if !self.is_asked {
            return self.other.map_or(Ok(None), |option| Err(Misuse::Needs(option, "--sweep")));
        }
        let jobs = self.jobs.unwrap_or(1);
        if self.makes_none && jobs > 1 {
            return Err(Misuse::Excludes("--verdicts", "--jobs"));
        }
        let space = if self.is_without_net { Space::WithoutNet } else { Space::All };
        let mut range = 0..space.size();
        if let Some(given) = self.shard {
            range = share(space, given.text()).ok_or_else(|| given.wrong())?;
        }
        if let Some(given) = self.from {
            let from = number(given.text()).filter(|from| range.contains(from));
            range.start = from.ok_or_else(|| given.wrong())?;
        }
        Ok(Some(Sweep { space, range, jobs, makes_none: self.makes_none }))
    }
}

/// The positions of a share, written `K/N`.
fn share(space: Space, text: &[u8]) -> Option<Range<usize>> {
    let mut numbers = parts(text, b"/").map(number);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Some(place)), Some(Some(count)), None) => shard(space, place, count),
        _ => None,
    }
}

/// Makes the sweep. The caller has no other children.
pub fn start(console: &mut Console, sweep: &Sweep) -> Status {
    filter::avoid_deadly_calls(&Own::read());
    match run(console, sweep) {
        Ok(status) => status,
        Err(failure) => {
            out!(&mut console.out, "Bail out! ", failure.step.name(), ": ", failure.why, "\n");
            fail(console, failure, Status::Failed as i32);
            Status::Failed
        }
    }
}

/// Asks all sets.
fn run(console: &mut Console, sweep: &Sweep) -> Result<Status, Failure> {
    let mut boards = [None; MOST];
    for place in boards.iter_mut().take(sweep.jobs) {
        let Some(made) = board(console) else { return Ok(Status::Failed) };
        *place = Some(made);
    }
    // If refused, process 1 reaps orphans.
    let _ = control::reap_orphans(true);
    let (head, ground) = (Head::look(), Ground::look());
    let interruption = Interruption::watch(sweep.makes_none)?;
    if sweep.makes_none
        && let Err(unfit) = limited::look(&ground)
    {
        drop(interruption);
        explain(console, unfit);
        return Ok(Status::Skipped);
    }
    report::begin(&mut console.out, &head, sweep.space, &sweep.range);
    let mut follower = Following::begin(console, sweep, &interruption)?;
    let end = match boards[0] {
        Some(board) if sweep.makes_none => {
            limited::run(sweep.space, sweep.range.clone(), &ground, board, &mut follower)
        }
        _ => crew::run(sweep.space, sweep.range.clone(), &ground, &boards, &mut follower)?,
    };
    let status = follower.end(Some(end).filter(|end| *end < sweep.range.end));
    // A signal that has ended the sweep early ends the program here, as it would have without the report.
    drop(interruption);
    Ok(status)
}

/// Says why no set can be asked without a task.
fn explain(console: &mut Console, unfit: Unfit) {
    console.err.message(With(|out: &mut dyn Sink| {
        out!(out, "chimera: check: --verdicts needs a limit that has room for no task: ");
        match unfit {
            Unfit::Made => out!(out, "clone(2) made a task"),
            Unfit::Early => out!(out, "another limit than pids.max answers, before the last rules"),
            Unfit::Refused(errno) => out!(out, "clone(2) without flags is refused with ", Name(errno)),
        }
    }));
    let remedy = "set pids.max of a cgroup to 1, move a shell there, and have the shell exec this command";
    out!(&mut console.err, "  try: ", remedy, "\n");
}

/// The signals that end a sweep early; they wait until the report is written.
struct Interruption {
    signals: Set,
    _blocked: Blocked,
}

impl Interruption {
    /// Blocks the signals that would end this process; or all, as calls that this process itself makes need it.
    fn watch(all: bool) -> Result<Self, Failure> {
        let would_end = |signal: &Signal| disposition(*signal) == Ok(Disposition::DEFAULT);
        let ending = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM];
        let signals = ending.into_iter().filter(would_end).fold(0, |set, signal| set | signal.set());
        let blocked = if all { Blocked::all() } else { Blocked::also(signals) };
        Ok(Self { signals, _blocked: blocked.at(Step::Block)? })
    }

    /// Whether one has come.
    fn has_come(&self) -> bool {
        pending().is_ok_and(|set| set & self.signals != 0)
    }
}

/// How often the progress is shown, in nanoseconds.
const OFTEN: u64 = 200_000_000;

/// What is kept while the sweep runs.
struct Following<'a> {
    out: &'a mut Page,
    err: &'a mut Page,
    interruption: &'a Interruption,
    progress: Progress,
    /// The first position.
    start: usize,
    /// When the last part ended, and when the progress was shown.
    last: u64,
    shown: u64,
    /// What has come of all parts.
    sum: Sum,
    tally: Tally,
}

impl<'a> Following<'a> {
    fn begin(console: &'a mut Console, sweep: &Sweep, interruption: &'a Interruption) -> Result<Self, Failure> {
        let last = now().at(Step::Clock)?;
        let progress = Progress::begin(&mut console.err, sweep.range.len(), "sets");
        let Console { out, err, .. } = console;
        out.flush();
        let (sum, tally) = (Sum::default(), Tally::default());
        Ok(Self { out, err, interruption, progress, start: sweep.range.start, last, shown: 0, sum, tally })
    }

    /// Writes the end of the report; `go_on` is the position of the first set that was not asked.
    fn end(mut self, go_on: Option<usize>) -> Status {
        self.progress.remove(self.err);
        report::end(self.out, &self.sum, &self.tally, sum::peak(), go_on);
        self.out.flush();
        if go_on.is_some() { Status::Failed } else { Status::of_check(self.sum.outcome()) }
    }
}

impl Follower for Following<'_> {
    fn look(&mut self, next: usize) -> bool {
        let now = now().unwrap_or_default();
        if now.saturating_sub(self.shown) > OFTEN {
            self.shown = now;
            self.progress.show(self.err, report::NAME, next - self.start);
        }
        self.interruption.has_come()
    }

    fn part(&mut self, part: &Part) {
        let now = now().unwrap_or(self.last);
        self.sum.add(part.range.len(), &part.tally, now.saturating_sub(self.last));
        self.last = now;
        self.tally.add(&part.tally);
        self.progress.remove(self.err);
        let number = self.sum.passed + self.sum.failed + self.sum.skipped;
        report::part(self.out, number, part);
        self.out.flush();
    }
}
