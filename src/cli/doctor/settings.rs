//! What decides about user namespaces: settings that administrators control, in one table.

use super::tries::exists;
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Kind};
use crate::host::aside::{Aside, By, SharedText, aside};
use crate::host::filter::kills;
use crate::host::id_block::{self, Program};
use crate::host::id_map::Ids;
use crate::host::proc::{self, Line};
use crate::host::{cause, limits, namespace, path, probe};
use crate::run::maps;
use crate::sys::wait::Change;
use crate::sys::{self, control, file, ids, namespace as calls, privilege};
use crate::text::{Joined, Outside, Show, Sink, With, out, read};

/// Whether what was found helps (true) or stands in the way (false); none if by itself it does neither.
type Good = Option<bool>;

/// A setting: its name, the options of `run` that need it, where it is looked at, and the function that looks there and
/// writes the value.
struct Setting {
    name: &'static str,
    options: &'static str,
    source: &'static str,
    look: fn(&str, &mut dyn Sink) -> Good,
    /// Whether looking changes the process that looks.
    changes: bool,
}

const fn row(
    name: &'static str,
    options: &'static str,
    source: &'static str,
    look: fn(&str, &mut dyn Sink) -> Good,
) -> Setting {
    Setting { name, options, source, look, changes: false }
}

const STATUS: &str = "/proc/self/status";

/// All settings; the limits of the kinds of namespace come before them. Those without options by themselves neither
/// help nor forbid.
#[rustfmt::skip]
static SETTINGS: [Setting; 19] = [
    row("CONFIG_USER_NS", "-r", "/proc/self/ns/user", |_, out| yes_no_or_unknown(exists(Kind::User), true, out)),
    row("kernel.unprivileged_userns_clone", "-r", "sysctl(8)", |_, out| guarded("unprivileged_userns_clone", b"0", out)),
    row("AppArmor userns restriction", "-r", "kernel.apparmor_restrict_unprivileged_userns", |_, out| {
        guarded("apparmor_restrict_unprivileged_userns", b"1", out)
    }),
    row("security label", "", "/proc/self/attr/current", line),
    row("SELinux enforcing", "", "/sys/fs/selinux/enforce", line),
    row("seccomp mode", "", STATUS, |file, out| word(file, b"Seccomp:\t", &["disabled", "strict", "filter"], out)),
    row("seccomp filter in the way", "-r", "unshare(2), clone(2)", |_, out| filter(out)),
    row("in a chroot", "-r", "setns(2), mountinfo", |_, out| yes_no_or_unknown(namespace::chrooted(), false, out)),
    row("uid or gid not mapped", "-r", "setresuid(2)", |_, out| yes_or_no(ids::is_unmapped(), false, out)),
    Setting { changes: true, ..row("levels of nesting left", "-r", "unshare(2), again and again", |_, out| levels(out)) },
    row("bounding set of capabilities", "", STATUS, bounding_set),
    row("no_new_privs", "", STATUS, |file, out| word(file, b"NoNewPrivs:\t", &["no", "yes"], out)),
    row("may read its own file", "-r", "prctl(PR_GET_DUMPABLE)", |_, out| yes_or_no(control::is_dumpable() == Ok(true), true, out)),
    row("first id of the caller's subuid", "--map-auto", "/etc/subuid", |_, out| first_of(Ids::Users, out)),
    row("first id of the caller's subgid", "--map-auto", "/etc/subgid", |_, out| first_of(Ids::Groups, out)),
    row("newuidmap", "--map-auto", "PATH", |_, out| helper(out)),
    row("/proc is writable", "-r", "/proc/self/uid_map", |_, out| yes_or_no(file::open(c"/proc/self/uid_map", file::O_WRONLY).is_ok(), true, out)),
    row("RLIMIT_NPROC", "", "prlimit(2)", |_, out| number(limits::tasks_of_user(), UNLIMITED, out)),
    row("pids.max", "-p", "/sys/fs/cgroup", |_, out| pids(out)),
];

/// The value where there is none.
const NONE: &str = "-";
const UNLIMITED: &str = "unlimited";

/// What is known of a setting before it is looked at.
pub struct About<'a> {
    /// Its name.
    pub name: &'a dyn Show,
    /// The options of `run` that need it.
    pub options: &'static str,
    /// Where it is looked at.
    pub source: &'static str,
}

/// The option of `run` for a kind of namespace.
fn option_of(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "-r",
        Kind::Mnt => "-m",
        Kind::Uts => "-u",
        Kind::Ipc => "-i",
        Kind::Net => "-n",
        Kind::Pid => "-p",
        Kind::Cgroup => "-C",
        Kind::Time => "-T",
    }
}

