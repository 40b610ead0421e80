//! Debian's packages, from the mirror that apt has on this machine.
//!
//! apt gets a folder of its own for what it knows and keeps: nothing is installed, and what the machine's apt knows is
//! not touched. The mirror is asked for more suites than the machine has, for each has kernels of its own.

use crate::Result;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The suites of the main archive and of the security updates.
const SUITES: [&str; 7] =
    ["bullseye", "bookworm", "bookworm-backports", "trixie", "trixie-backports", "sid", "experimental"];
const SECURITY: [&str; 3] = ["bullseye-security", "bookworm-security", "trixie-security"];

/// What the packages are signed with, on a Debian; elsewhere apt's own keys must do.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Kernels for virtual machines: all drivers that a boot needs are built in.
const FLAVOUR: &str = "-cloud-amd64";

/// A version X.Y of Linux.
pub type Series = (u32, u32);

/// A package in a version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// The numbers of the version before its revision, to be compared.
    numbers: Vec<u32>,
    pub version: String,
    pub name: String,
}

impl Package {
    fn new(name: &str, version: &str) -> Self {
        let upstream = version.split(['-', '~']).next().unwrap_or_default();
        let numbers = upstream.split('.').map_while(|number| number.parse().ok()).collect();
        Self { numbers, version: version.to_owned(), name: name.to_owned() }
    }
}

/// The mirror, as apt knows it.
pub struct Mirror {
    folder: PathBuf,
    /// What was in the way of a suite.
    pub notes: Vec<String>,
}

impl Mirror {
    /// Asks the mirror what it has. Where that fails, what it had the last time holds.
    pub fn open(folder: &Path) -> Result<Self> {
        let own = folder.join("apt");
        for name in ["lists/partial", "archives/partial"] {
            std::fs::create_dir_all(own.join(name)).map_err(|error| error.to_string())?;
        }
        // For apt a path without a slash at its beginning is one in / all the same.
        let whole = own.canonicalize().map_err(|error| error.to_string())?;
        let mut mirror = Self { folder: whole, notes: Vec::new() };
        let write =
            |name, text: &str| std::fs::write(mirror.folder.join(name), text).map_err(|error| error.to_string());
        write("status", "")?;
        write("sources.list", &sources()?)?;
        let output = mirror.apt("apt-get").arg("update").output().map_err(|error| format!("apt-get: {error}"))?;
        let errors = String::from_utf8_lossy(&output.stderr);
        mirror.notes = errors.lines().filter(|line| line.starts_with("E: ")).map(str::to_owned).collect();
        Ok(mirror)
    }

    /// The newest kernel of each series.
    pub fn kernels(&self) -> Result<BTreeMap<Series, Package>> {
        // Since 6.19 the kernel is in a package of its own, and the image's package only asks for that one.
        let mut holders = BTreeMap::new();
        for prefix in ["linux-image-", "linux-binary-"] {
            for name in self.lines("apt-cache", &["pkgnames", prefix])? {
                let release = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(FLAVOUR));
                // An image of a bare series holds nothing: it asks for the newest one.
                let Some(release) =
                    release.filter(|release| prefix == "linux-binary-" || release.matches('.').count() > 1)
                else {
                    continue;
                };
                if let Some(series) = series(release) {
                    holders.insert(release.to_owned(), (name, series));
                }
            }
        }
        let by_name: BTreeMap<&str, Series> = holders.values().map(|(name, series)| (&**name, *series)).collect();
        let mut kernels = BTreeMap::new();
        for package in self.versions(&by_name.keys().copied().collect::<Vec<_>>())? {
            let newest = kernels.entry(by_name[&*package.name]).or_insert_with(|| package.clone());
            *newest = package.max(newest.clone());
        }
        Ok(kernels)
    }

    /// All versions of these packages, the newest first for each.
    pub fn versions(&self, names: &[&str]) -> Result<Vec<Package>> {
        let lines = self.lines("apt-cache", &[&["madison"], names].concat())?;
        let package = |line: &String| {
            let mut columns = line.split('|').map(str::trim);
            Some(Package::new(columns.next()?, columns.next()?))
        };
        Ok(lines.iter().filter_map(package).collect())
    }

    /// The one file of a package that has this name, behind which more may follow; downloaded unless it is here.
    pub fn file(&self, package: &Package, wanted: &str) -> Result<PathBuf> {
        let Package { name, version, .. } = package;
        let folder = self.folder.with_file_name(format!("{name}_{version}"));
        let file = folder.join(wanted);
        if file.exists() {
            return Ok(file);
        }
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let mut apt = self.apt("apt-get");
        succeed(apt.current_dir(&folder).args(["download", &format!("{name}={version}")]))?;
        let entry = std::fs::read_dir(&folder).ok().and_then(|mut entries| entries.next()?.ok());
        let archive = entry.ok_or_else(|| format!("apt-get has left no file of {name}"))?.path();
        // To a name of its own first: a file that was cut is not taken for the whole the next time.
        let script = r#"dpkg-deb --fsys-tarfile "$1" | tar -x -O --wildcards "*/$2*" >"$3.part" &&
            rm "$1" && mv "$3.part" "$3""#;
        succeed(Command::new("sh").args(["-c", script, "sh"]).arg(&archive).arg(wanted).arg(&file))?;
        Ok(file)
    }

    /// A program of apt's that has a world of its own.
    fn apt(&self, program: &str) -> Command {
        let folder = self.folder.display();
        let options = [
            format!("Dir::State={folder}"),
            format!("Dir::State::status={folder}/status"),
            format!("Dir::Cache={folder}"),
            format!("Dir::Etc::sourcelist={folder}/sources.list"),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            "APT::Architecture=amd64".to_owned(),
            "APT::Architectures=amd64".to_owned(),
            "APT::Sandbox::User=".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            // A suite that is no longer kept up has an old list for ever.
            "Acquire::Check-Valid-Until=false".to_owned(),
        ];
        let mut command = Command::new(program);
        command.args(options.iter().flat_map(|option| ["-o", option])).stdin(Stdio::null());
        command.env("LC_ALL", "C");
        command
    }

    fn lines(&self, program: &str, words: &[&str]) -> Result<Vec<String>> {
        let text = succeed(self.apt(program).args(words))?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}

/// The list of sources: the suites, at the machine's own mirror.
fn sources() -> Result<String> {
    let text = succeed(Command::new("apt-get").args(["--print-uris", "update"]).stdin(Stdio::null()))?;
    let base = |name: &str| {
        let ends = |base: &&str| base.ends_with(name);
        text.split('\'').filter_map(|uri| Some(uri.split_once("/dists/")?.0)).find(ends)
    };
    let archive = base("/debian").ok_or("the configuration of apt names no mirror of Debian")?;
    let signed = if Path::new(KEYRING).exists() { format!("[signed-by={KEYRING}] ") } else { String::new() };
    let list = |base: &str, suites: &[&str]| {
        suites.iter().map(|suite| format!("deb {signed}{base} {suite} main\n")).collect::<String>()
    };
    Ok(list(archive, &SUITES) + &base("/debian-security").map_or(String::new(), |base| list(base, &SECURITY)))
}

/// The series at the beginning of a version.
pub fn series(version: &str) -> Option<Series> {
    let (major, rest) = version.split_once('.')?;
    let minor = rest.split(|letter: char| !letter.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Runs a program that must succeed, for what it prints.
pub fn succeed(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name}: {}", errors.lines().last().unwrap_or("failed without a word")))
}
