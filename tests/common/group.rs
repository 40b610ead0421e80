//! A cgroup of a test's own.

use super::deadline::{self, DEADLINE};
use super::skip::skip;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Instant;

/// Where cgroups of version 2 are mounted.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// Where the pids controller may be: a hierarchy of its own of version 1, or one of version 2.
const OF_TASKS: [&str; 3] = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// A group without tasks, gone when this is dropped, whether its test has failed or not.
pub struct Group {
    path: PathBuf,
    /// What was written to the root's `cgroup.subtree_control`, and is to be taken back.
    enabled: OnceLock<String>,
}

impl Group {
    /// Makes one; if that cannot be, the test that calls this is left out.
    pub fn new() -> Option<Self> {
        let Some(root) = ROOTS.iter().map(Path::new).find(|root| root.join("cgroup.controllers").exists()) else {
            skip("no cgroup of version 2 is mounted");
            return None;
        };
        let group = Self::in_folder(root);
        if group.is_none() {
            skip("no cgroup can be made here");
        }
        group
    }

    fn in_folder(root: &Path) -> Option<Self> {
        let group = root.join(name());
        std::fs::create_dir(&group).ok().map(|()| Self { path: group, enabled: OnceLock::new() })
    }

    /// Makes one that may have so many tasks, with a group `in` below it that has no limit of its own; if that cannot
    /// be, the test that calls this is left out.
    pub fn of_tasks(most: usize) -> Option<Self> {
        let make = |root: &&str| {
            let group = Self::in_folder(Path::new(root))?;
            let _ = std::fs::write(group.path.join("cgroup.subtree_control"), "+pids"); // version 1 needs no such word
            std::fs::create_dir(group.path.join("in")).ok()?;
            let is_limited = std::fs::write(group.path.join("pids.max"), most.to_string()).is_ok();
            (is_limited && group.path.join("in/pids.max").exists()).then_some(group)
        };
        let group = OF_TASKS.iter().find_map(make);
        if group.is_none() {
            skip("no cgroup can be given a limit of tasks here");
        }
        group
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.path.to_str().expect("UTF-8")
    }

    /// The path of a group below it, which is made, and those between.
    pub fn below(&self, name: &str) -> String {
        let path = self.path.join(name);
        std::fs::create_dir_all(&path).expect("a group below a group");
        path.to_str().expect("UTF-8").into()
    }

    /// A controller that it may hand on, which no cgroup with tasks may; the root is made to hand it to the group.
    pub fn domain_controller(&self) -> Option<String> {
        let root = self.path.parent()?;
        let of_domain = |folder: &Path| {
            let names = std::fs::read_to_string(folder.join("cgroup.controllers")).ok()?;
            let is_meant = |name: &&str| !["cpu", "cpuset", "perf_event", "pids"].contains(name);
            names.split_whitespace().find(is_meant).map(str::to_owned)
        };
        if let Some(name) = of_domain(&self.path) {
            return Some(name);
        }
        let name = of_domain(root)?;
        std::fs::write(root.join("cgroup.subtree_control"), format!("+{name}")).ok()?;
        Some(self.enabled.get_or_init(|| name).clone())
    }

    /// A command that a shell in a group below this one becomes, so that it is the only task there; empty for this one.
    pub fn inside(&self, below: &str, program: impl AsRef<Path>, words: &[&str]) -> Command {
        let text = format!("echo $$ > {}/cgroup.procs && exec \"$0\" \"$@\"", self.path.join(below).display());
        let program = program.as_ref().to_str().expect("UTF-8");
        super::command("sh", &[&["-c", &text, program], words].concat())
    }

    /// Writes to one of its files, or of a group below it; panics if the kernel refuses.
    #[track_caller]
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path.join(name), text).unwrap_or_else(|error| panic!("{text} to {name}: {error}"));
    }
}

/// A name that no other group has.
fn name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("chimera-test-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed))
}

impl Drop for Group {
    fn drop(&mut self) {
        remove(&self.path);
        if let (Some(name), Some(root)) = (self.enabled.get(), self.path.parent()) {
            let _ = std::fs::write(root.join("cgroup.subtree_control"), format!("-{name}")); // another test's, too
        }
    }
}

/// Removes a group and all below it.
fn remove(group: &Path) {
    let entries = std::fs::read_dir(group).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.for_each(|folder| remove(&folder.path()));
    // A task that has just ended may still be in it.
    deadline::within(Instant::now() + DEADLINE, || std::fs::remove_dir(group).ok());
}
