//! `chimera bench`: what each kind of task costs here.
//!
//! The decision behind it: a cell is a kind, a heap, a number of tasks, and whether it keeps to one processor; each is measured
//! against the bare call in the same moment (`bench`), and told when it is done.

use super::options::{BENCH, Misuse, Options};
use super::refusal::{self, About};
use super::{Status, alone, board};
use crate::bench::ratio;
use crate::bench::sample::{self, Cell};
use crate::bench::sleepers::Sleepers;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, PTHREAD, THREAD};
use crate::clone::spelling;
use crate::clone::task::Failure;
use crate::report::print::{self, byte, count, flush, say, tell, until};
use crate::report::text;
use crate::scan::{leading, parts};
use crate::sys::initial::{InitialStack, Strings};
use crate::sys::{Answer, Errno, limit, memory, schedule, signal, terminal};
use crate::witness::board::Board;
use crate::words::Text;
use linux_raw_sys::general::{SIGCHLD, SIGKILL, SIGSTOP};

/// A kind: its name, the call and its flags.
struct Kind(Text, Api, Flags);

const SHARING: Flags = Flags::VM.union(Flags::FS).union(Flags::FILES).union(Flags::SIGHAND).union(Flags::SYSVSEM);

/// All kinds; of `user` the task becomes root too.
#[rustfmt::skip]
static KINDS: [Kind; 17] = [
    Kind(Text::Fork, Api::Fork, Flags::empty()),
    Kind(Text::JsonClone, Api::Clone, Flags::empty()),
    Kind(Text::JsonClone3, Api::Clone3, Flags::empty()),
    Kind(Text::PresetVfork, Api::Clone, Flags::VM.union(Flags::VFORK)),
    Kind(Text::Chimera, Api::Clone, Flags::VM),
    Kind(Text::Sharing, Api::Clone, SHARING),
    Kind(Text::Thread, Api::Clone, THREAD),
    Kind(Text::Pthread, Api::Clone, PTHREAD),
    Kind(Text::FlagNewuts, Api::Clone, Flags::NEWUTS),
    Kind(Text::FlagNewipc, Api::Clone, Flags::NEWIPC),
    Kind(Text::FlagNewns, Api::Clone, Flags::NEWNS),
    Kind(Text::FlagNewpid, Api::Clone, Flags::NEWPID),
    Kind(Text::FlagNewcgroup, Api::Clone, Flags::NEWCGROUP),
    Kind(Text::FlagNewtime, Api::Clone3, Flags::NEWTIME),
    Kind(Text::FlagNewnet, Api::Clone, Flags::NEWNET),
    Kind(Text::FlagNewuser, Api::Clone, Flags::NEWUSER),
    Kind(Text::User, Api::Clone, Flags::NEWUSER),
];

/// What was asked for besides the kinds.
struct Request {
    json: bool,
    /// The sizes of the heap, and the numbers of tasks, as they were written.
    heaps: &'static [u8],
    tasks: &'static [u8],
    has_kinds: bool,
    /// Whether somebody sees the progress.
    is_seen: bool,
}

/// What a cell is measured in.
#[derive(Clone, Copy)]
struct Setting {
    heap: usize,
    huge: bool,
    tasks: usize,
    pinned: bool,
}

/// What has come of all cells so far.
#[derive(Default)]
struct Tally {
    measured: usize,
    noisy: usize,
    failed: bool,
    /// The last refusal.
    refusal: Option<Failure>,
}

/// Measures all that was asked for.
pub fn command(_: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let request = read(words.clone())?;
    Ok(alone(Status::Failed as i32, || measure(&request, words) as i32))
}

