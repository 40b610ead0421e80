//! A cgroup of a test's own.

use super::deadline::{self, DEADLINE};
use super::skip::skip;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Instant;

/// Where cgroups of version 2 are mounted.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// Where the pids controller may be: a hierarchy of its own of version 1, or one of version 2.
const OF_TASKS: [&str; 3] = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// A group without tasks, gone when this is dropped, whether its test has failed or not.
pub struct Group(PathBuf);

impl Group {
    /// Makes one; if that cannot be, the test that calls this is left out.
    pub fn new() -> Option<Self> {
        let Some(root) = ROOTS.iter().map(Path::new).find(|root| root.join("cgroup.controllers").exists()) else {
            skip("no cgroup of version 2 is mounted");
            return None;
        };
        let group = root.join(name());
        if std::fs::create_dir(&group).is_err() {
            skip("no cgroup can be made here");
            return None;
        }
        Some(Self(group))
    }

    /// Makes one that may have so many tasks, with a group `in` below it that has no limit of its own; if that cannot
    /// be, the test that calls this is left out.
    pub fn of_tasks(most: usize) -> Option<Self> {
        let make = |root: &&str| {
            let group = Self(Path::new(root).join(name()));
            std::fs::create_dir(&group.0).ok()?;
            let _ = std::fs::write(group.0.join("cgroup.subtree_control"), "+pids"); // version 1 needs no such word
            std::fs::create_dir(group.0.join("in")).ok()?;
            let is_limited = std::fs::write(group.0.join("pids.max"), most.to_string()).is_ok();
            (is_limited && group.0.join("in/pids.max").exists()).then_some(group)
        };
        let group = OF_TASKS.iter().find_map(make);
        if group.is_none() {
            skip("no cgroup can be given a limit of tasks here");
        }
        group
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

/// A name that no other group has.
fn name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("chimera-test-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed))
}

impl Drop for Group {
    fn drop(&mut self) {
        // A task that has just ended may still be in it.
        let below = self.0.join("in");
        if below.exists() {
            deadline::within(Instant::now() + DEADLINE, || std::fs::remove_dir(&below).ok());
        }
        deadline::within(Instant::now() + DEADLINE, || std::fs::remove_dir(&self.0).ok());
    }
}
