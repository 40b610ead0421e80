//! Values that can be written, and where to.

use super::number::{LONGEST, digits};
use super::style::Style;

/// The width of a page that is no terminal.
pub const WIDTH: usize = 80;

/// A destination for bytes: a page, an array, a JSON string.
pub trait Sink {
    /// Appends bytes.
    fn put(&mut self, bytes: &[u8]);

    /// The number of characters since the last line end.
    fn column(&self) -> usize;

    /// The number of characters that a line may have.
    fn width(&mut self) -> usize {
        WIDTH
    }

    /// Changes how what follows looks, where looks can change; takes no room in the line.
    fn paint(&mut self, _style: Style) {}
}

/// A value that can write itself.
pub trait Show {
    /// Writes the value.
    fn show(&self, out: &mut dyn Sink);
}

/// Writes parts, one after another: `out!(page, "pid ", pid, "\n")`. The first argument is a `&mut` to a [`Sink`], all
/// others are [`Show`].
///
/// [`Sink`]: crate::text::Sink
/// [`Show`]: crate::text::Show
#[macro_export]
macro_rules! out {
    ($sink:expr $(, $part:expr)+ $(,)?) => {{
        let sink: &mut dyn $crate::text::Sink = &mut *$sink;
        $($crate::text::Show::show(&$part, sink);)+
    }};
}

impl<T: Show + ?Sized> Show for &T {
    fn show(&self, out: &mut dyn Sink) {
        T::show(self, out);
    }
}

/// As it is.
impl Show for str {
    fn show(&self, out: &mut dyn Sink) {
        out.put(self.as_bytes());
    }
}

/// `true` or `false`.
impl Show for bool {
    fn show(&self, out: &mut dyn Sink) {
        if *self { "true" } else { "false" }.show(out);
    }
}

/// `null` for none.
impl<T: Show> Show for Option<T> {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Some(value) => value.show(out),
            None => "null".show(out),
        }
    }
}

/// Two parts as one value.
impl<A: Show, B: Show> Show for (A, B) {
    fn show(&self, out: &mut dyn Sink) {
        self.0.show(out);
        self.1.show(out);
    }
}

/// Three parts as one value.
impl<A: Show, B: Show, C: Show> Show for (A, B, C) {
    fn show(&self, out: &mut dyn Sink) {
        self.0.show(out);
        self.1.show(out);
        self.2.show(out);
    }
}

impl Show for usize {
    fn show(&self, out: &mut dyn Sink) {
        out.put(digits(*self, 10, &mut [0; LONGEST]));
    }
}

impl Show for i64 {
    fn show(&self, out: &mut dyn Sink) {
        if *self < 0 {
            "-".show(out);
        }
        self.unsigned_abs().show(out);
    }
}

/// Numbers that are shown by way of a wider type.
macro_rules! as_wider {
    ($($number:ty as $wider:ty;)*) => {
        $(impl Show for $number {
            fn show(&self, out: &mut dyn Sink) {
                (*self as $wider).show(out);
            }
        })*
    };
}

as_wider! {
    u64 as usize;
    u32 as usize;
    u16 as usize;
    u8 as usize;
    i32 as i64;
}
