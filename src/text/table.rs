//! Tables: rows of cells in columns that have names, as wide as their widest cell, and never wider than the page.
//!
//! [`table`] has its rows produced twice, first to measure them and then to write them, so nothing is kept and no column
//! shifts. Where a row takes long to produce, a [`Layout`] is told beforehand how wide cells become. On a page that is too
//! narrow, the last column wraps if it may, and then columns are left out in an order that the table states; a line below
//! the table names them.

use super::form::{Joined, Repeat, Styled};
use super::show::{Show, Sink};
use super::style::Style;
use super::wrap::{Wrapped, characters};
use crate::out;

/// The blanks before a row, and between two columns.
const INDENT: usize = 2;
const GAP: usize = 2;

/// The least width of a column that wraps, unless the column states another.
const LEAST: usize = 24;

/// On which side the cells of a column are aligned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// A column of a table.
#[derive(Clone, Copy)]
pub struct Column {
    name: &'static str,
    side: Side,
    /// The turn in which the column is left out on a narrow page; none for never.
    turn: Option<u8>,
    /// Whether its cells wrap.
    wraps: bool,
    /// The least width of a column that wraps.
    least: usize,
}

impl Column {
    /// A column of texts.
    pub const fn text(name: &'static str) -> Self {
        Self { name, side: Side::Left, turn: None, wraps: false, least: LEAST }
    }

    /// A column of numbers, aligned at their last digit.
    pub const fn number(name: &'static str) -> Self {
        Self { side: Side::Right, ..Self::text(name) }
    }

    /// The last column of a table, whose cells wrap on a page that is too narrow for them.
    pub const fn prose(name: &'static str) -> Self {
        Self { wraps: true, ..Self::text(name) }
    }

    /// Leaves the column out on a narrow page: the one with the lowest turn goes first.
    pub const fn leaves(mut self, turn: u8) -> Self {
        self.turn = Some(turn);
        self
    }

    /// Lets a column of prose become as narrow as this.
    pub const fn least(mut self, width: usize) -> Self {
        self.least = width;
        self
    }
}

/// The cells of a row.
pub type Row<'a, const N: usize> = [&'a dyn Show; N];

/// The rows of a table: calls its argument for each.
pub type Rows<'a, const N: usize> = dyn Fn(&mut dyn FnMut(&Row<'_, N>)) + 'a;

/// Writes a table. `rows` is called twice and has to produce the same rows, one call of its argument for each.
pub fn table<const N: usize>(out: &mut dyn Sink, columns: &[Column; N], rows: &Rows<'_, N>) {
    let mut layout = Layout::new(columns);
    rows(&mut |row| layout.measure(row));
    layout.begin(out);
    rows(&mut |row| layout.row(out, row));
    layout.end(out);
}

/// The columns of a table, with the place of each.
pub struct Layout<'a, const N: usize> {
    columns: &'a [Column; N],
    widths: [usize; N],
    /// Which columns the page has room for.
    shown: [bool; N],
}

impl<'a, const N: usize> Layout<'a, N> {
    /// Columns that are as wide as their names.
    pub fn new(columns: &'a [Column; N]) -> Self {
        let widths = columns.each_ref().map(|column| characters(column.name.as_bytes()));
        Self { columns, widths, shown: [true; N] }
    }

    /// Makes the columns wide enough for a row.
    pub fn measure(&mut self, row: &Row<'_, N>) {
        for (width, cell) in self.widths.iter_mut().zip(row) {
            *width = (*width).max(width_of(*cell));
        }
    }

    /// Fits the columns to the page, and writes their names, if they have any. Nothing is measured after that.
    pub fn begin(&mut self, out: &mut dyn Sink) {
        self.fit(out.width());
        if self.columns.iter().any(|column| !column.name.is_empty()) {
            let names = self.columns.each_ref().map(|column| Styled(Style::Strong, column.name));
            self.row(out, &names.each_ref().map(|name| name as &dyn Show));
        }
    }

    /// Leaves columns out until a page of this width has room for the others; the last one's width is what is left for it.
    fn fit(&mut self, page: usize) {
        let last = N - 1;
        loop {
            let total: usize = (0..N).filter(|place| self.shown[*place]).map(|place| self.widths[place] + GAP).sum();
            let excess = (INDENT + total).saturating_sub(GAP + page);
            let least = self.columns[last].least;
            if excess == 0 {
                return;
            }
            if self.columns[last].wraps && self.shown[last] && self.widths[last] > least {
                self.widths[last] = self.widths[last].saturating_sub(excess).max(least);
                continue;
            }
            let next = (0..N).filter(|place| self.shown[*place] && self.columns[*place].turn.is_some());
            let Some(next) = next.min_by_key(|place| self.columns[*place].turn) else { return };
            self.shown[next] = false;
        }
    }

    /// The room that the last column has, once the columns fit the page.
    pub fn last_width(&self) -> usize {
        self.widths[N - 1]
    }

    /// Writes a row.
    pub fn row(&self, out: &mut dyn Sink, row: &Row<'_, N>) {
        let mut start = INDENT;
        for place in (0..N).filter(|place| self.shown[*place]) {
            let (column, cell) = (&self.columns[place], row[place]);
            let width = width_of(cell);
            let begin = match column.side {
                Side::Left => start,
                Side::Right => start + self.widths[place].saturating_sub(width),
            };
            if width > 0 {
                let blanks = begin.saturating_sub(out.column());
                Repeat(" ", blanks).show(out);
                if column.wraps { Wrapped { text: cell, indent: start }.show(out) } else { cell.show(out) }
            }
            start += self.widths[place] + GAP;
        }
        out!(out, "\n");
    }

    /// Says which columns the page has no room for.
    pub fn end(&self, out: &mut dyn Sink) {
        let names = self.columns.iter().zip(&self.shown).filter(|(_, is_shown)| !**is_shown);
        if self.shown.contains(&false) {
            let text = ("  no room for: ", Joined(", ", names.map(|(column, _)| column.name)));
            out!(out, Wrapped { text, indent: 2 * INDENT }, "\n");
        }
    }
}

/// The number of characters that a value takes.
pub fn width_of(value: &dyn Show) -> usize {
    let mut width = Width(0);
    value.show(&mut width);
    width.0
}

/// Counts characters.
struct Width(usize);

impl Sink for Width {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += characters(bytes);
    }

    fn column(&self) -> usize {
        self.0
    }
}
