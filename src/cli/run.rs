//! `chimera run`: a program in namespaces of its own, with the names of unshare(1)'s options.
//!
//! The decision behind it: the words are the plan. A process that shares nothing of its maker's frame reads them again, so
//! nothing has to be handed over.

use super::options::{Misuse, Options, RUN};
use super::refusal::{self, About};
use super::{board, prepare, restore};
use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::place::Place;
use crate::clone::spelling;
use crate::clone::task::{Failure, Task};
use crate::run::init;
use crate::run::maps::{self, SAME};
use crate::run::plan::Plan;
use crate::run::program::{self, OURS};
use crate::run::steps::{self, OF_CHILD, OF_FIRST, OF_INIT, OF_PLACE, OF_PROGRAM, OF_START};
use crate::run::watch::{self, TAKEN, Terminal, Watcher};
use crate::scan::number;
use crate::sys::initial::{InitialStack, Strings};
use crate::sys::memory::SharedPage;
use crate::sys::{Answer, Errno, Pid, exec, namespace, process, signal};
use crate::witness::board::{Board, Word};
use crate::witness::root;
use crate::words::Text;
use linux_raw_sys::general::SIGKILL;

/// Runs the program, or says why not.
pub fn command(stack: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let plan = read(words)?;
    exec::remember(stack, plan.command);
    let Some(board) = board() else { return Ok(OURS) };
    board.wipe();
    if plan.has_users() {
        root::brief(board);
    }
    steps::brief(&plan, board);
    Ok(match maps::helper(&plan, board) {
        Ok(helper) if plan.forks => stay(&plan, board, helper),
        Ok(helper) => enter(&plan, board, helper),
        Err(failure) => fail(About::Nothing, failure),
    })
}

/// Enters the namespaces and becomes the program: nobody stays.
fn enter(plan: &Plan, board: Board, helper: Option<Pid>) -> i32 {
    let flags = plan.namespaces;
    if !flags.is_empty()
        && let Err(errno) = namespace::unshare(flags.bits() as usize).split()
    {
        maps::dismiss(helper);
        return fail(About::Namespaces(flags), Failure { step: Text::StepUnshare, errno });
    }
    let taken = steps::take(&OF_PLACE, plan, board);
    maps::dismiss(helper);
    match taken.and_then(|()| steps::take(&OF_PROGRAM, plan, board)) {
        Ok(()) => not_executed(plan, execute()),
        Err(failure) => fail(About::Word(flags, steps::argument(plan, failure.step)), failure),
    }
}

/// Executes the program or the shell; comes back with a refusal.
fn execute() -> Answer {
    if exec::name().is_some() { program::execute() } else { program::execute_shell() }
}

/// Says that the program was not executed.
fn not_executed(plan: &Plan, refusal: Answer) -> i32 {
    let errno = refusal.split().err().unwrap_or(Errno::EIO);
    let about = About::Word(plan.namespaces, exec::name().unwrap_or_default());
    refusal::explain(about, Failure { step: Text::Execute, errno });
    program::status_of(refusal)
}

fn fail(about: About, failure: Failure) -> i32 {
    refusal::explain(about, failure);
    OURS
}

/// Makes the program's process, or process 1 before it, by one call, and stays until its end.
fn stay(plan: &Plan, board: Board, helper: Option<Pid>) -> i32 {
    if plan.namespaces.contains(Flags::NEWTIME) && is_too_old() {
        maps::dismiss(helper);
        return fail(About::Nothing, Failure { step: Text::StepTime, errno: Errno::ENOSYS });
    }
    prepare();
    match signal::block(TAKEN) {
        Ok(mask) => board.set_mask(mask),
        Err(errno) => {
            maps::dismiss(helper);
            return fail(About::Nothing, Failure { step: Text::StepBlock, errno });
        }
    }
    let terminal = Terminal::of_this_process();
    let side = board.parent();
    side.put(Word::Terminal, terminal.descriptor());
    if plan.kill.is_some() || plan.has_ranges() {
        side.put(Word::Descriptor, process::own_pidfd());
    }
    let call = call(plan);
    let mut task = Task::new(&call, board.tids());
    let made = if plan.has_init { task.make(None, first, board.0) } else { task.make_on_stack(program, board.0) };
    let child = match made {
        Ok(child) => child.tid,
        Err(failure) => {
            maps::dismiss(helper);
            return fail(About::Task(&task), failure);
        }
    };
    let watcher = if plan.has_init { Watcher::OfInit } else { Watcher::OfProgram };
    let status = watch::watch(board, child, watcher);
    maps::dismiss(helper);
    terminal.take_back();
    conclude(plan, board, child, status)
}

