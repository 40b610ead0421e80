//! `chimera run`: a program in new namespaces, with the option names of unshare(1).

use super::command::{Command, Example, Group};
use super::form::{Known, Opt, Section, Values};
use super::misuse::Misuse;
use super::options::{Given, Options, Program, Word};
use super::refusal;
use super::words::Words;
use crate::clone::flags::Flags;
use crate::error::{Failure, Step};
use crate::host::cause::Told;
use crate::host::id_map::{self, IdMap};
use crate::host::refused::Circumstances;
use crate::report::page::Console;
use crate::rules::spelling::SIGNALS;
use crate::run::ids::{self, Own, Part};
use crate::run::owner::Owner;
use crate::run::plan::{self, Misfit, Plan, Propagation, Setgroups};
use crate::run::{About, End, maps};
use crate::sys::Signal;
use crate::sys::exec;
use crate::sys::initial::InitialStack;

/// The options.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the option of its name")]
pub enum Id {
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
    MapSubids,
    Owner,
    Setgroups,
    MountProc,
    MountBinfmt,
    LoadInterpreter,
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
    ForwardSignals,
    ClearEnvironment,
    PassVariables,
}

/// All options.
pub static OPTIONS: &[Section<Id>] = &[
    Section {
        title: "new namespaces; with FILE the namespace is kept there, and outlives CMD",
        options: &[
            Opt::optional("--mount", FILE, Id::Namespace(Flags::NEWNS), "of mounts").letter(b'm'),
            Opt::optional("--uts", FILE, Id::Namespace(Flags::NEWUTS), "of the host name").letter(b'u'),
            Opt::optional("--ipc", FILE, Id::Namespace(Flags::NEWIPC), "of System V IPC and POSIX message queues")
                .letter(b'i'),
            Opt::optional("--net", FILE, Id::Namespace(Flags::NEWNET), "of the network").letter(b'n'),
            Opt::optional("--pid", FILE, Id::Namespace(Flags::NEWPID), "of process ids").letter(b'p'),
            Opt::optional("--user", FILE, Id::Namespace(Flags::NEWUSER), "of users, groups and capabilities")
                .letter(b'U'),
            Opt::optional("--cgroup", FILE, Id::Namespace(Flags::NEWCGROUP), "of cgroups").letter(b'C'),
            Opt::optional("--time", FILE, Id::Namespace(Flags::NEWTIME), "of the monotonic clock and that since boot")
                .letter(b'T'),
        ],
    },
    Section {
        title: "users and groups; each implies --user",
        options: &[
            Opt::flag("--map-root-user", Id::MapRootUser, "CMD is root in the namespace").letter(b'r'),
            Opt::flag("--map-current-user", Id::MapCurrentUser, "CMD keeps its user and group").letter(b'c'),
            Opt::value("--map-user", USER, Id::MapUser, "the user that CMD is there"),
            Opt::value("--map-group", GROUP, Id::MapGroup, "the group that CMD is in there"),
            Opt::value("--map-users", RANGE, Id::MapUsers, "users that exist there"),
            Opt::value("--map-groups", RANGE, Id::MapGroups, "groups that exist there"),
            Opt::flag("--map-auto", Id::MapAuto, "maps the caller's blocks of /etc/subuid and /etc/subgid"),
            Opt::flag("--map-subids", Id::MapSubids, "maps the ids of the same blocks, each as itself"),
            Opt::value("--owner", OWNER, Id::Owner, "who owns the namespace, instead of the caller"),
            Opt::value("--setgroups", SETGROUPS, Id::Setgroups, "whether setgroups(2) is allowed there")
                .default("deny, where the own group alone is mapped"),
        ],
    },
    Section {
        title: "the place",
        options: &[
            Opt::optional("--mount-proc", MOUNT_POINT, Id::MountProc, "mounts proc there; implies --mount")
                .default("/proc"),
            Opt::optional(
                "--mount-binfmt",
                MOUNT_POINT,
                Id::MountBinfmt,
                "mounts a binfmt_misc of the new user namespace there; implies --user, --mount, and without DIR --mount-proc",
            )
            .default("/proc/sys/fs/binfmt_misc"),
            Opt::value(
                "--load-interp",
                LINE,
                Id::LoadInterpreter,
                "registers an interpreter there, for the namespace alone; needs -r; implies --mount-binfmt",
            )
            .letter(b'l'),
            Opt::value(
                "--propagation",
                PROPAGATION,
                Id::Propagation,
                "whether mounts outside and inside follow each other, with --mount",
            )
            .default("private"),
            Opt::value("--root", FOLDER, Id::Root, "the root directory of CMD").letter(b'R'),
            Opt::value("--wd", FOLDER, Id::Directory, "the working directory of CMD").letter(b'w'),
            Opt::value("--hostname", NAME, Id::Hostname, "the host name; implies --uts"),
            Opt::value("--monotonic", SECONDS, Id::Monotonic, "what is added to the monotonic clock, with --time"),
            Opt::value("--boottime", SECONDS, Id::Boottime, "what is added to the clock since boot, with --time"),
        ],
    },
    Section {
        title: "the program",
        options: &[
            Opt::flag("--fork", Id::Fork, "CMD is a child of chimera; with --pid it is process 1").letter(b'f'),
            Opt::flag(
                "--init",
                Id::Init,
                "process 1 is chimera, which reaps, and CMD is its child; the default with --pid",
            ),
            Opt::optional(
                "--kill-child",
                SIGNAL,
                Id::KillChild,
                "the signal that CMD gets when chimera dies; implies --fork",
            )
            .default("KILL"),
            Opt::flag("--keep-caps", Id::KeepCaps, "CMD has all capabilities in the namespace without being root"),
            Opt::flag(
                "--no-new-privs",
                Id::NoNewPrivs,
                "no file that CMD executes gives it rights, as set-user-ID would",
            ),
            Opt::flag(
                "--forward-signals",
                Id::ForwardSignals,
                "CMD gets the signals that chimera gets, as always; implies --fork",
            ),
            Opt::flag("--clear-env", Id::ClearEnvironment, "CMD gets no variables of the environment"),
            Opt::value("--whitelist-env", NAMES, Id::PassVariables, "CMD gets only these variables of the environment"),
            Opt::value("--setuid", USER, Id::Setuid, "the user id of CMD, set last").letter(b'S'),
            Opt::value("--setgid", GROUP, Id::Setgid, "the group id of CMD, set last").letter(b'G'),
        ],
    },
];

