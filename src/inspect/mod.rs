//! What existing tasks share: every task of the machine is listed, compared by kcmp(2), and looked at a second time.
//!
//! Other tasks are only read, and only where nothing waits for a stuck task: `stat`, `status`, `cgroup` and `ns` of
//! proc(5), and kcmp(2). No task is stopped, signalled or changed.

pub mod caller;
pub mod cause;
pub mod choice;
pub mod classes;
pub mod ended;
pub mod files;
pub mod listing;
pub mod look;
pub mod object;
pub mod place;
pub mod scan;
pub mod take;
pub mod task;
