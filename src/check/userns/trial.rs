//! A trial: one question, which is asked in a process of its own, and the steps on the way to it.

use super::here::{Here, LINES};
use super::maps::File;
use crate::board::Turn;
use crate::check::case::{Answer, Case};
use crate::check::judge::{PASSING, Verdict};
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::clone::flags::Kind;
use crate::clone::process::Process;
use crate::host::namespace::{self, NotMoved};
use crate::sys::wait::Change;
use crate::sys::{Errno, Fd, Pid, Result, Signal, file, ids, process};
use crate::text::{Room, Sink, out};
use core::ffi::CStr;

/// What a trial found. The error is the verdict that an earlier step has settled.
pub type Asked<T> = core::result::Result<T, Verdict>;

pub const OK: Answer = Answer::Ok;
pub const EINVAL: Answer = Answer::Refused(Errno::EINVAL);
pub const EPERM: Answer = Answer::Refused(Errno::EPERM);

/// A trial.
pub struct Trial {
    step: Step,
    ask: Ask,
}

/// How a trial asks.
enum Ask {
    /// In a new user namespace, writes lines that are accepted, and then a line that gets this answer.
    Line { before: &'static [Line], line: Line, want: Answer },
    /// By a function, whose answer is to be this one.
    Answer(Answer, fn(&Here) -> Asked<Answer>),
    /// By a function that returns what was wanted and what came.
    Both(fn(&Here) -> Asked<[Answer; 2]>),
}

/// A trial that writes a line to one of the caller's own files in a new user namespace.
pub const fn line(step: Step, line: Line, want: Answer) -> Trial {
    Trial { step, ask: Ask::Line { before: &[], line, want } }
}

/// The same after other lines.
pub const fn after(before: &'static [Line], step: Step, line: Line, want: Answer) -> Trial {
    Trial { step, ask: Ask::Line { before, line, want } }
}

/// A trial that has this answer.
pub const fn answer(step: Step, want: Answer, ask: fn(&Here) -> Asked<Answer>) -> Trial {
    Trial { step, ask: Ask::Answer(want, ask) }
}

/// A trial that knows itself what it wants.
pub const fn both(step: Step, ask: fn(&Here) -> Asked<[Answer; 2]>) -> Trial {
    Trial { step, ask: Ask::Both(ask) }
}

impl Trial {
    /// Makes the trial, in a process whose ids, rights and namespaces no longer matter.
    pub fn verdict(&self, here: &Here) -> Verdict {
        let both = match &self.ask {
            Ask::Line { before, line, want } => line
                .is_possible(here)
                .and_then(|()| enter())
                .and_then(|()| before.iter().try_for_each(|line| line.must(here)))
                .and_then(|()| line.write(here))
                .map(|got| [*want, got]),
            Ask::Answer(want, ask) => ask(here).map(|got| [*want, got]),
            Ask::Both(ask) => ask(here),
        };
        here.excused(match both {
            Ok([want, got]) => Verdict::of(Case::taken(self.step, want, got)),
            Err(settled) => settled,
        })
    }
}

/// What is written to a file in one write(2).
pub struct Line(pub File, pub Text);

/// A text.
pub enum Text {
    /// This one. `@` stands for the caller's own id outside, `+` for another id there, and `*` for the one after that;
    /// `#` for an id that is not the caller's own.
    Of(&'static str),
    /// Lines of one id each, so many.
    Lines(usize),
    /// A line for the caller's own id, and blanks up to so many bytes.
    Bytes(usize),
}

pub const fn uid(text: &'static str) -> Line {
    Line(File::Uid, Text::Of(text))
}

pub const fn gid(text: &'static str) -> Line {
    Line(File::Gid, Text::Of(text))
}

pub const fn projid(text: &'static str) -> Line {
    Line(File::Projid, Text::Of(text))
}

pub const fn setgroups(text: &'static str) -> Line {
    Line(File::Setgroups, Text::Of(text))
}

pub const DENY: Line = setgroups("deny");

impl Line {
    /// Settles the trial if this kernel is too old for such a line.
    pub fn is_possible(&self, here: &Here) -> Asked<()> {
        if let Text::Lines(_) = self.1 { here.since(LINES) } else { Ok(()) }
    }

    /// Writes to the caller's own file.
    pub fn write(&self, here: &Here) -> Asked<Answer> {
        Ok(Answer::of(self.written(here)))
    }