/// Whether execve(2) does not enter a new time namespace here: a version that is not known is not too old.
fn is_too_old() -> bool {
    let version = Place::here().version;
    version != [0; 2] && version < [6, 3]
}

/// The call with all namespaces. Where process 1 is ours it shares no memory (`init`), and the time namespace is for the
/// program.
fn call(plan: &Plan) -> Call {
    let mut call = init::call(plan.namespaces);
    if plan.has_init {
        call = Call::usual(Api::Clone, plan.namespaces - Flags::NEWTIME);
    }
    if plan.has_ranges() {
        call.flags |= Flags::PARENT_SETTID; // for the helper
    }
    call
}

/// Ends as the program has ended, or says why it was not started.
fn conclude(plan: &Plan, board: Board, child: Pid, status: Answer) -> i32 {
    if let Some(failure) = steps::refused(board) {
        return fail(About::Word(plan.namespaces, steps::argument(plan, failure.step)), failure);
    }
    let refusal = board.child().get(Word::Exec);
    if !refusal.is(Errno::ECANCELED) {
        return not_executed(plan, refusal);
    }
    let seen = status.split().inspect_err(|_| {
        if process::has_ended(child).ok().is_some() {
            // It is still a child of this process, and no other would look after it.
            let _ = process::kill(child, SIGKILL);
        }
    });
    match seen.and_then(|seen| watch::ended(board, seen, plan.has_init)) {
        Ok(status) => program::end(status),
        Err(errno) => fail(About::Nothing, Failure { step: Text::End, errno }),
    }
}

/// The process that becomes the program; what comes back from that is a failure.
extern "C" fn program(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    let ready = read_again(board).and_then(|plan| {
        if !plan.has_init {
            steps::take(&OF_START, &plan, board)?;
            steps::take(&OF_PLACE, &plan, board)?;
        }
        steps::take(&OF_PROGRAM, &plan, board)?;
        steps::take(if plan.has_init { &OF_INIT } else { &OF_CHILD }, &plan, board)
    });
    if ready.is_err() {
        return OURS;
    }
    restore();
    if let Err(errno) = signal::block(board.mask()) {
        steps::tell(Failure { step: Text::StepBlock, errno }, board);
        return OURS;
    }
    let refusal = execute();
    board.child().put(Word::Exec, refusal);
    program::status_of(refusal)
}

/// Process 1 of the new PID namespace.
extern "C" fn first(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    let ready = read_again(board).and_then(|plan| {
        steps::take(&OF_START, &plan, board)?;
        steps::take(&OF_PLACE, &plan, board)?;
        steps::take(&OF_CHILD, &plan, board)?;
        steps::take(&OF_FIRST, &plan, board)?;
        Ok(plan)
    });
    match ready {
        Ok(plan) => init::run(&plan, board, program),
        Err(_) => OURS,
    }
}

/// The plan of a process that was made here; what keeps it from being read is left for the parent.
fn read_again(board: Board) -> Result<Plan, Failure> {
    read(exec::words()).map_err(|_| {
        let failure = Failure { step: Text::StepWords, errno: Errno::EINVAL };
        steps::tell(failure, board);
        failure
    })
}

/// Reads the words; an error is the one that makes no sense.
fn read(words: Strings) -> Result<Plan, Misuse<'static>> {
    let mut plan = Plan::default();
    let mut options = Options::new(RUN, words);
    while let Some(word) = options.next() {
        let (option, value) = word?;
        take(&mut plan, option, value).map_err(|allowed| Misuse { word: options.word(), allowed })?;
    }
    plan.command = options.read + 2; // the program and the command stand before what was read
    // Who asks for ids or for what is done with them asks for a user namespace.
    if plan.setgroups.is_some() || plan.has_ranges() || plan.ids.iter().any(|ids| ids.own.is_some()) {
        plan.namespaces |= Flags::NEWUSER;
    }
    // From inside no group can be mapped where setgroups is allowed, user_namespaces(7).
    if plan.setgroups == Some(b"allow") && plan.ids[1].own.is_some() && !plan.has_ranges() {
        return Err(b"--setgroups=allow".as_slice().into());
    }
    // Without a new mount namespace it would be the caller's mounts that change.
    if plan.propagation.is_some_and(|flags| flags != 0) && !plan.namespaces.contains(Flags::NEWNS) {
        return Err(Misuse { word: b"--propagation", allowed: Text::RangePropagation });
    }
    // With `--fork` the program itself is process 1, as with unshare(1).
    plan.has_init |= plan.namespaces.contains(Flags::NEWPID) && !plan.forks;
    plan.forks |= plan.has_init || plan.kill.is_some() || plan.namespaces.contains(Flags::NEWTIME);
    if plan.namespaces.contains(Flags::NEWNS) {
        plan.propagation = plan.propagation.or(Some(namespace::MS_PRIVATE)).filter(|flags| *flags != 0);
    }
    Ok(plan)
}

