//! The command line: arguments in, pages and an exit status out.

pub mod bench;
pub mod call;
pub mod clone;
pub mod command;
pub mod common;
pub mod doctor;
pub mod explain;
pub mod form;
pub mod help;
pub mod inspect;
pub mod misuse;
pub mod options;
pub mod quiz;
pub mod raised;
pub mod refusal;
pub mod rules;
pub mod run;
pub mod stack;
pub mod status;
pub mod table;
pub mod tour;
pub mod version;
pub mod words;

use crate::report::page::Console;
use crate::run::dispositions;
use crate::sys::exec;
use crate::sys::initial::InitialStack;
use crate::text::out;
use common::finish;
use misuse::Misuse;
use options::{All, Program, Settings};
use status::Status;
use table::{COMMANDS, Request};

/// Runs the program; returns the exit status.
pub fn main(stack: &InitialStack) -> i32 {
    exec::remember_environment(stack);
    let mut console = Console::new();
    let request = Request::find(stack);
    if raised::refuses(&mut console, stack) {
        return request.failure(Status::Failed);
    }
    // A program that runs in place inherits the caller's dispositions.
    if request.command.program != Program::Plain {
        dispositions::prepare();
    }
    let status = answer(&mut console, stack, &request).unwrap_or_else(|misuse| usage(&mut console, &request, misuse));
    finish(&mut console, status)
}

/// Runs the command, unless its help or the version is asked for.
fn answer(console: &mut Console, stack: &InitialStack, request: &Request) -> Result<i32, Misuse<'static>> {
    let settings = request.settings()?;
    console.out.set_colors(settings.colors);
    console.err.set_colors(settings.colors);
    match settings {
        Settings { help: true, .. } if request.is_named => help::of(&mut console.out, request.command),
        Settings { help: true, .. } => help::of_all(&mut console.out, &COMMANDS),
        Settings { version: true, .. } => version::show(&mut console.out),
        _ => return (request.command.run)(console, stack, request.words.clone()),
    }
    Ok(Status::Proven as i32)
}

/// Says on fd 2 what is wrong with the command line, and which help to read.
fn usage(console: &mut Console, request: &Request, misuse: Misuse) -> i32 {
    let page = &mut console.err;
    let name = request.command.name;
    out!(page, "chimera");
    if request.is_named {
        out!(page, " ", name);
    }
    out!(page, ": ");
    misuse.show(page, &All(request.command.options));
    // All commands are listed by the help without one.
    match misuse {
        Misuse::NoCommand(..) => out!(page, "; see chimera --help\n"),
        _ => out!(page, "; see chimera ", name, " --help\n"),
    }
    request.failure(Status::Usage)
}
