//! The program as /init, `check::init`: tells on the console what goes wrong on the way.

use super::refusal::{self, About};
use super::status::Status;
use crate::check::init::{self, Init};
use crate::clone::flags::Flags;
use crate::error::{At, Failure, Step, Why};
use crate::report::page::Console;
use crate::sys::futex;
use crate::text::out;
use core::sync::atomic::AtomicU32;

/// Runs the check that the kernel's command line asks for, and turns the machine off.
pub fn serve(init: &Init) -> ! {
    init.open_console();
    let mut console = Console::new();
    match init.await_check(|| check(&mut Console::new())) {
        Ok(status) => {
            if let Some(signal) = status.killed_by() {
                tell(&mut console, Failure { step: Step::Killed, why: Why::Signal(signal) });
            }
        }
        Err(failure) => tell(&mut console, failure),
    }
    tell(&mut console, init.power_off());
    // Not turned off, the machine waits as it is: the kernel would panic at the end of process 1.
    let word = AtomicU32::new(0);
    loop {
        let _ = futex::wait(&word, 0, u32::MAX);
    }
}

/// Says in one line what failed. Process 1 itself looks for no cause: whatever looks might end it.
fn tell(console: &mut Console, failure: Failure) {
    let page = &mut console.err;
    out!(page, "chimera: ", failure.step.name(), ": ", failure.why, "\n");
}

/// In the child: becomes the check. A check without /proc, or with the usual groups, is better than none.
fn check(console: &mut Console) -> i32 {
    if let Err(failure) = init::mount_proc().at(Step::MountProc) {
        refusal::explain(console, About::Word(Flags::empty().into(), b"/proc"), failure);
    }
    let mut room = init::ROOM;
    let line = init::command_line(&mut room).at(Step::CommandLine).unwrap_or_else(|failure| {
        refusal::explain(console, About::Nothing, failure);
        b""
    });
    refusal::explain(console, About::Nothing, init::become_check(line));
    Status::Failed as i32
}