/// Passes on each setting without looking at it.
pub fn each(pass: &mut dyn FnMut(&About)) {
    for kind in Kind::ALL {
        pass(&of_limit(kind, &("user.max_", kind.name(), "_namespaces")));
    }
    for Setting { name, options, source, .. } in &SETTINGS {
        pass(&About { name, options, source });
    }
}

/// The limit for a kind of namespace.
fn of_limit<'a>(kind: Kind, name: &'a dyn Show) -> About<'a> {
    About { name, options: option_of(kind), source: "sysctl(8)" }
}

/// Looks at each setting and passes it to `report`, with whether its value is good. `value` is room for the value,
/// which is there during each report.
pub fn look(value: &SharedText, report: &mut dyn FnMut(&About, Good)) {
    for kind in Kind::ALL {
        let good = ask(value, false, &|out| limit(kind, out));
        report(&of_limit(kind, &("user.max_", kind.name(), "_namespaces")), good);
    }
    for Setting { name, options, source, look, changes } in &SETTINGS {
        let good = ask(value, *changes, &|out| look(source, out));
        report(&About { name, options, source }, good);
    }
}

/// What a child may have found; its exit status is the index.
const GOODS: [Good; 3] = [None, Some(true), Some(false)];

/// The exit status of a child that found this.
fn status_of(good: Good) -> i32 {
    GOODS.iter().position(|other| *other == good).unwrap_or_default() as i32
}

/// Has the value written by `look`, which `changes` the process that looks or does not. A filter may kill at the calls
/// that it takes, so a child looks, if there can be one.
fn ask(value: &SharedText, changes: bool, look: &dyn Fn(&mut dyn Sink) -> Good) -> Good {
    value.wipe();
    let looked = || look(&mut &*value);
    let found = match aside(|| status_of(looked())) {
        Aside::Ended(Change::Exited(index)) => GOODS.get(index as usize).copied().unwrap_or_default(),
        Aside::Ended(Change::Killed(signal)) => instead(value, ("killed by ", signal)),
        Aside::NotMade(_) if !changes => looked(),
        _ => instead(value, NONE),
    };
    if value.is_whole() { found } else { instead(value, "too long") }
}

/// Writes something else than the value.
fn instead(value: &SharedText, text: impl Show) -> Good {
    value.wipe();
    out!(&mut &*value, text);
    None
}

/// `yes` or `no`, which is good if it equals `good`.
fn yes_or_no(holds: bool, good: bool, out: &mut dyn Sink) -> Good {
    out!(out, if holds { "yes" } else { "no" });
    Some(holds == good)
}

/// The same where it may be that nothing could be seen.
fn yes_no_or_unknown(holds: Option<bool>, good: bool, out: &mut dyn Sink) -> Good {
    match holds {
        Some(holds) => yes_or_no(holds, good, out),
        None => {
            out!(out, "unknown");
            None
        }
    }
}

/// A number, or a word where there is none.
fn number(number: Option<usize>, none: &str, out: &mut dyn Sink) -> Good {
    match number {
        Some(number) => out!(out, number),
        None => out!(out, none),
    }
    None
}

/// The limit for a kind of namespace.
fn limit(kind: Kind, out: &mut dyn Sink) -> Good {
    let most = limits::namespaces(kind);
    number(most, NONE, out);
    most.map(|most| most != 0)
}

/// A setting of the kernel, sysctl(8), that restricts everyone but an administrator if it has the value `bad`.
fn guarded(name: &str, bad: &[u8], out: &mut dyn Sink) -> Good {
    let mut is_bad = false;
    text(&["/proc/sys/kernel/", name], &mut |line| Some(line), &mut |text| {
        is_bad = text == bad;
        out!(out, Outside(text));
    });
    Some(!is_bad || privilege::is_administrator() != Some(false))
}

/// The first line of a file.
fn line(file: &str, out: &mut dyn Sink) -> Good {
    text(&[file], &mut |line| Some(line), &mut |text| out!(out, Outside(text)));
    None
}

/// The number after a key in a file such as /proc/self/status, as a word.
fn word(file: &str, key: &[u8], words: &[&str], out: &mut dyn Sink) -> Good {
    text(
        &[file],
        &mut |line| line.after(key),
        &mut |text| match read::number(text).and_then(|number| words.get(number)) {
            Some(word) => word.show(out),
            None => out!(out, Outside(text)),
        },
    );
    None
}