    /// The same, as a result.
    pub fn written(&self, here: &Here) -> Result<()> {
        write(self.0.own(), &self.text(here))
    }

    /// Writes to the caller's own file, which must be accepted.
    pub fn must(&self, here: &Here) -> Asked<()> {
        must(self.0.step(), self.accepted(self.written(here)))
    }

    /// Writes to a file that is open already. EIO: the write was partial.
    pub fn write_to(&self, file: &Fd, here: &Here) -> Result<()> {
        write_open(file, &self.text(here))
    }

    /// Writes to the file of another task.
    pub fn write_of(&self, task: Pid, here: &Here) -> Asked<Answer> {
        Ok(Answer::of(self.written_of(task, here)))
    }

    /// Writes to the file of another task, which must be accepted.
    pub fn must_of(&self, task: Pid, here: &Here) -> Asked<()> {
        must(self.0.step(), self.accepted(self.written_of(task, here)))
    }

    /// What a trial may build on: a kernel without the file of setgroups has nothing to deny. Other trials ask for the
    /// file.
    fn accepted(&self, written: Result<()>) -> Result<()> {
        match (self.0, written) {
            (File::Setgroups, Err(Errno::ENOENT)) => Ok(()),
            (_, written) => written,
        }
    }

    fn written_of(&self, task: Pid, here: &Here) -> Result<()> {
        here.tasks.with_path(task, [b"", self.0.name()], |path| write(path, &self.text(here)))
    }

