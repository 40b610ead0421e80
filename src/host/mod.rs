//! Looking at this machine: files of proc(5), limits, namespaces, what forbids a call and why it is refused; and the id
//! maps of user_namespaces(7).

pub mod aside;
mod binfmt;
pub mod cause;
pub mod cgroup;
pub mod filter;
pub mod id_block;
pub mod id_map;
pub mod limits;
mod look;
pub mod mounts;
pub mod namespace;
pub mod path;
pub mod place;
pub mod probe;
pub mod proc;
pub mod reason;
pub mod refused;
pub mod roles;
