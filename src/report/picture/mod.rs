//! Pictures of two tasks and what they point to: what both share stands between them, and what each has alone at its side.
//!
//! A picture is one value, made once, and each language has a writer for it. Whatever the language, a picture says which
//! call was made, what came of it and why; of a call that made no task it shows no child.

pub mod findings;
pub mod sheet;
pub mod value;

mod dot;
mod mermaid;
mod svg;
mod text;

use crate::text::Sink;
use value::Picture;

/// The language of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// Text, for a terminal.
    Text,
    /// SVG.
    Svg,
    /// That of dot(1).
    Dot,
    /// Mermaid.
    Mermaid,
}

/// Writes a picture.
pub fn write(out: &mut dyn Sink, picture: &Picture, language: Language) {
    match language {
        Language::Text => text::write(out, picture),
        Language::Svg => svg::write(out, picture),
        Language::Dot => dot::write(out, picture),
        Language::Mermaid => mermaid::write(out, picture),
    }
}
