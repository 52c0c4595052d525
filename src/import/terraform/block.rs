//! Nested blocks: which line of a value comes from which block of the configuration.
//!
//! A `dynamic` block leaves lines without expressions, so lines and expressions are matched, not zipped: in order, an
//! expression fits a line if its constants agree and nothing is set that it does not mention.

use serde_json::Value;

use super::input::{Input, NOTHING, get, is_unset, list};
use super::resolve::{Attribute, Unresolved, attribute_of, lost, text_of};
use super::scope::Frame;

/// Whether the lines of a block stand in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// They do.
    Kept,
    /// They are a set.
    Free,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub struct Line<'j> {
    /// What is known of it.
    pub values: &'j Value,
    unknown: &'j Value,
    expression: Option<&'j Value>,
}

/// What the provider fills in where nothing is written.
const FILLED: [&str; 5] = ["protocol", "port", "policy_index", "weight", "description"];

impl<'j> Line<'j> {
    /// One attribute of the line.
    pub fn attribute(&self, name: &str) -> Attribute<'j> {
        let expression = self.expression.map_or(NOTHING, |expression| get(expression, name));
        let attribute = attribute_of(get(self.values, name), get(self.unknown, name), expression);
        let is_unknown = *get(self.unknown, name) == Value::Bool(true);
        match attribute {
            Attribute::Unset if is_unknown && !FILLED.contains(&name) => Attribute::Lost,
            other => other,
        }
    }

    /// The text of an attribute; empty if it is not set.
    pub fn text(&self, name: &str) -> String {
        text_of(get(self.values, name)).unwrap_or_default()
    }
}

impl<'j> Input<'j> {
    /// The lines of a nested block.
    pub fn lines(
        &self,
        resource: usize,
        name: &str,
        order: Order,
    ) -> Result<Vec<Line<'j>>, Unresolved> {
        let of = &self.resources[resource];
        let unknown = get(of.unknown, name);
        if *unknown == Value::Bool(true) {
            let expression = get(get(of.block, "expressions"), name);
            return if expression.is_null() { Ok(Vec::new()) } else { Err(lost()) };
        }
        let expressions = get(get(of.block, "expressions"), name);
        Ok(self.matched(resource, get(of.values, name), unknown, expressions, order))
    }

    /// The lines of a block within a line, in order.
    pub fn inner(
        &self,
        resource: usize,
        line: &Line<'j>,
        name: &str,
    ) -> Result<Vec<Line<'j>>, Unresolved> {
        let unknown = get(line.unknown, name);
        if *unknown == Value::Bool(true) {
            return Err(lost());
        }
        let expressions = line.expression.map_or(NOTHING, |it| get(it, name));
        let values = get(line.values, name);
        Ok(self.matched(resource, values, unknown, expressions, Order::Kept))
    }

    fn matched(
        &self,
        resource: usize,
        values: &'j Value,
        unknown: &'j Value,
        expressions: &'j Value,
        order: Order,
    ) -> Vec<Line<'j>> {
        let (values, unknown) = (list(values), list(unknown));
        let expressions = list(expressions);
        // a line of which nothing is known may be missing among the values
        let lines = 0..values.len().max(unknown.len());
        let lines = lines.map(|index| Line {
            values: values.get(index).unwrap_or(NOTHING),
            unknown: unknown.get(index).unwrap_or(NOTHING),
            expression: None,
        });
        let lines: Vec<Line<'j>> = lines.collect();
        let frame = self.frame(resource);
        let fits = |line: &Line<'j>, expression: &'j Value| self.fits(&frame, line, expression);
        let matched = match order {
            Order::Kept => in_order(&lines, expressions, &fits),
            Order::Free => as_set(&lines, expressions, &fits),
        };
        let lines = lines.into_iter().zip(matched);
        let lines = lines.map(|(line, expression)| Line { expression, ..line });
        lines.collect()
    }

    fn fits(&self, frame: &Frame<'j>, line: &Line<'j>, expression: &'j Value) -> bool {
        let Some(mentioned) = expression.as_object() else {
            return false;
        };
        let agrees = |name: &String, expression: &'j Value| {
            let is_known = *get(line.unknown, name) != Value::Bool(true);
            match self.value(frame, expression) {
                Some(value) if is_known => same(&value, get(line.values, name)),
                Some(_) => false,
                None => true,
            }
        };
        let filled = |name: &String| FILLED.contains(&name.as_str());
        let values = line.values.as_object();
        let unknown = line.unknown.as_object();
        mentioned.iter().all(|(name, expression)| agrees(name, expression))
            && values.into_iter().flatten().all(|(name, value)| {
                mentioned.contains_key(name)
                    || filled(name)
                    || is_unset(value)
                    || *value == Value::Bool(false)
                    || *value == 0
            })
            && unknown.into_iter().flatten().all(|(name, value)| {
                mentioned.contains_key(name) || filled(name) || *value != Value::Bool(true)
            })
    }
}

