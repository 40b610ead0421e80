//! `chimera run`: a program in new namespaces, with the option names of unshare(1).

use super::options::{Misuse, Opt, Options, Word};
use super::refusal;
use crate::clone::flags::Flags;
use crate::host::id_map;
use crate::report::page::Console;
use crate::run::ids::{self, Own, number_of_id};
use crate::run::plan::{self, Plan, Propagation, Setgroups};
use crate::run::{About, End};
use crate::sys::exec;
use crate::sys::initial::{InitialStack, Strings};

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Id {
    Help,
    /// A new namespace.
    Namespace(Flags),
    Fork,
    Init,
    MapRootUser,
    MapCurrentUser,
    MapUser,
    MapGroup,
    MapUsers,
    MapGroups,
    MapAuto,
    Setgroups,
    MountProc,
    Propagation,
    Root,
    Directory,
    Hostname,
    Monotonic,
    Boottime,
    KillChild,
    KeepCaps,
    NoNewPrivs,
    Setuid,
    Setgid,
}

/// All options.
pub static OPTIONS: [Opt<Id>; 31] = [
    Opt::flag("--help", Id::Help).letter(b'h'),
    Opt::flag("--mount", Id::Namespace(Flags::NEWNS)).letter(b'm'),
    Opt::flag("--uts", Id::Namespace(Flags::NEWUTS)).letter(b'u'),
    Opt::flag("--ipc", Id::Namespace(Flags::NEWIPC)).letter(b'i'),
    Opt::flag("--net", Id::Namespace(Flags::NEWNET)).letter(b'n'),
    Opt::flag("--pid", Id::Namespace(Flags::NEWPID)).letter(b'p'),
    Opt::flag("--user", Id::Namespace(Flags::NEWUSER)).letter(b'U'),
    Opt::flag("--cgroup", Id::Namespace(Flags::NEWCGROUP)).letter(b'C'),
    Opt::flag("--time", Id::Namespace(Flags::NEWTIME)).letter(b'T'),
    Opt::flag("--fork", Id::Fork).letter(b'f'),
    Opt::flag("--init", Id::Init),
    Opt::flag("--map-root-user", Id::MapRootUser).letter(b'r'),
    Opt::flag("--map-current-user", Id::MapCurrentUser).letter(b'c'),
    Opt::value("--map-user", Id::MapUser),
    Opt::value("--map-group", Id::MapGroup),
    Opt::value("--map-users", Id::MapUsers),
    Opt::value("--map-groups", Id::MapGroups),
    Opt::flag("--map-auto", Id::MapAuto),
    Opt::value("--setgroups", Id::Setgroups),
    Opt::optional("--mount-proc", Id::MountProc),
    Opt::value("--propagation", Id::Propagation),
    Opt::value("--root", Id::Root).letter(b'R'),
    Opt::value("--wd", Id::Directory).letter(b'w'),
    Opt::value("--hostname", Id::Hostname),
    Opt::value("--monotonic", Id::Monotonic),
    Opt::value("--boottime", Id::Boottime),
    Opt::optional("--kill-child", Id::KillChild),
    Opt::flag("--keep-caps", Id::KeepCaps),
    Opt::flag("--no-new-privs", Id::NoNewPrivs),
    Opt::value("--setuid", Id::Setuid).letter(b'S'),
    Opt::value("--setgid", Id::Setgid).letter(b'G'),
];

/// Runs the program, or says why not.
pub fn command(console: &mut Console, stack: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let plan = parse(words)?;
    exec::remember(stack, plan.command);
    Ok(report_end(console, crate::run::run(&plan)))
}

/// The exit status for a program's end; a failure is explained on fd 2.
pub(super) fn report_end(console: &mut Console, end: End) -> i32 {
    match end {
        End::Status(status) => status,
        End::Failed { failure, about, status } => {
            let about = match &about {
                About::Nothing => refusal::About::Nothing,
                About::Task(task) => refusal::About::Task(task),
                About::Namespaces(flags) => refusal::About::Namespaces(*flags),
                About::Word(flags, word) => refusal::About::Word(*flags, word),
            };
            refusal::explain(console, about, failure);
            status
        }
    }
}

/// Parses the words; an error is the word that makes no sense.
fn parse(words: Strings) -> Result<Plan, Misuse<'static>> {
    let mut plan = Plan::default();
    let mut options = Options::until_plain(&OPTIONS, words);
    while let Some(word) = options.next() {
        if let Word::Option(option, value) = word? {
            let misuse = |allowed| Misuse { word: options.word(), allowed: Some(allowed) };
            set_option(&mut plan, option, value).map_err(misuse)?;
        }
    }
    plan.command = options.read + 2; // plus the program name and the command
    plan.complete().map_err(|(word, allowed)| Misuse { word: word.as_bytes(), allowed })?;
    Ok(plan)
}

/// Sets an option; an error says which values are valid.
fn set_option(plan: &mut Plan, option: Id, value: &'static [u8]) -> Result<(), &'static str> {
    match option {
        Id::Help => {} // handled before
        Id::Namespace(flag) => plan.namespaces |= flag,
        Id::Fork => plan.forks = true,
        Id::Init => plan.has_init = true,
        Id::MapRootUser => [plan.users.own, plan.groups.own] = [Some(Own::Is(0)); 2],
        Id::MapCurrentUser => [plan.users.own, plan.groups.own] = [Some(Own::Same); 2],
        Id::MapUser => plan.users.own = Some(Own::Is(ids::id(id_map::Ids::Users, value)?)),
        Id::MapGroup => plan.groups.own = Some(Own::Is(ids::id(id_map::Ids::Groups, value)?)),
        Id::MapUsers => plan.users.add(value)?,
        Id::MapGroups => plan.groups.add(value)?,
        Id::MapAuto => [plan.users.auto, plan.groups.auto] = [true; 2],
        Id::Setgroups => plan.setgroups = Some(Setgroups::named(value)?),
        Id::MountProc => plan.proc = Some(if value.is_empty() { b"/proc" } else { value }),
        Id::Propagation => plan.propagation = Some(Propagation::named(value)?),
        Id::Root => plan.root = Some(value),
        Id::Directory => plan.directory = Some(value),
        Id::Hostname => plan.hostname = Some(value),
        Id::Monotonic => plan.monotonic = Some(plan::offset(value)?),
        Id::Boottime => plan.boottime = Some(plan::offset(value)?),
        Id::KillChild => plan.kill = Some(plan::kill_signal(value)?),
        Id::KeepCaps => plan.keeps_capabilities = true,
        Id::NoNewPrivs => plan.renounces = true,
        Id::Setuid => plan.setuid = Some(number_of_id(value)?),
        Id::Setgid => plan.setgid = Some(number_of_id(value)?),
    }
    Ok(())
}
