//! The head: where the kernel was asked, and by whose rules it is judged.

use crate::clone::call::Api;
use crate::clone::flags::{FLAGS, Flags, Version};
use crate::error::{Failure, Step};
use crate::host::cause::{self, Told};
use crate::host::probe;
use crate::host::proc::{Own, read_small};
use crate::report::show::Name;
use crate::rules::rule::RULES;
use crate::sys::namespace::{self, Names};
use crate::sys::{Errno, ids, privilege};
use crate::text::{Outside, Show, Sink, With, out};
use core::ffi::CStr;

/// This program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The longest text of a security module that is read, in bytes.
const ROOM: usize = 512;

/// What the kernel says about a user namespace.
pub enum Users {
    /// It would make one.
    Allowed,
    /// It refuses one, and why as far as that was found.
    Refused(Errno, Option<Told>),
    /// It could not be asked.
    Unknown,
}

/// What is known of the place.
pub struct Head {
    names: Option<Names>,
    /// The effective user id.
    pub uid: Option<usize>,
    /// Whether the caller has CAP_SYS_ADMIN.
    pub is_administrator: Option<bool>,
    /// Whether the caller may make a user namespace.
    pub users: Users,
    /// Whether a seccomp filter is in force.
    pub has_filter: Option<bool>,
    modules: Text,
    label: Text,
}

/// A text of the kernel's; its length is 0 if it could not be read.
struct Text {
    bytes: [u8; ROOM],
    length: usize,
}

impl Text {
    /// The first line of a small file.
    fn read(path: &CStr) -> Self {
        let mut bytes = [0; ROOM];
        let length = read_small(path, &mut bytes).map_or(0, |text| {
            let end = text.iter().position(|byte| [b'\n', 0].contains(byte)).unwrap_or(text.len());
            text[..end].trim_ascii_end().len()
        });
        Self { bytes, length }
    }

    fn get(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length).filter(|text| !text.is_empty())
    }
}

impl Head {
    /// Looks at this place.
    pub fn look() -> Self {
        let has_no_filter = || (!probe::may_be_filtered()).then_some(false);
        Self {
            names: namespace::uname().ok(),
            uid: ids::geteuid().ok(),
            is_administrator: privilege::is_administrator(),
            users: Users::look(),
            has_filter: Own::read().has_filter.or_else(has_no_filter),
            modules: Text::read(c"/sys/kernel/security/lsm"),
            label: Text::read(c"/proc/self/attr/current"),
        }
    }

    /// The release of the running kernel.
    pub fn kernel(&self) -> Option<Outside<'_>> {
        self.names.as_ref().map(|names| Outside(names.release()))
    }

    /// The machine for which it was built.
    pub fn architecture(&self) -> Option<Outside<'_>> {
        self.names.as_ref().map(|names| Outside(names.architecture()))
    }

    /// The security modules, joined by commas, as securityfs names them.
    pub fn modules(&self) -> Option<Outside<'_>> {
        self.modules.get().map(Outside)
    }

    /// What a security module has this program run as.
    pub fn label(&self) -> Option<Outside<'_>> {
        self.label.get().map(Outside)
    }

    /// Passes on each line: what it is about, and what is known.
    pub fn each(&self, line: &mut dyn FnMut(&'static str, &dyn Show)) {
        let known = |value: Option<bool>| match value {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        line("chimera", &(VERSION, ", rules up to Linux ", newest()));
        line("kernel", &(Known(self.kernel()), " ", Known(self.architecture())));
        line("uid", &Known(self.uid));
        line("CAP_SYS_ADMIN", &known(self.is_administrator));
        line("user namespaces", &self.users);
        line("seccomp filter", &known(self.has_filter));
        let modules = With(|out: &mut dyn Sink| match (self.modules(), self.label()) {
            (Some(modules), _) => modules.show(out),
            (None, Some(label)) => out!(out, "unknown, label ", label),
            (None, None) => out!(out, "unknown"),
        });
        line("security modules", &modules);
    }
}

/// A value, or `unknown`.
struct Known<T>(Option<T>);

impl<T: Show> Show for Known<T> {
    fn show(&self, out: &mut dyn Sink) {
        match &self.0 {
            Some(value) => value.show(out),
            None => "unknown".show(out),
        }
    }
}

impl Users {
    /// Asks the kernel, which makes none.
    fn look() -> Self {
        match probe::probe(Api::Clone, Flags::NEWUSER, 0) {
            Ok(Ok(()) | Err(Errno::EFAULT)) => Self::Allowed,
            Ok(Err(errno)) => Self::Refused(errno, cause::find(Failure::new(Step::Call, errno), Flags::NEWUSER)),
            Err(_) => Self::Unknown,
        }
    }
}

impl Show for Users {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Allowed => out!(out, "allowed"),
            Self::Refused(errno, None) => out!(out, "refused with ", Name(*errno)),
            Self::Refused(errno, Some(told)) => out!(out, "refused with ", Name(*errno), ": ", told.cause()),
            Self::Unknown => out!(out, "unknown"),
        }
    }
}

/// The newest kernel whose rules and flags are known.
pub fn newest() -> Version {
    let rules = RULES.iter().flat_map(|rule| [Some(rule.since), rule.until]).flatten();
    let flags = FLAGS.iter().map(|flag| flag.since);
    rules.chain(flags).max().unwrap_or(Version::UNKNOWN)
}