    /// The text as it is here.
    pub fn text(&self, here: &Here) -> Buffer {
        let (mut text, file) = (Buffer::new(), self.0);
        match self.1 {
            Text::Of(pattern) => fill(pattern, file, here, &mut text),
            Text::Lines(count) => {
                let first = here.other(file);
                (0..count).for_each(|place| out!(&mut text, place, " ", first + place, " 1\n"));
            }
            Text::Bytes(count) => {
                fill("0 @ 1", file, here, &mut text);
                let missing = count.saturating_sub(text.bytes().unwrap_or_default().len());
                (0..missing).for_each(|_| text.put(b" "));
            }
        }
        text
    }
}

/// Room for more than a page.
type Buffer = Room<8192>;

/// Writes a pattern with the ids that its signs stand for.
fn fill(pattern: &str, file: File, here: &Here, text: &mut Buffer) {
    for sign in pattern.bytes() {
        match sign {
            b'@' => out!(text, here.own[file as usize]),
            b'+' => out!(text, here.other(file)),
            b'*' => out!(text, here.other(file) + 1),
            b'#' => out!(text, if here.own[file as usize] == 7 { 8usize } else { 7 }),
            other => text.put(&[other]),
        }
    }
}

/// Opens a file and writes the text to it at once.
fn write(path: &CStr, text: &Buffer) -> Result<()> {
    write_open(&file::open(path, file::O_WRONLY)?, text)
}

fn write_open(file: &Fd, text: &Buffer) -> Result<()> {
    let text = text.bytes().ok_or(Errno::E2BIG)?;
    if file::write(file.raw(), text)? == text.len() { Ok(()) } else { Err(Errno::EIO) }
}

/// A step on the way to the question: it must succeed, or there is no trial.
pub fn must<T>(step: Step, result: Result<T>) -> Asked<T> {
    result.map_err(|errno| match errno {
        Errno::ENOSPC | Errno::EMFILE => Verdict::Skipped(Skip::Limit),
        passing if PASSING.contains(&passing) => Verdict::Skipped(Skip::Limit),
        errno => Verdict::wrong(step, OK, Answer::Refused(errno)),
    })
}

/// A preparation that has nothing to do with user namespaces: if it fails, the question cannot be asked here.
pub fn prepared<T>(result: Result<T>) -> Asked<T> {
    result.map_err(|_| Verdict::Skipped(Skip::NoWitness))
}

/// The answer of a call that moves the caller into another user namespace; EIO if that is the same one. Where the
/// namespace cannot be looked at, there is no trial.
pub fn moved(moved: core::result::Result<usize, NotMoved>) -> Asked<Result<()>> {
    match moved {
        Ok(_) => Ok(Ok(())),
        Err(NotMoved::Unseen(_)) => Err(Verdict::Skipped(Skip::Proc)),
        Err(why) => Ok(Err(why.errno())),
    }
}

/// unshare(2) of a user namespace that is proven to be new.
pub fn make() -> Asked<Result<()>> {
    moved(namespace::enter_new(Kind::User))
}

/// Enters a user namespace that is proven to be new.
pub fn enter() -> Asked<()> {
    must(Step::Enter, make()?)
}

/// Enters one more, below it.
pub fn enter_again() -> Asked<()> {
    must(Step::EnterAgain, make()?)
}

/// Enters a new user namespace and becomes root there.
pub fn become_root(here: &Here) -> Asked<()> {
    enter()?;
    [DENY, uid("0 @ 1"), gid("0 @ 1")].iter().try_for_each(|line| line.must(here))
}

/// The same as root of a user namespace, one below.
pub fn become_root_again(here: &Here) -> Asked<()> {
    enter_again()?;
    [DENY, uid("0 0 1"), gid("0 0 1")].iter().try_for_each(|line| line.must(here))
}

/// How often a held child waits two seconds for its parent, which has the whole worker waiting for it.
const HOLDS: usize = 5;

/// The status of a child whose steps have settled the trial, so that it has counted the verdict itself.
const SETTLED: i32 = 255;

/// Holds a child alive while the caller looks at it. The child does `first` before, and `then` afterwards; what that
/// answers is returned beside what was seen. The steps of both must succeed.
pub fn beside<T>(
    here: &Here,
    first: impl FnOnce() -> Asked<()>,
    look: impl FnOnce(Pid) -> Asked<T>,
    then: impl FnOnce() -> Asked<Result<()>>,
) -> Asked<(T, Answer)> {
    let board = here.judge.board;
    board.set_turn(Turn::ChildActs);
    let settle = |settled| {
        here.judge.count(here.excused(settled));
        SETTLED
    };
    let acts = || {
        if let Err(settled) = first() {
            return settle(settled);
        }
        // Without the parent's turn the child has not seen what the parent did. A parent that has died ends the child too.
        if board.hand_over(HOLDS).is_err() {
            return settle(Verdict::Skipped(Skip::NoWitness));
        }
        then().map_or_else(settle, status)
    };
    let child = prepared(Process::make_tied(ids::getpid().ok(), 0, SETTLED, acts))?;
    prepared(board.await_turn_after(Turn::ChildActs, Some(child.pid())))?;
    let seen = if board.is_turn(Turn::ParentLooks) { Some(look(child.pid())?) } else { None };
    board.pass_turn(Turn::ChildEnds);
    let answer = ended(child)?;
    // Without a turn the child has ended by a step that it must count, or by a signal.
    seen.map(|seen| (seen, answer)).ok_or(Verdict::wrong(Step::Make, OK, Answer::Unknown))
}

/// What a child of [`beside`] does that has nothing more to do.
pub fn nothing() -> Asked<Result<()>> {
    Ok(Ok(()))
}

/// What a step answers in a child of the caller.
pub fn by_child(here: &Here, step: impl FnOnce() -> Asked<Answer>) -> Asked<Answer> {
    let acts = || match step() {
        Ok(Answer::Refused(errno)) => errno.number() as i32,
        Ok(_) => 0,
        Err(settled) => {
            here.judge.count(here.excused(settled));
            SETTLED
        }
    };
    ended(prepared(Process::make_tied(ids::getpid().ok(), 0, SETTLED, acts))?)
}

/// The status of a child that leaves an answer.
fn status(answer: Result<()>) -> i32 {
    answer.map_or_else(|errno| errno.number() as i32, |()| 0)
}

/// The answer that a child has left at its end.
fn ended(child: Process) -> Asked<Answer> {
    match prepared(child.await_end())?.change() {
        Change::Exited(0) => Ok(OK),
        // The child has counted the verdict, and this process is there for nothing else.
        Change::Exited(SETTLED) => process::exit_group(0),
        Change::Exited(number) => Ok(Errno::new(number as usize).map_or(Answer::Unknown, Answer::Refused)),
        Change::Killed(Signal::SYS) => Err(Verdict::Skipped(Skip::Filter)),
        Change::Killed(signal) => Ok(Answer::Killed(signal)),
        Change::Stopped(_) | Change::Continued => Ok(Answer::Unknown),
    }
}
