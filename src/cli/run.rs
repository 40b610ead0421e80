//! `chimera run`: a program in new namespaces, with the option names of unshare(1).

use super::command::{Command, Example};
use super::options::{Misuse, Opt, Options, Word};
use super::refusal;
use crate::clone::flags::Flags;
use crate::error::Step;
use crate::host::id_map;
use crate::host::refused::Circumstances;
use crate::report::page::Console;
use crate::run::ids::{self, Own, number_of_id};
use crate::run::plan::{self, Plan, Propagation, Setgroups};
use crate::run::{About, End, maps};
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
    Opt::help(Id::Help),
    Opt::flag("--mount", Id::Namespace(Flags::NEWNS), "a new mount namespace").letter(b'm'),
    Opt::flag("--uts", Id::Namespace(Flags::NEWUTS), "a new UTS namespace, for the host name").letter(b'u'),
    Opt::flag("--ipc", Id::Namespace(Flags::NEWIPC), "a new IPC namespace").letter(b'i'),
    Opt::flag("--net", Id::Namespace(Flags::NEWNET), "a new network namespace").letter(b'n'),
    Opt::flag("--pid", Id::Namespace(Flags::NEWPID), "a new PID namespace").letter(b'p'),
    Opt::flag("--user", Id::Namespace(Flags::NEWUSER), "a new user namespace").letter(b'U'),
    Opt::flag("--cgroup", Id::Namespace(Flags::NEWCGROUP), "a new cgroup namespace").letter(b'C'),
    Opt::flag("--time", Id::Namespace(Flags::NEWTIME), "a new time namespace").letter(b'T'),
    Opt::flag("--fork", Id::Fork, "CMD is a child; with --pid it is process 1").letter(b'f'),
    Opt::flag("--init", Id::Init, "process 1 reaps, CMD is its child: the default"),
    Opt::flag("--map-root-user", Id::MapRootUser, "become root of a new user namespace").letter(b'r'),
    Opt::flag("--map-current-user", Id::MapCurrentUser, "keep the own user and group in a new one").letter(b'c'),
    Opt::value("--map-user", "USER", Id::MapUser, "become this user there"),
    Opt::value("--map-group", "GROUP", Id::MapGroup, "become this group there"),
    Opt::value("--map-users", "RANGE", Id::MapUsers, "INNER:OUTER:COUNT, or auto; may be repeated"),
    Opt::value("--map-groups", "RANGE", Id::MapGroups, "the same for groups"),
    Opt::flag("--map-auto", Id::MapAuto, "the blocks of /etc/subuid and /etc/subgid"),
    Opt::value("--setgroups", "allow|deny", Id::Setgroups, "whether setgroups(2) is allowed there"),
    Opt::optional("--mount-proc", "DIR", Id::MountProc, "mount proc, on /proc, in a new mount namespace"),
    Opt::value("--propagation", "HOW", Id::Propagation, "of mounts: private, shared, slave, unchanged"),
    Opt::value("--root", "DIR", Id::Root, "the root directory").letter(b'R'),
    Opt::value("--wd", "DIR", Id::Directory, "the working directory").letter(b'w'),
    Opt::value("--hostname", "NAME", Id::Hostname, "the host name in a new UTS namespace"),
    Opt::value("--monotonic", "SECONDS", Id::Monotonic, "offset of the monotonic clock, with --time"),
    Opt::value("--boottime", "SECONDS", Id::Boottime, "offset of the clock since boot, with --time"),
    Opt::optional("--kill-child", "SIGNAL", Id::KillChild, "CMD gets it, or KILL, when chimera dies"),
    Opt::flag("--keep-caps", Id::KeepCaps, "CMD keeps the capabilities, without being root"),
    Opt::flag("--no-new-privs", Id::NoNewPrivs, "no set-user-ID program gives rights to CMD"),
    Opt::value("--setuid", "UID", Id::Setuid, "the user id of CMD").letter(b'S'),
    Opt::value("--setgid", "GID", Id::Setgid, "the group id of CMD").letter(b'G'),
];

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "run",
    about: "\
Executes CMD in new namespaces, with the options of unshare(1). Nothing is done
in a namespace that is not new.",
    usage: "[OPTION..] [--] [CMD..]",
    operands: "CMD is a program and its words; without CMD a shell is executed.",
    options: &OPTIONS,
    examples: &[
        Example("run -r id -u", "as root of a new user namespace"),
        Example("run -rp --mount-proc ls /proc", "in a PID namespace with its own /proc"),
        Example("run -ru --hostname inside uname -n", "with another host name"),
    ],
    statuses: &[
        ("that of CMD", "if CMD was executed; the same signal, too"),
        ("2", "the command line makes no sense"),
        ("125", "refused, or a step failed"),
        ("126, 127", "CMD cannot be executed; was not found"),
    ],
    prepares: false,
    run: command,
};

/// Runs the program, or says why not.
pub fn command(console: &mut Console, stack: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let plan = parse(words)?;
    exec::remember(stack, plan.command);
    Ok(report_end(console, crate::run::run(&plan), &plan))
}

/// The exit status for a program's end; a failure is explained on fd 2, with what the plan says about it.
pub(super) fn report_end(console: &mut Console, end: End, plan: &Plan) -> i32 {
    let (failure, about, status) = match end {
        End::Status(status) => return status,
        End::Failed { failure, about, status } => (failure, about, status),
    };
    let (kind, id) = match failure.step {
        Step::Setuid => (Some(id_map::Ids::Users), plan.setuid),
        Step::Setgid => (Some(id_map::Ids::Groups), plan.setgid),
        _ => (None, None),
    };
    let map = kind.and_then(|kind| maps::planned(plan, kind));
    let written = plan.written_setgroups();
    let about = match &about {
        About::Nothing => refusal::About::Nothing,
        About::Task(task) => refusal::About::Task(task),
        About::Namespaces(flags) => refusal::About::Namespaces(*flags),
        About::Told(told) => refusal::About::Told(*told),
        About::Word(flags, word) => {
            let asked = Circumstances {
                map: map.as_ref(),
                denies_groups: written == Some(Setgroups::Deny),
                allows_groups: written == Some(Setgroups::Allow),
                id,
                ..(*flags).into()
            };
            refusal::About::Word(asked, word)
        }
    };
    refusal::explain(console, about, failure);
    status
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
    plan.complete().map_err(|(word, allowed)| Misuse { word: word.as_bytes(), allowed: Some(allowed) })?;
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
