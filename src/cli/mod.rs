//! The command line: arguments in, pages and an exit status out.

pub mod bench;
pub mod call;
pub mod check;
pub mod clone;
pub mod command;
pub mod common;
pub mod doctor;
pub mod explain;
pub mod form;
pub mod generate;
pub mod help;
pub mod init;
pub mod inspect;
pub mod merge;
pub mod misuse;
pub mod options;
pub mod output;
pub mod quiz;
pub mod raised;
pub mod refusal;
pub mod rules;
pub mod run;
pub mod stack;
pub mod status;
pub mod sweep;
pub mod table;
pub mod tour;
pub mod version;
pub mod words;

use crate::check::init::Init;
use crate::report::page::Console;
use crate::run::dispositions;
use crate::sys::exec;
use crate::sys::initial::InitialStack;
use crate::text::out;
use common::finish;
use misuse::Misuse;
use options::{All, Program, Settings};
use status::Status;
use table::{Request, help_of_all};

/// Runs the program; returns the exit status.
pub fn main(stack: &InitialStack) -> i32 {
    exec::remember_environment(stack);
    if let Some(init) = Init::prove(stack) {
        init::serve(&init);
    }
    let request = Request::find(stack);
    let settings = request.settings();
    // A start that only prints the version takes no more than that. If it cannot be printed, the usual way says why.
    let is_version = matches!(settings, Ok(Settings { version: true, help: false, .. }));
    if is_version && !stack.is_secure() && version::print().is_ok() {
        return Status::Proven as i32;
    }
    perform(stack, &request, settings)
}

/// Does what the command line asks for, and returns the exit status.
#[inline(never)] // its frame holds the lines of both pages, which a start that prints the version need not touch
fn perform(stack: &InitialStack, request: &Request, settings: Result<Settings, Misuse<'static>>) -> i32 {
    let mut console = Console::new();
    if raised::refuses(&mut console, stack) {
        return request.failure(Status::Failed);
    }
    // A program that runs in place inherits the caller's dispositions.
    if request.command.program != Program::Plain {
        dispositions::prepare();
    }
    let answered = settings.and_then(|settings| answer(&mut console, stack, request, settings));
    let status = answered.unwrap_or_else(|misuse| usage(&mut console, request, misuse));
    finish(&mut console, status)
}

/// Runs the command, unless its help or the version is asked for.
fn answer(
    console: &mut Console,
    stack: &InitialStack,
    request: &Request,
    settings: Settings,
) -> Result<i32, Misuse<'static>> {
    console.out.set_colors(settings.colors);
    console.err.set_colors(settings.colors);
    match settings {
        Settings { help: true, .. } if request.is_named => help::of(&mut console.out, request.command),
        Settings { help: true, .. } => help_of_all(&mut console.out),
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
        _ => out!(page, "; see chimera", if name.is_empty() { "" } else { " " }, name, " --help\n"),
    }
    request.failure(Status::Usage)
}
