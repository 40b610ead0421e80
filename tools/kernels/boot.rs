//! A kernel in a machine of QEMU's, and what it printed.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The machine, which any processor can emulate: chimera must not need more than this one has.
pub const QEMU: &str = "qemu-system-x86_64";

/// How long a boot may take, on a machine that is busy with something else.
const LIMIT: Duration = Duration::from_secs(1800);

/// Boots, and waits until the machine is off. There are two serial lines: one for the kernel, one for what the script
/// prints, so that no word of the kernel's falls into a line of it. The words are added to the kernel's command line.
pub fn boot(kernel: &Path, initramfs: &Path, words: &str, console: &Path, results: &Path) -> Result<(), String> {
    let line = |file: &Path| format!("file:{}", file.display());
    let mut machine = Command::new(QEMU)
        .args(["-accel", "tcg", "-cpu", "qemu64", "-smp", "2", "-m", "512", "-no-reboot"])
        .args(["-display", "none", "-nic", "none", "-monitor", "none"])
        .args(["-append", &format!("console=ttyS0 quiet panic=-1 {words}")])
        .arg("-kernel")
        .arg(kernel)
        .arg("-initrd")
        .arg(initramfs)
        .args(["-serial", &line(console), "-serial", &line(results)])
        .stdin(Stdio::null())
        .stderr(File::create(console.with_extension("qemu")).map_err(|error| error.to_string())?)
        .spawn()
        .map_err(|error| format!("{QEMU}: {error}"))?;
    wait(&mut machine)
}

fn wait(machine: &mut Child) -> Result<(), String> {
    let start = Instant::now();
    loop {
        match machine.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("{QEMU}: {status}")),
            Ok(None) if start.elapsed() < LIMIT => sleep(Duration::from_millis(200)),
            Ok(None) => {
                let _ = machine.kill();
                let _ = machine.wait();
                return Err(format!("not off after {} s", LIMIT.as_secs()));
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}