/// Measures it in all settings. The caller has no children but its own.
fn measure(request: &Request, words: Strings) -> Status {
    let Some(board) = board() else { return Status::Failed };
    board.wipe();
    let mut tally = Tally::default();
    for heap in parts(request.heaps, b",").filter_map(size) {
        for huge in [false, true].into_iter().take(1 + usize::from(heap > 0)) {
            // More than there is would be taken from others, and end with somebody being killed.
            let memory = match heap {
                0 => Answer(0),
                _ if limit::memory().is_some_and(|most| heap > most) => Answer::error(Errno::ENOMEM),
                _ => memory::touched(heap, huge),
            };
            if let Err(errno) = memory.split() {
                refusal::explain(About::Nothing, Failure { step: Text::StepHeap, errno });
                return Status::Failed;
            }
            for tasks in parts(request.tasks, b",").filter_map(size) {
                [true, false].into_iter().for_each(|pinned| {
                    all_kinds(request, words.clone(), board, Setting { heap, huge, tasks, pinned }, &mut tally);
                });
            }
            memory.ok().filter(|_| heap > 0).into_iter().for_each(|start| memory::forget(start, heap));
        }
    }
    if tally.noisy > 0 && !request.json {
        say(Text::BnUseless);
    }
    match tally {
        Tally { failed: true, .. } => Status::Failed,
        Tally { measured: 0, refusal, .. } => {
            if let Some(Failure { step, errno }) = refusal {
                let step = if step == Text::Call { Text::StepKind } else { step };
                refusal::explain(About::Nothing, Failure { step, errno });
            }
            Status::Failed
        }
        _ => Status::Proven,
    }
}

/// Reads the words; an error is the one that makes no sense.
fn read(words: Strings) -> Result<Request, Misuse<'static>> {
    let is_seen = !terminal::foreground(print::ERR).is_error();
    let mut request = Request { json: false, heaps: b"0", tasks: b"0", has_kinds: false, is_seen };
    let is_list = |list: &[u8], most| parts(list, b",").all(|part| size(part).is_some_and(|size| size <= most));
    for word in Options::new(BENCH, words) {
        match word? {
            (Text::OptionJson, _) => request.json = true,
            (Text::OptionHeap, list) if is_list(list, LARGEST) => request.heaps = list,
            (Text::OptionTasks, list) if is_list(list, MOST) => request.tasks = list,
            (Text::Nothing, word) => {
                kind(word)?;
                request.has_kinds = true;
            }
            (Text::OptionHeap, word) => return Err(Misuse { word, allowed: Text::RangeHeap }),
            (Text::OptionTasks, word) => return Err(Misuse { word, allowed: Text::RangeTasks }),
            (_, word) => return Err(word.into()),
        }
    }
    Ok(request)
}

/// How much memory can be asked for: half of what a process can address. And of how many tasks there are ids, PID_MAX_LIMIT.
const LARGEST: usize = 1 << 46;
const MOST: usize = 1 << 22;