fn same(one: &Value, other: &Value) -> bool {
    let unset = |value: &Value| is_unset(value) || *value == Value::Bool(false);
    one == other
        || (unset(one) && unset(other))
        || text_of(one).is_some_and(|text| text_of(other) == Some(text))
}

/// For every line the expression that it must come from, if there is exactly one.
fn in_order<'j>(
    lines: &[Line<'j>],
    expressions: &'j [Value],
    fits: &dyn Fn(&Line<'j>, &'j Value) -> bool,
) -> Vec<Option<&'j Value>> {
    let (rows, columns) = (lines.len(), expressions.len());
    let fits: Vec<Vec<bool>> =
        lines.iter().map(|line| expressions.iter().map(|it| fits(line, it)).collect()).collect();
    // before[i][j]: the first j expressions find lines among the first i; after: the same from the end
    let mut before = vec![vec![false; columns + 1]; rows + 1];
    let mut after = vec![vec![false; columns + 1]; rows + 1];
    for row in 0..=rows {
        for column in 0..=columns {
            before[row][column] = column == 0
                || (row > 0
                    && (before[row - 1][column]
                        || (before[row - 1][column - 1] && fits[row - 1][column - 1])));
        }
    }
    for row in (0..=rows).rev() {
        for column in (0..=columns).rev() {
            after[row][column] = column == columns
                || (row < rows
                    && (after[row + 1][column]
                        || (after[row + 1][column + 1] && fits[row][column])));
        }
    }
    let choose = |row: usize| {
        let may_be_dynamic =
            (0..=columns).any(|column| before[row][column] && after[row + 1][column]);
        let mut possible = (0..columns).filter(|column| {
            before[row][*column] && fits[row][*column] && after[row + 1][column + 1]
        });
        let one = possible.next()?;
        (possible.next().is_none() && !may_be_dynamic).then(|| &expressions[one])
    };
    (0..rows).map(choose).collect()
}

/// The same for a set, whose order means nothing: only a line that no other could stand for is matched, or lines
/// that are all the same.
fn as_set<'j>(
    lines: &[Line<'j>],
    expressions: &'j [Value],
    fits: &dyn Fn(&Line<'j>, &'j Value) -> bool,
) -> Vec<Option<&'j Value>> {
    let mut found = vec![None; lines.len()];
    for (row, line) in lines.iter().enumerate() {
        let own: Vec<usize> =
            (0..expressions.len()).filter(|column| fits(line, &expressions[*column])).collect();
        let rivals: Vec<usize> = (0..lines.len())
            .filter(|other| own.iter().any(|it| fits(&lines[*other], &expressions[*it])))
            .collect();
        let alike = |other: &usize| lines[*other].values == line.values;
        if own.len() == rivals.len() && rivals.iter().all(alike) {
            let place = rivals.iter().position(|other| *other == row);
            found[row] = place.and_then(|place| expressions.get(*own.get(place)?));
        }
    }
    found
}