const FILE: Values = Values::named("FILE").of(Known::Files);
const OWNER: Values =
    Values::new("USER:GROUP", "names that are known here, or numbers from 0 to 4294967294, with a colon between them")
        .of(Known::Owner);
const USER: Values =
    Values::new("USER", "a user's name that is known here, or a number from 0 to 4294967294").of(Known::Users);
const GROUP: Values =
    Values::new("GROUP", "a group's name that is known here, or a number from 0 to 4294967294").of(Known::Groups);
const RANGE: Values = Values::new(
    "RANGE",
    "up to 8 times auto, subids, all, or INNER:OUTER:COUNT or OUTER,INNER,COUNT within the ids 0 to 4294967294",
)
.with(&Part::WORDS);
const SETGROUPS: Values = Values::only(&Setgroups::WORDS);
const PROPAGATION: Values = Values::only(&Propagation::WORDS);
const MOUNT_POINT: Values = Values::named("DIR").of(Known::Folders);
const LINE: Values = Values::new("LINE", ":NAME:TYPE:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS, as binfmt_misc reads it");
const FOLDER: Values = Values::named("DIR").of(Known::Folders);
const NAME: Values = Values::new("NAME", "a name of up to 64 bytes");
/// __NEW_UTS_LEN of the kernel, in bytes.
const LONGEST_NAME: usize = 64;
const SECONDS: Values = Values::new("SECONDS", "seconds from -9223372036 to 9223372036");
const SIGNAL: Values =
    Values::new("SIGNAL", "a signal's name, or a number from 1 to 64").with(&SIGNALS).of(Known::Signals);
const NAMES: Values =
    Values::new("NAMES", "up to 8 times names of variables with commas between them").of(Known::Variables);

/// The row of the table of commands.
pub const COMMAND: Command = Command {
    name: "run",
    group: Group::Programs,
    purpose: "executes a program in new namespaces, as unshare(1) does",
    about: "\
Executes CMD in new namespaces, with the options of unshare(1), and ends as CMD does. Nothing is done in a namespace that \
is not proven to be new, and each refusal is explained.",
    usage: "[OPTION..] [--] [CMD..]",
    operands: "\
CMD is a program and its words; what follows its name is CMD's own. Without CMD it is the shell that SHELL names, or \
/bin/sh.",
    operand: None,
    options: &OPTIONS,
    examples: &[
        Example("run -r id -u", "as root of a new user namespace"),
        Example("run -rp --mount-proc ls /proc", "in a PID namespace with its own /proc"),
        Example("run -ru --hostname inside uname -n", "with another host name"),
    ],
    statuses: &[
        ("that of CMD", "if it was executed; a signal that kills CMD kills chimera"),
        ("125", "refused, a step failed, or the command line is wrong"),
        ("126", "CMD was found and cannot be executed"),
        ("127", "CMD was not found"),
    ],
    program: Program::Plain,
    run: command,
};