/// How mounts can propagate: flags of mount(2).
static PROPAGATIONS: [(Text, u32); 4] = [
    (Text::Private, namespace::MS_PRIVATE),
    (Text::Shared, namespace::MS_SHARED),
    (Text::Slave, namespace::MS_SLAVE),
    (Text::Unchanged, 0),
];

/// The namespaces that an option asks for, whatever else it says.
static NAMESPACES: [(Text, Flags); 13] = [
    (Text::OptionMount, Flags::NEWNS),
    (Text::OptionMountProc, Flags::NEWNS),
    (Text::OptionUts, Flags::NEWUTS),
    (Text::OptionHostname, Flags::NEWUTS),
    (Text::OptionIpc, Flags::NEWIPC),
    (Text::OptionNet, Flags::NEWNET),
    (Text::OptionPid, Flags::NEWPID),
    (Text::OptionInit, Flags::NEWPID),
    (Text::OptionUser, Flags::NEWUSER),
    (Text::OptionCgroup, Flags::NEWCGROUP),
    (Text::OptionTime, Flags::NEWTIME),
    (Text::OptionMonotonic, Flags::NEWTIME),
    (Text::OptionBoottime, Flags::NEWTIME),
];

/// Takes an option; an error says which values it has.
fn take(plan: &mut Plan, option: Text, value: &'static [u8]) -> Result<(), Text> {
    let implied = NAMESPACES.iter().find(|(name, _)| *name == option);
    plan.namespaces |= implied.map_or(Flags::empty(), |(_, flags)| *flags);
    match option {
        Text::OptionFork => plan.forks = true,
        Text::OptionInit => plan.has_init = true,
        Text::OptionMapRootUser => plan.ids.iter_mut().for_each(|ids| ids.own = Some(0)),
        Text::OptionMapCurrentUser => plan.ids.iter_mut().for_each(|ids| ids.own = Some(SAME)),
        Text::OptionMapUser => plan.ids[0].own = Some(maps::id(0, value)?),
        Text::OptionMapGroup => plan.ids[1].own = Some(maps::id(1, value)?),
        Text::OptionMapUsers => plan.ids[0].take(value)?,
        Text::OptionMapGroups => plan.ids[1].take(value)?,
        Text::OptionMapAuto => plan.ids.iter_mut().for_each(|ids| ids.auto = true),
        Text::OptionSetgroups => {
            let words = [b"allow", b"deny" as &[u8]];
            plan.setgroups = Some(*words.iter().find(|word| **word == value).ok_or(Text::RangeSetgroups)?);
        }
        Text::OptionMountProc => plan.proc = Some(if value.is_empty() { b"/proc" } else { value }),
        Text::OptionPropagation => {
            let kind = PROPAGATIONS.iter().find(|(name, _)| name.bytes() == value);
            plan.propagation = Some(kind.ok_or(Text::RangePropagation)?.1);
        }
        Text::OptionRoot => plan.root = Some(value),
        Text::OptionWd => plan.directory = Some(value),
        Text::OptionHostname => plan.hostname = Some(value),
        Text::OptionMonotonic | Text::OptionBoottime => {
            let seconds = number(value.strip_prefix(b"-").unwrap_or(value));
            seconds.filter(|seconds| *seconds <= LONGEST).ok_or(Text::RangeSeconds)?;
            plan.offsets[usize::from(option == Text::OptionBoottime)] = Some(value);
        }
        Text::OptionKillChild => {
            let signal = if value.is_empty() { Some(9) } else { spelling::signal(value) };
            let signal = signal.filter(|signal| (1..=64).contains(signal));
            plan.kill = Some(signal.ok_or(Text::RangeKillSignal)?);
        }
        Text::OptionKeepCaps => plan.keeps_capabilities = true,
        Text::OptionNoNewPrivs => plan.renounces = true,
        Text::OptionSetuid => plan.setuid = Some(maps::number_of_id(value)?),
        Text::OptionSetgid => plan.setgid = Some(maps::number_of_id(value)?),
        _ => {}
    }
    Ok(())
}

/// How far a clock can be set ahead or back, in seconds: KTIME_SEC_MAX.
const LONGEST: usize = 9_223_372_036;