/// Which capabilities this process and what it executes can have, by name.
fn bounding_set(file: &str, out: &mut dyn Sink) -> Good {
    text(&[file], &mut |line| line.after(b"CapBnd:\t"), &mut |text| match read::leading(text, 16) {
        Some((set, [])) => capabilities(set as u64, out),
        _ => out!(out, Outside(text)),
    });
    None
}

/// A set of capabilities: those that it lacks, if it has most of them.
fn capabilities(set: u64, out: &mut dyn Sink) {
    let last = proc::only_number(c"/proc/sys/kernel/cap_last_cap").unwrap_or(privilege::NAMES.len() - 1).min(63);
    let all = u64::MAX >> (63 - last);
    let missing = all & !set;
    let (which, named) = match (set & all).count_ones() {
        0 => return out!(out, "none"),
        _ if missing == 0 => return out!(out, "all"),
        many if many > all.count_ones() / 2 => ("all but ", missing),
        _ => ("only ", set & all),
    };
    let names = (0..=last).filter(|number| named >> number & 1 != 0).map(|number| {
        With(move |out: &mut dyn Sink| match privilege::NAMES.get(number) {
            Some(name) => out!(out, "CAP_", *name),
            None => out!(out, "CAP_", number),
        })
    });
    out!(out, which, Joined(", ", names));
}

/// Passes the first text that `pick` finds in the lines of a file, whose path has these parts, to `found`, or [`NONE`].
fn text<const N: usize>(file: &[&str; N], pick: &mut dyn FnMut(Line) -> Option<Line>, found: &mut dyn FnMut(&[u8])) {
    let mut is_found = false;
    // A file that cannot be read has no text.
    let _ = path::with_short(&file.map(str::as_bytes), |path| {
        proc::find(path, &mut |line| {
            let picked = pick(line);
            if let Some(text @ [_, ..]) = picked.and_then(Line::whole) {
                is_found = true;
                found(text);
            }
            picked.is_some()
        })
    });
    if !is_found {
        found(NONE.as_bytes());
    }
}

/// Whether a filter stands before the calls that make namespaces: it refuses them, or kills who makes them. Each call
/// is made in a form that the kernel itself refuses.
fn filter(out: &mut dyn Sink) -> Good {
    let asked = Flags::NEWUSER.bits() as usize | 1; // no flag has this bit
    let call = Call::usual(Api::Clone, Flags::NEWUSER);
    let word = match () {
        () if kills(By::Fork, || _ = calls::unshare(asked)) => "unshare kills",
        () if kills(By::Fork, || _ = probe::filtered(&call)) => "clone kills",
        () => return yes_or_no(cause::is_filtered(Flags::NEWUSER), false, out),
    };
    out!(out, word);
    Some(false)
}

/// How many levels of user namespaces can be nested further here: the kernel allows 33 below the first,
/// user_namespaces(7).
fn levels(out: &mut dyn Sink) -> Good {
    const MOST: usize = 33;
    let left = (0..MOST).take_while(|_| nest().is_ok()).count();
    out!(out, left);
    Some(left != 0)
}

/// Enters one more level and keeps the caller's ids there: without mapped ids the caller may not make the next level.
fn nest() -> sys::Result<()> {
    let own = [ids::geteuid(), ids::getegid()];
    calls::unshare(Flags::NEWUSER.bits() as usize)?;
    maps::keep(own)
}

/// The first id of the caller's block for `--map-auto`.
fn first_of(kind: Ids, out: &mut dyn Sink) -> Good {
    let first = ids::getuid().and_then(|user| id_block::first(kind, user)).ok().map(|block| block.start);
    number(first, NONE, out);
    Some(first.is_some())
}

/// How newuidmap(1) gets the right to write maps: set-user-ID, or file capabilities; or why it gets none.
fn helper(out: &mut dyn Sink) -> Good {
    let (program, _) = id_block::program(Ids::Users);
    let (word, has_right) = match program {
        Program::Missing => (NONE, false),
        Program::Closed => ("not executable", false),
        Program::Renounced => ("no_new_privs", false),
        Program::Nosuid => ("nosuid", false),
        Program::Plain => ("without rights", false),
        Program::Setuid => ("setuid", true),
        Program::Capable => ("capabilities", true),
    };
    out!(out, word);
    // Root may write the maps without it.
    (has_right || privilege::is_administrator() == Some(false)).then_some(has_right)
}

/// The cgroup's limit on tasks, and whether it leaves room for two more.
fn pids(out: &mut dyn Sink) -> Good {
    let used = limits::tasks_of_cgroup();
    number(used.map(|used| used.most), UNLIMITED, out);
    used.map(|used| !used.is_full())
}
