//! The presets: sets of flags that have a name.

use super::resources::is_same;
use super::topic::{About, Kind, Plain, Visit};
use crate::rules::spelling::PRESETS;
use crate::text::{Show, Sink, out};

const fn row(
    name: &'static str,
    text: &'static str,
    example: &'static [&'static str],
    see: &'static [&'static str],
) -> (&'static str, Plain) {
    (name, Plain::new(text, example, see))
}

/// The texts, in the order of [`PRESETS`].
#[rustfmt::skip]
static TEXTS: [(&str, Plain); PRESETS.len()] = [
    row("fork", "What fork(2) makes: a process with a copy of the caller's memory, files, directories and signal handlers, in the caller's namespaces.", &["clone fork"], &["fork(2)", "SIGCHLD"]),
    row("vfork", "What vfork(2) makes: a process in the caller's memory, while the caller sleeps until it ends or executes a program.", &["clone vfork", "clone vfork -- true"], &["CLONE_VFORK", "vfork(2)"]),
    row("chimera", "A process in the caller's memory, and the caller goes on running: two process ids, one memory.", &["clone chimera"], &["CLONE_VM", "clone(2)"]),
    row("thread", "The smallest thread: the flags without which the kernel makes none, and CHILD_CLEARTID, by which its end is noticed. Its files and directories are its own, unlike those of a POSIX thread.", &["clone thread"], &["CLONE_THREAD", "pthread", "clone(2)"]),
    row("pthread", "A thread with the flags that pthread_create(3) of the usual C library uses: it shares all that POSIX wants threads to share.", &["clone pthread"], &["pthread_create", "pthreads(7)"]),
    row("user", "A process in a new user namespace. Its ids read 65534 until it writes its maps, which the mode of that name does.", &["clone user", "user"], &["CLONE_NEWUSER", "uid_map", "user_namespaces(7)"]),
    row("container", "A process in new namespaces of all kinds that clone(2) can make. It is what container programs start from.", &["clone container"], &["namespace", "run", "namespaces(7)"]),
];

/// Each preset has its text.
const _: () = {
    let mut place = 0;
    while place < PRESETS.len() {
        assert!(is_same(TEXTS[place].0, PRESETS[place].name), "the texts are in the order of the presets");
        place += 1;
    }
};

/// Passes on all presets.
pub fn each(visit: &mut Visit) {
    for (preset, (_, plain)) in PRESETS.iter().zip(&TEXTS) {
        let facts = Flags(preset.flags);
        let about = About {
            kind: Kind::Preset,
            name: ("", preset.name),
            also: &[],
            facts: &facts,
            flags: preset.flags,
            witnesses: None,
        };
        plain.visit_about(&about, visit);
    }
}

/// The flags of a preset, as a sentence.
struct Flags(crate::clone::flags::Flags);

impl Show for Flags {
    fn show(&self, out: &mut dyn Sink) {
        match self.0.is_empty() {
            true => out!(out, " It has no flag; the exit signal is SIGCHLD."),
            false => out!(out, " Its flags: ", self.0, "."),
        }
    }
}
