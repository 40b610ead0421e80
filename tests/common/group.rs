//! A cgroup of a test's own.

use super::deadline::{self, DEADLINE};
use super::skip::skip;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Instant;

/// Where cgroups of version 2 are mounted.
const ROOTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// A group without tasks, gone when this is dropped, whether its test has failed or not.
pub struct Group(PathBuf);

impl Group {
    /// Makes one; if that cannot be, the test that calls this is left out.
    pub fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Some(root) = ROOTS.iter().map(Path::new).find(|root| root.join("cgroup.controllers").exists()) else {
            skip("no cgroup of version 2 is mounted");
            return None;
        };
        let name = format!("chimera-test-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let group = root.join(name);
        if std::fs::create_dir(&group).is_err() {
            skip("no cgroup can be made here");
            return None;
        }
        Some(Self(group))
    }

    /// Its path.
    pub fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // A task that has just ended may still be in it.
        deadline::within(Instant::now() + DEADLINE, || std::fs::remove_dir(&self.0).ok());
    }
}