/// A number, or one of KiB, MiB or GiB.
fn size(text: &[u8]) -> Option<usize> {
    let (number, unit) = leading(text, 10)?;
    let shift = match unit {
        b"" => 0,
        b"K" => 10,
        b"M" => 20,
        b"G" => 30,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

/// What leaves a descriptor or a zombie behind, or nobody to wait for.
const OF_OTHERS: Flags =
    Flags::PARENT.union(Flags::PIDFD).union(Flags::PIDFD_AUTOKILL).union(Flags::AUTOREAP).union(Flags::INTO_CGROUP);

/// The call of a word: a kind of the table, or flags of a task that ends without harm to us and that we may wait for.
fn kind(word: &[u8]) -> Result<Call, &[u8]> {
    if let Some(Kind(_, api, flags)) = KINDS.iter().find(|kind| kind.0.bytes() == word) {
        return Ok(Call::usual(*api, *flags));
    }
    let mut call = Call::usual(Api::Clone, Flags::empty());
    spelling::read(word, &mut call)?;
    let is_deadly = matches!(call.signal() as u32, SIGKILL | SIGSTOP);
    if is_deadly || call.flags.intersects(OF_OTHERS) { Err(word) } else { Ok(call) }
}

/// Measures all kinds in a setting.
fn all_kinds(request: &Request, words: Strings, board: Board, setting: Setting, tally: &mut Tally) {
    let all = schedule::processors();
    if setting.pinned
        && let Some(own) = schedule::processor().ok()
    {
        let mut set = [0; 16];
        set.get_mut(own / 64).into_iter().for_each(|bits| *bits |= 1 << (own % 64));
        // A refusal leaves more noise.
        let _ = schedule::stay_on(&set);
    }
    if !request.json {
        head(setting);
    }
    if request.has_kinds {
        for word in Options::new(BENCH, words).flatten().filter(|(option, _)| *option == Text::Nothing) {
            kind(word.1).into_iter().for_each(|call| one_kind(request, word.1, &call, board, setting, tally));
        }
    } else {
        KINDS.iter().for_each(|Kind(name, api, flags)| {
            one_kind(request, name.bytes(), &Call::usual(*api, *flags), board, setting, tally);
        });
    }
    let _ = schedule::stay_on(&all);
}

/// What the rows below were measured in.
fn head(setting: Setting) {
    say(if setting.pinned { Text::BnPinned } else { Text::BnUnpinned });
    if setting.heap > 0 {
        count(Text::BnHeap, setting.heap >> 20);
        say(if setting.huge { Text::BnHuge } else { Text::BnSmall });
    }
    if setting.tasks > 0 {
        count(Text::BnTasks, setting.tasks);
    }
    say(Text::BnHead);
}

/// Measures a kind, whose exit signal does nothing meanwhile, and tells it.
fn one_kind(request: &Request, name: &[u8], call: &Call, board: Board, setting: Setting, tally: &mut Tally) {
    if request.is_seen {
        print::to(print::ERR);
        say(Text::BnProgress);
        until(0, name);
        say(Text::BnProgressEnd);
        flush();
        print::to(print::OUT);
    }
    let signal = call.signal() as u32;
    if signal != 0 && signal != SIGCHLD {
        // Of the children's end; where it cannot be ignored, it does what it does.
        let _ = signal::dispose(signal, signal::IGNORE);
    }
    let cell = among(name, call, board, setting.tasks, tally);
    tally.measured += usize::from(cell.is_ok());
    tally.refusal = cell.as_ref().err().copied().or(tally.refusal);
    tally.noisy += usize::from(cell.as_ref().is_ok_and(|cell| cell.is_noisy));
    if request.json { object(name, call, setting, &cell) } else { row(name, &cell) }
}

/// Measures a kind while so many of it are alive; if there cannot be so many, it says how many there were.
fn among(name: &[u8], call: &Call, board: Board, tasks: usize, tally: &mut Tally) -> Result<Cell, Failure> {
    let sleepers = Sleepers::make(call, tasks).map_err(|errno| Failure { step: Text::StepHeap, errno })?;
    let Some(errno) = sleepers.refusal else {
        let cell = sample::measure(call, board, name == Text::User.bytes());
        sleepers.end();
        return cell;
    };
    let reached = sleepers.count;
    sleepers.end();
    refusal::explain(About::Word(call.flags, name), Failure { step: Text::StepSleeper, errno });
    print::to(print::ERR);
    count(Text::BnReached, reached);
    print::to(print::OUT);
    tally.failed = true;
    Err(Failure { step: Text::Call, errno })
}

/// A row of the page.
fn row(name: &[u8], cell: &Result<Cell, Failure>) {
    say(Text::Indent);
    until(0, name);
    match cell {
        Err(failure) => {
            say(Text::BnRefused);
            until(b' ', failure.errno.text().bytes());
        }
        Ok(Cell { own, floor, is_noisy, .. }) => {
            for time in [own[0], own[1], own[2], floor[1]] {
                byte(b'\t');
                decimal(time / 10, 2);
            }
            byte(b'\t');
            decimal(ratio(own[1], floor[1]), 3);
            byte(b' ');
            (0..(own[1] / 10_000).min(40)).for_each(|_| byte(b'#'));
            if *is_noisy {
                say(Text::BnNoisy);
            }
        }
    }
    byte(b'\n');
}

/// One object on one line.
fn object(name: &[u8], call: &Call, setting: Setting, cell: &Result<Cell, Failure>) {
    let truth = |is: bool| if is { Text::BnTrue } else { Text::BnFalse };
    say(Text::BnJsonKind);
    until(0, name);
    say(Text::BnJsonFlags);
    text::flags(call);
    let is_noisy = cell.as_ref().is_ok_and(|cell| cell.is_noisy);
    print::both(
        Text::BnJsonCell,
        &[truth(setting.huge), truth(setting.pinned), truth(is_noisy)],
        &[setting.heap, setting.tasks],
    );
    match cell {
        Err(failure) => {
            say(Text::BnJsonRefused);
            until(b' ', failure.errno.text().bytes());
            say(Text::JsonQuote);
        }
        Ok(Cell { runs, own, floor, .. }) => {
            tell(Text::BnJsonTimes, &[*runs, own[0], own[1], own[2], floor[1]]);
            decimal(ratio(own[1], floor[1]), 3);
        }
    }
    say(Text::JsonClose);
}

/// A number with so many of its digits behind a point.
fn decimal(number: usize, places: u32) {
    let unit = 10usize.pow(places);
    count(Text::Number, number / unit);
    byte(b'.');
    (0..places).rev().for_each(|place| count(Text::Number, number / 10usize.pow(place) % 10));
}
