//! Looking at this machine: files of proc(5), limits, namespaces, what forbids a call and why it is refused; and the id
//! maps of user_namespaces(7).

pub mod cause;
pub mod filter;
pub mod id_map;
pub mod limits;
pub mod namespace;
pub mod path;
pub mod place;
pub mod probe;
pub mod proc;
pub mod roles;
