//! What may forbid user namespaces or bears on them: settings that administrators control, in one table.

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
use crate::text::{Outside, Show, Sink, out};

/// Whether what was found helps (true) or stands in the way (false); none if by itself it does neither.
type Good = Option<bool>;

/// A setting: its name, where it is looked at, and the function that looks there and writes the value.
struct Setting {
    name: &'static str,
    source: &'static str,
    look: fn(&str, &mut dyn Sink) -> Good,
    /// Whether looking changes the process that looks.
    changes: bool,
}

const fn row(name: &'static str, source: &'static str, look: fn(&str, &mut dyn Sink) -> Good) -> Setting {
    Setting { name, source, look, changes: false }
}

/// All settings; the limits of the kinds of namespace come before them.
#[rustfmt::skip]
static SETTINGS: [Setting; 19] = [
    row("kernel support", "/proc/self/ns/user", |_, out| yes_no_or_unknown(exists(Kind::User), true, out)),
    row("userns_clone", "kernel.unprivileged_userns_clone", |name, out| guarded(name, b"0", out)),
    row("AppArmor limits", "kernel.apparmor_restrict_unprivileged_userns", |name, out| guarded(name, b"1", out)),
    row("security label", "/proc/self/attr/current", line),
    row("SELinux enforcing", "/sys/fs/selinux/enforce", line),
    row("seccomp mode", "/proc/self/status", |file, out| after(file, b"Seccomp:\t", out)),
    row("filter answers", "unshare(2), clone(2)", |_, out| filter(out)),
    row("chroot", "setns(2), mountinfo", |_, out| yes_no_or_unknown(namespace::chrooted(), false, out)),
    row("unmapped uid", "setresuid(2)", |_, out| yes_or_no(ids::is_unmapped(), false, out)),
    Setting { changes: true, ..row("levels left", "unshare(2), again and again", |_, out| levels(out)) },
    row("bounding set", "/proc/self/status", |file, out| after(file, b"CapBnd:\t", out)),
    row("no_new_privs", "/proc/self/status", |file, out| after(file, b"NoNewPrivs:\t", out)),
    row("readable itself", "prctl(PR_GET_DUMPABLE)", |_, out| yes_or_no(control::is_dumpable() == Ok(true), true, out)),
    row("first of subuid", "/etc/subuid", |_, out| first_of(Ids::Users, out)),
    row("first of subgid", "/etc/subgid", |_, out| first_of(Ids::Groups, out)),
    row("newuidmap", "PATH", |_, out| helper(out)),
    row("/proc is writable", "/proc/self/uid_map", |_, out| yes_or_no(file::open(c"/proc/self/uid_map", file::O_WRONLY).is_ok(), true, out)),
    row("RLIMIT_NPROC", "prlimit(2)", |_, out| number(limits::tasks_of_user(), UNLIMITED, out)),
    row("pids.max", "/sys/fs/cgroup", |_, out| pids(out)),
];

/// The value where there is none.
const NONE: &str = "-";
const UNLIMITED: &str = "unlimited";

/// Passes each setting to `report`: its name, where it was looked at, and whether its value is good. `value` is room for
/// the value, which is there during each report.
pub fn look(value: &SharedText, report: &mut dyn FnMut(&dyn Show, &dyn Show, Good)) {
    for kind in Kind::ALL {
        let good = ask(value, false, &|out| limit(kind, out));
        report(&("max_", kind.name()), &("user.max_", kind.name(), "_namespaces"), good);
    }
    for Setting { name, source, look, changes } in &SETTINGS {
        let good = ask(value, *changes, &|out| look(source, out));
        report(name, source, good);
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
    let name = name.strip_prefix("kernel.").unwrap_or(name);
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

/// The text after a key in a file such as /proc/self/status.
fn after(file: &str, key: &[u8], out: &mut dyn Sink) -> Good {
    text(&[file], &mut |line| line.after(key), &mut |text| out!(out, Outside(text)));
    None
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

/// Whether a filter stands before the calls that make namespaces: it refuses them, or kills who makes them. Each call is
/// made in a form that the kernel itself refuses.
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
    number(ids::getuid().and_then(|user| id_block::first(kind, user)).ok().map(|block| block.start), NONE, out)
}

/// How newuidmap(1) gets the right to write maps: set-user-ID, or file capabilities; or why it gets none.
fn helper(out: &mut dyn Sink) -> Good {
    let (program, _) = id_block::program(Ids::Users);
    let word = match program {
        Program::Missing => NONE,
        Program::Closed => "not executable",
        Program::Renounced => "no_new_privs",
        Program::Nosuid => "nosuid",
        Program::Plain => "without rights",
        Program::Setuid => "setuid",
        Program::Capable => "capabilities",
    };
    out!(out, word);
    None
}

/// The cgroup's limit on tasks, and whether it leaves room for two more.
fn pids(out: &mut dyn Sink) -> Good {
    let used = limits::tasks_of_cgroup();
    number(used.map(|used| used.most), UNLIMITED, out);
    used.map(|used| !used.is_full())
}