/// Runs the program, or says why not.
pub fn command(console: &mut Console, stack: &InitialStack, words: Words) -> Result<i32, Misuse<'static>> {
    let plan = parse(words)?;
    exec::remember(stack, plan.command);
    let (end, stays) = crate::run::run(&plan);
    let status = report_end(console, end, &plan);
    for (file, errno) in plan.kept.into_iter().zip(stays).filter_map(|(file, errno)| file.zip(errno)) {
        let about = refusal::About::Told(file, Some(Told::mount_stays(file)));
        refusal::explain(console, about, Failure::new(Step::Unkeep, errno));
    }
    Ok(status)
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
        Step::LoadInterpreter => (without_root(plan), None),
        // Ids outside: no map of the namespace is asked.
        Step::OwnerUser => (None, plan.owner.map(|owner| owner.user)),
        Step::OwnerGroup => (None, plan.owner.map(|owner| owner.group)),
        _ => (None, None),
    };
    let map = kind.and_then(|kind| maps::planned(plan, kind));
    let written = plan.written_setgroups();
    let about = match &about {
        About::Nothing => refusal::About::Nothing,
        About::Task(task) => refusal::About::Task(task),
        About::Namespaces(flags) => refusal::About::Namespaces(*flags),
        About::Told(word, told) => refusal::About::Told(word, *told),
        About::Word(flags, word) => {
            let asked = Circumstances {
                map: map.as_ref(),
                denies_groups: written == Some(Setgroups::Deny),
                allows_groups: written == Some(Setgroups::Allow),
                line: plan.interpreter,
                id,
                ..(*flags).into()
            };
            refusal::About::Word(asked, word)
        }
    };
    refusal::explain(console, about, failure);
    status
}

/// The kind of ids of which the map of the plan lacks that of root, the first of the two.
fn without_root(plan: &Plan) -> Option<id_map::Ids> {
    let lacks = |map: IdMap| !map.ranges().any(|range| range.inner == 0);
    [id_map::Ids::Users, id_map::Ids::Groups].into_iter().find(|kind| maps::planned(plan, *kind).is_some_and(lacks))
}

/// Parses the words; an error is the word that makes no sense.
fn parse(words: Words) -> Result<Plan, Misuse<'static>> {
    let mut plan = Plan::default();
    let mut options = Options::new(OPTIONS, Program::Plain, words);
    for word in &mut options {
        if let Word::Option(option, given) = word? {
            set_option(&mut plan, option, given).ok_or(given.wrong())?;
        }
    }
    plan.command = options.read() + 2; // plus the program name and the command
    plan.complete().map_err(|misfit| match misfit {
        Misfit::Needs(one, other) => Misuse::Needs(one, other),
        Misfit::Excludes(one, other) => Misuse::Excludes(one, other),
    })?;
    Ok(plan)
}

/// Sets an option; none if it does not take this value.
fn set_option(plan: &mut Plan, option: Id, given: Given<'static>) -> Option<()> {
    let value = given.text();
    match option {
        Id::Namespace(flag) => match given.value {
            Some(file) => plan.keep(flag, file),
            None => plan.namespaces |= flag,
        },
        Id::Fork => plan.forks = true,
        Id::Init => plan.has_init = true,
        Id::MapRootUser => [plan.users.own, plan.groups.own] = [Some(Own::Is(0)); 2],
        Id::MapCurrentUser => [plan.users.own, plan.groups.own] = [Some(Own::Same); 2],
        Id::MapUser => plan.users.own = Some(Own::Is(ids::id(id_map::Ids::Users, value)?)),
        Id::MapGroup => plan.groups.own = Some(Own::Is(ids::id(id_map::Ids::Groups, value)?)),
        Id::MapUsers => plan.users.add(value)?,
        Id::MapGroups => plan.groups.add(value)?,
        Id::MapAuto => [&mut plan.users, &mut plan.groups].into_iter().try_for_each(|ids| ids.add(b"auto"))?,
        Id::MapSubids => [&mut plan.users, &mut plan.groups].into_iter().try_for_each(|ids| ids.add(b"subids"))?,
        Id::Owner => plan.owner = Some(Owner::read(value)?),
        Id::Setgroups => plan.setgroups = Some(Setgroups::named(value)?),
        Id::MountProc => plan.proc = Some(given.value.unwrap_or(b"/proc")),
        Id::MountBinfmt => plan.mount_binfmt(given.value),
        Id::LoadInterpreter => plan.interpreter = Some(value),
        Id::Propagation => plan.propagation = Some(Propagation::named(value)?),
        Id::Root => plan.root = Some(value),
        Id::Directory => plan.directory = Some(value),
        Id::Hostname => plan.hostname = Some(Some(value).filter(|name| name.len() <= LONGEST_NAME)?),
        Id::Monotonic => plan.monotonic = Some(plan::offset(value)?),
        Id::Boottime => plan.boottime = Some(plan::offset(value)?),
        Id::KillChild => plan.kill = Some(given.value.map_or(Some(Signal::KILL), plan::kill_signal)?),
        Id::KeepCaps => plan.keeps_capabilities = true,
        Id::NoNewPrivs => plan.renounces = true,
        Id::Setuid => plan.setuid = Some(ids::id(id_map::Ids::Users, value)?),
        Id::Setgid => plan.setgid = Some(ids::id(id_map::Ids::Groups, value)?),
        // The parent passes signals on in any case.
        Id::ForwardSignals => plan.forks = true,
        Id::ClearEnvironment => plan.environment.clear(),
        Id::PassVariables => plan.environment.pass(value)?,
    }
    Some(())
}
