//! Tests that cannot be done here, each with the reason: a test that is left out must not be taken for one that passed.
//!
//! Libtest has no such result, so the test says so and returns. Where the environment names a file
//! (CHIMERA_SKIPS), a line goes there too, which the runner of all tests reads: it counts the test as skipped.

use std::fmt::Display;
use std::fs::File;
use std::io::Write;

/// The test that calls this is left out.
pub fn skip(reason: impl Display) {
    note("skipped", &reason.to_string());
}

/// A part of the test that calls this is left out; the rest decides.
pub fn skip_part(reason: impl Display) {
    note("in part", &reason.to_string());
}

fn note(how: &str, reason: &str) {
    eprintln!("SKIP: {reason}");
    let Some(path) = std::env::var_os("CHIMERA_SKIPS") else { return };
    let line = format!("{how}\t{}\t{}\t{}\n", program(), test(), reason.replace(['\n', '\t'], " "));
    let mut file = File::options().append(true).create(true).open(path).expect("the list of skipped tests");
    file.write_all(line.as_bytes()).expect("a line about a skipped test");
}

/// The test program, without the hash that cargo gives it.
fn program() -> String {
    let own = std::env::current_exe().expect("the path of this program");
    let name = own.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    name.rsplit_once('-').map_or(name.clone(), |(name, _)| name.to_owned())
}

/// The test: libtest names the thread after it, or runs it in the first thread because the command line asks for it alone.
fn test() -> String {
    let alone = || std::env::args().skip_while(|word| word != "--exact").nth(1);
    match std::thread::current().name() {
        Some("main") => alone().unwrap_or_else(|| "main".into()),
        name => name.unwrap_or("a thread").to_owned(),
    }
}

/// Whether a tool is installed.
pub fn is_installed(tool: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()))
}

/// Whether a tool is installed; if not, the test that calls this is left out.
pub fn has(tool: &str) -> bool {
    let found = is_installed(tool);
    if !found {
        skip(format!("{tool} is not installed"));
    }
    found
}
