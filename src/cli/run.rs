//! `chimera run`: a program in namespaces of its own, with the names of unshare(1)'s options.
//!
//! The decision behind it: the words are the plan. A process that shares nothing of its maker's frame reads them again, so
//! nothing has to be handed over.

use super::options::{Options, RUN};
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
use crate::run::steps::{self, OF_CHILD, OF_PLACE, OF_PROGRAM};
use crate::run::watch::{self, TAKEN, Terminal, Watcher};
use crate::scan::number;
use crate::sys::initial::{InitialStack, Strings};
use crate::sys::memory::SharedPage;
use crate::sys::{Answer, Errno, exec, ids, namespace, process, signal};
use crate::witness::board::{Board, Word};
use crate::witness::root;
use crate::words::Text;
use linux_raw_sys::general::SIGKILL;

/// Runs the program, or says why not.
pub fn command(stack: &InitialStack, words: Strings) -> Result<i32, &'static [u8]> {
    let plan = read(words)?;
    exec::remember(stack, plan.command);
    let Some(board) = board() else { return Ok(OURS) };
    board.wipe();
    if plan.has_users() {
        root::brief(board);
    }
    steps::brief(&plan, board);
    let helper = maps::helper(&plan, board);
    if let Err(errno) = helper.split() {
        return Ok(fail(About::Nothing, Failure { step: Text::StepHelper, errno }));
    }
    Ok(if plan.forks { stay(&plan, board, helper) } else { enter(&plan, board, helper) })
}

/// Enters the namespaces and becomes the program: nobody stays.
fn enter(plan: &Plan, board: Board, helper: Answer) -> i32 {
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
fn stay(plan: &Plan, board: Board, helper: Answer) -> i32 {
    if plan.namespaces.contains(Flags::NEWTIME) && Place::here().version < [6, 3] {
        return fail(About::Nothing, Failure { step: Text::StepTime, errno: Errno::ENOSYS });
    }
    prepare();
    let terminal = Terminal::of_this_process();
    let side = board.parent();
    if plan.kill.is_some() {
        side.put(Word::Descriptor, ids::getpid().and_then(process::pidfd));
    }
    side.put(Word::Signal, Answer(signal::block(TAKEN) as usize));
    let call = call(plan);
    let mut task = Task::new(&call, board.tids());
    let made = if plan.has_init { task.make(None, first, board.0) } else { task.make_on_stack(program, board.0) };
    let child = match made {
        Ok(child) => child.tid,
        Err(errno) => {
            maps::dismiss(helper);
            return fail(About::Task(&task), Failure { step: Text::Call, errno });
        }
    };
    let watcher = if plan.has_init { Watcher::OfInit } else { Watcher::OfProgram };
    let status = watch::watch(board, child, watcher);
    maps::dismiss(helper);
    terminal.take_back();
    conclude(plan, board, child, status)
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
fn conclude(plan: &Plan, board: Board, child: usize, status: Answer) -> i32 {
    if let Some(failure) = steps::refused(board) {
        return fail(About::Word(plan.namespaces, steps::argument(plan, failure.step)), failure);
    }
    let refusal = board.child().get(Word::Exec);
    if !refusal.is(Errno::ECANCELED) {
        return not_executed(plan, refusal);
    }
    match status.split() {
        Ok(status) => program::end(watch::ended(board, status)),
        Err(errno) => {
            // It may be there still, and nobody would look after it.
            let _ = process::kill(child, SIGKILL);
            fail(About::Nothing, Failure { step: Text::End, errno })
        }
    }
}

/// The plan of a process that was made here.
fn plan_again() -> Option<Plan> {
    read(exec::words()).ok()
}

/// The process that becomes the program; what comes back from that is a failure.
extern "C" fn program(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    let Some(plan) = plan_again() else { return OURS };
    if !plan.has_init && steps::take(&OF_PLACE, &plan, board).is_err() {
        return OURS;
    }
    if steps::take(&OF_PROGRAM, &plan, board).is_err() {
        return OURS;
    }
    if !plan.has_init && steps::take(&OF_CHILD, &plan, board).is_err() {
        return OURS;
    }
    restore();
    signal::block(board.parent().get(Word::Signal).0 as u64);
    let refusal = execute();
    board.child().put(Word::Exec, refusal);
    program::status_of(refusal)
}

/// The steps of process 1.
fn ready(plan: &Plan, board: Board) -> Result<(), Failure> {
    steps::take(&OF_PLACE, plan, board)?;
    steps::take(&OF_CHILD, plan, board)
}

/// Process 1 of the new PID namespace.
extern "C" fn first(page: &'static SharedPage) -> i32 {
    let board = Board(page);
    match plan_again() {
        Some(plan) if ready(&plan, board).is_ok() => init::run(&plan, board, program),
        _ => OURS,
    }
}

/// Reads the words; an error is the one that makes no sense.
fn read(words: Strings) -> Result<Plan, &'static [u8]> {
    let mut plan = Plan::default();
    let mut options = Options::new(RUN, words);
    while let Some(word) = options.next() {
        let (option, value) = word?;
        take(&mut plan, option, value).ok_or(options.word())?;
    }
    plan.command = options.read + 2; // the program and the command stand before what was read
    // Who asks for ids or for what is done with them asks for a user namespace.
    if plan.setgroups.is_some() || plan.has_ranges() || plan.ids.iter().any(|ids| ids.own.is_some()) {
        plan.namespaces |= Flags::NEWUSER;
    }
    // From inside no group can be mapped where setgroups is allowed, user_namespaces(7).
    if plan.setgroups == Some(b"allow") && plan.ids[1].own.is_some() && !plan.has_ranges() {
        return Err(b"--setgroups=allow");
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

/// Takes an option; none if its value makes no sense.
#[inline(never)] // its own frame: smaller offsets
fn take(plan: &mut Plan, option: Text, value: &'static [u8]) -> Option<()> {
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
            [b"allow", b"deny" as &[u8]].iter().find(|word| **word == value)?;
            plan.setgroups = Some(value);
        }
        Text::OptionMountProc => plan.proc = Some(if value.is_empty() { b"/proc" } else { value }),
        Text::OptionPropagation => {
            let kind = PROPAGATIONS.iter().find(|(name, _)| name.bytes() == value)?;
            plan.propagation = Some(kind.1);
        }
        Text::OptionRoot => plan.root = Some(value),
        Text::OptionWd => plan.directory = Some(value),
        Text::OptionHostname => plan.hostname = Some(value),
        Text::OptionMonotonic | Text::OptionBoottime => {
            number(value.strip_prefix(b"-").unwrap_or(value))?;
            plan.offsets[usize::from(option == Text::OptionBoottime)] = Some(value);
        }
        Text::OptionKillChild => {
            let signal = if value.is_empty() { Some(9) } else { spelling::signal(value) };
            plan.kill = Some(signal.filter(|signal| (1..=64).contains(signal))?);
        }
        Text::OptionKeepCaps => plan.keeps_capabilities = true,
        Text::OptionNoNewPrivs => plan.renounces = true,
        Text::OptionSetuid => plan.setuid = Some(number(value)?),
        Text::OptionSetgid => plan.setgid = Some(number(value)?),
        _ => {}
    }
    Some(())
}
