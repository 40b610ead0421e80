//! Debian's packages: downloaded from this machine's own mirrors, unpacked under target/, never installed.
//!
//! apt gets a state of its own for each suite, made from this machine's lists of sources with the name of the suite
//! exchanged, so that packages of another release can be had and nothing of this machine's state changes.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package of a suite.
#[derive(Clone, Copy)]
pub struct Package {
    pub suite: Suite,
    pub name: &'static str,
}

/// A release of Debian.
#[derive(Clone, Copy)]
pub enum Suite {
    /// This machine's: what is linked with its libraries runs.
    Own,
    Named(&'static str),
}

/// A result, or why there is none.
type Result<T> = std::result::Result<T, String>;

const SOURCES: &str = "/etc/apt/sources.list.d";

/// The folder with what is downloaded and unpacked.
pub struct Packages {
    folder: PathBuf,
    /// The code name of this machine's release.
    own: String,
}

impl Packages {
    /// Those in this folder.
    pub fn new(folder: &Path) -> Self {
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let own = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME=")).unwrap_or_default();
        Self { folder: folder.to_owned(), own: own.to_owned() }
    }

    fn suite<'a>(&'a self, package: &'a Package) -> &'a str {
        match package.suite {
            Suite::Own => &self.own,
            Suite::Named(name) => name,
        }
    }

    /// The folder of an unpacked package, relative to that of all packages.
    pub fn place(&self, package: &Package) -> PathBuf {
        Path::new(self.suite(package)).join(package.name)
    }

    /// Sees to it that a package is unpacked; returns its version, which is noted beside it.
    pub fn fetch(&self, package: &Package) -> Result<String> {
        let unpacked = self.folder.join(self.place(package));
        let noted = unpacked.with_extension("version");
        if let Ok(version) = fs::read_to_string(&noted) {
            return Ok(version);
        }
        let debian = self.download(package)?;
        let version = run(Command::new("dpkg-deb").arg("--field").arg(&debian).arg("Version"))?;
        fs::create_dir_all(&unpacked).map_err(|error| error.to_string())?;
        run(Command::new("dpkg-deb").arg("--extract").arg(&debian).arg(&unpacked))?;
        fs::write(noted, version.trim()).map_err(|error| error.to_string())?;
        Ok(version.trim().into())
    }

    /// Downloads the package as a file.
    fn download(&self, package: &Package) -> Result<PathBuf> {
        let apt = self.folder.join(self.suite(package)).join("apt");
        self.prepare(&apt, self.suite(package))?;
        let files = apt.join("files");
        let download = || run(apt_get(&apt).arg("download").arg(package.name).current_dir(&files));
        // Without lists, or with those of a version that is gone, it fails. A source of somebody else's may not have the
        // suite, and then reading the lists fails though the mirror's are there.
        if download().is_err() {
            let read = run(apt_get(&apt).arg("update"));
            download().map_err(|reason| read.err().unwrap_or(reason))?;
        }
        let begin = format!("{}_", package.name);
        let is_it = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begin));
        let entries = fs::read_dir(files).map_err(|error| error.to_string())?;
        entries.flatten().map(|entry| entry.path()).find(is_it).ok_or_else(|| format!("{} is nowhere", package.name))
    }

    /// Makes a state of apt for a suite.
    fn prepare(&self, apt: &Path, suite: &str) -> Result<()> {
        for folder in ["sources", "cache/archives/partial", "files", "state", "lists/partial"] {
            fs::create_dir_all(apt.join(folder)).map_err(|error| error.to_string())?;
        }
        fs::write(apt.join("status"), "").map_err(|error| error.to_string())?;
        let lists = fs::read_dir(SOURCES).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_list = |path: &PathBuf| matches!(path.extension().and_then(OsStr::to_str), Some("sources" | "list"));
        let mut has_suite = false;
        for list in lists.filter(is_list).chain([PathBuf::from("/etc/apt/sources.list")]) {
            let Ok(text) = fs::read_to_string(&list) else { continue };
            let text = if self.own.is_empty() { text } else { text.replace(&self.own, suite) };
            has_suite |= text.contains(suite);
            let copy = apt.join("sources").join(list.file_name().expect("a file"));
            fs::write(copy, text).map_err(|error| error.to_string())?;
        }
        if has_suite { Ok(()) } else { Err(format!("/etc/apt names no mirror of Debian's {suite}")) }
    }
}

/// apt-get with the state in this folder.
fn apt_get(apt: &Path) -> Command {
    let options = [
        ("Dir::State", "state"),
        ("Dir::State::lists", "lists"),
        ("Dir::State::status", "status"),
        ("Dir::Cache", "cache"),
        ("Dir::Etc::sourcelist", "none"),
        ("Dir::Etc::sourceparts", "sources"),
    ];
    let mut command = Command::new("apt-get");
    command.args(["-q", "-o", "APT::Sandbox::User=root"]);
    for (option, name) in options {
        command.arg("-o").arg(format!("{option}={}", apt.join(name).display()));
    }
    command
}

/// Runs a tool; returns what it has written, or why it failed in one line.
fn run(command: &mut Command) -> Result<String> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{tool}: {error} (this needs Debian)"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let first = errors.lines().find(|line| line.starts_with("E:")).or(errors.lines().next());
    Err(format!("{tool}: {}", first.unwrap_or("failed without a word")))
}
