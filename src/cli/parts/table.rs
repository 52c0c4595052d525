//! A table in memory, column by column: a text that stands in many rows is kept once.

use std::collections::HashMap;
use std::sync::Arc;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A text, or nothing.
    Optional,
    /// A whole number, of 64 bits.
    Number,
    /// A whole number, of 32 bits.
    Index,
    /// Yes or no.
    Flag,
}

/// Columns by name.
pub type Columns = &'static [(&'static str, Kind)];

/// A field of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell<'a> {
    /// Nothing.
    None,
    /// A text.
    Text(&'a str),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
}

impl<'a> Cell<'a> {
    /// A text, or nothing.
    #[must_use]
    pub fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, Self::Text)
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// A column with what it holds, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// Texts.
    Text(Texts),
    /// Whole numbers.
    Number(Vec<i64>),
    /// Whole numbers that are small.
    Index(Vec<i32>),
    /// Yes or no.
    Flag(Vec<bool>),
}

impl Column {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text | Kind::Optional => Self::Text(Texts::default()),
            Kind::Number => Self::Number(Vec::new()),
            Kind::Index => Self::Index(Vec::new()),
            Kind::Flag => Self::Flag(Vec::new()),
        }
    }

    fn push(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Self::Text(texts), cell) => texts.push(cell.text()),
            (Self::Number(all), cell) => all.push(cell.number().unwrap_or(0)),
            (Self::Index(all), cell) => {
                let number = cell.number().unwrap_or(0);
                all.push(i32::try_from(number).unwrap_or(i32::MAX));
            }
            (Self::Flag(all), cell) => all.push(cell == Cell::Flag(true)),
        }
    }

    fn get(&self, row: usize) -> Option<Cell<'_>> {
        Some(match self {
            Self::Text(texts) => texts.get(row)?,
            Self::Number(all) => Cell::Number(*all.get(row)?),
            Self::Index(all) => Cell::Number((*all.get(row)?).into()),
            Self::Flag(all) => Cell::Flag(*all.get(row)?),
        })
    }
}

/// Stands for nothing among the numbers of texts.
const NOTHING: u32 = u32::MAX;

/// Texts, each different one kept once.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    known: HashMap<Arc<str>, u32>,
    values: Vec<Arc<str>>,
    rows: Vec<u32>,
}

impl Texts {
    /// One row more.
    pub fn push(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            self.rows.push(NOTHING);
            return;
        };
        // What stands in many rows mostly stands in the last one.
        let last = self.rows.last().filter(|last| **last != NOTHING);
        if let Some(last) = last
            && *self.values[*last as usize] == *text
        {
            self.rows.push(*last);
            return;
        }
        let at = self.known.get(text).copied().unwrap_or_else(|| {
            let at = u32::try_from(self.values.len()).unwrap_or(NOTHING);
            let text: Arc<str> = text.into();
            self.known.insert(Arc::clone(&text), at);
            self.values.push(text);
            at
        });
        self.rows.push(at);
    }

    /// The text of a row, if it is there, or nothing.
    fn get(&self, row: usize) -> Option<Cell<'_>> {
        let at = *self.rows.get(row)?;
        let text = (at != NOTHING).then(|| &*self.values[at as usize]);
        Some(Cell::optional(text))
    }

    /// The different texts, and which of them stands in each of some rows, if any does.
    pub fn rows(
        &self,
        rows: std::ops::Range<usize>,
    ) -> (&[Arc<str>], impl Iterator<Item = Option<usize>> + '_) {
        let rows = self.rows[rows].iter();
        let rows = rows.map(|at| (*at != NOTHING).then_some(*at as usize));
        (&self.values, rows)
    }
}

/// The same texts in the same rows, in whatever order they became known.
impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        let same = |row| self.get(row) == other.get(row);
        self.rows.len() == other.rows.len() && (0..self.rows.len()).all(same)
    }
}

impl Eq for Texts {}

/// Rows under columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The columns with what they hold, all of one length.
    pub columns: Vec<Column>,
    rows: usize,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(columns: Columns) -> Self {
        let columns = columns.iter().map(|(_, kind)| Column::new(*kind));
        Self { columns: columns.collect(), rows: 0 }
    }

    /// A table of these columns; `None` if they are not of one length.
    #[must_use]
    pub fn of(columns: Vec<Column>, rows: usize) -> Option<Self> {
        let mut all = columns.iter();
        let fits = all.all(|column| match column {
            Column::Text(texts) => texts.rows.len() == rows,
            Column::Number(all) => all.len() == rows,
            Column::Index(all) => all.len() == rows,
            Column::Flag(all) => all.len() == rows,
        });
        fits.then_some(Self { columns, rows })
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// One row more, with a cell for every column.
    pub fn push(&mut self, cells: &[Cell<'_>]) {
        debug_assert_eq!(cells.len(), self.columns.len(), "a cell for every column");
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(*cell);
        }
        self.rows += 1;
    }

    /// A row; nothing of one that is not there.
    #[must_use]
    pub fn row(&self, row: usize) -> Vec<Cell<'_>> {
        let columns = self.columns.iter();
        columns.filter_map(|column| column.get(row)).collect()
    }

    /// The last cell of a row, if it is there.
    #[must_use]
    pub fn last(&self, row: usize) -> Option<Cell<'_>> {
        self.columns.last()?.get(row)
    }

    /// The rows of another table after these: those that `keep`, which may change them, wants.
    pub fn append(&mut self, other: &Self, mut keep: impl FnMut(&mut [Cell<'_>]) -> bool) {
        for row in 0..other.rows {
            let mut cells = other.row(row);
            if keep(&mut cells) {
                self.push(&cells);
            }
        }
    }
}
