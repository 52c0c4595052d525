//! Equal endpoints of one home are drawn as one block where there are many.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::boxes::{Line, Shape, Tone};
use crate::id::Id;

/// So many endpoints of one home are drawn each by itself.
const EACH: usize = 8;

/// An endpoint before it becomes a block.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) id: Id,
    pub(super) shape: Shape,
    /// What stands under its name.
    pub(super) lines: Vec<Line>,
    /// What it is in short, and its address: for the line of many.
    pub(super) what: String,
    pub(super) address: String,
    /// Those with the same are equal; nothing = equal to nobody.
    pub(super) alike: Option<String>,
    /// For how many of its kind it stands.
    pub(super) ends: usize,
}

/// A block for one entry or for several equal ones.
pub(super) struct Gathered {
    pub(super) ids: Vec<Id>,
    pub(super) ends: usize,
    pub(super) shape: Shape,
    pub(super) lines: Vec<Line>,
}

/// Blocks in the order of the file; `keep` are never drawn together with others.
pub(super) fn gather(entries: Vec<Entry>, keep: &HashSet<Id>) -> Vec<Gathered> {
    let many = entries.len() > EACH;
    let mut groups: IndexMap<String, Vec<Entry>> = IndexMap::new();
    for entry in entries {
        let alike = entry.alike.as_ref().filter(|_| many && !keep.contains(&entry.id));
        // A control character is in no id, so nobody is alike by accident.
        let key = alike.map_or_else(|| format!("\u{1}{}", entry.id), String::clone);
        groups.entry(key).or_default().push(entry);
    }
    let groups = groups.into_values();
    groups.map(|entries| block(&entries)).collect()
}

fn block(entries: &[Entry]) -> Gathered {
    let ids: Vec<Id> = entries.iter().map(|entry| entry.id.clone()).collect();
    let lines = match entries {
        [only] => {
            let name = Line::new(Tone::Name, only.id.as_str());
            std::iter::once(name).chain(only.lines.clone()).collect()
        }
        _ => of_many(entries),
    };
    let shape = entries.first().map_or(Shape::Machine, |entry| entry.shape);
    let ends = entries.iter().map(|entry| entry.ends).sum();
    Gathered { ids, ends, shape, lines }
}

/// `ins-web-1 … ins-web-20 (20)`.
fn of_many(entries: &[Entry]) -> Vec<Line> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Vec::new();
    };
    let name = format!("{} … {} ({})", first.id, last.id, entries.len());
    let addresses = format!("{} {} … {}", first.what, first.address, last.address);
    let mut lines = vec![Line::new(Tone::Name, name), Line::new(Tone::Plain, addresses)];
    let warnings = first.lines.iter().filter(|line| line.tone == Tone::Warn);
    lines.extend(warnings.cloned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(count: usize) -> Vec<Entry> {
        let entries = (1..=count).map(|number| Entry {
            id: format!("ins-{number}").into(),
            shape: Shape::Machine,
            lines: vec![Line::new(Tone::Plain, format!("CVM 10.0.0.{number}"))],
            what: "CVM".to_owned(),
            address: format!("10.0.0.{number}"),
            ends: 1,
            alike: Some(if number % 2 == 0 { "even" } else { "odd" }.to_owned()),
        });
        entries.collect()
    }

    #[test]
    fn few_endpoints_stand_each_by_itself() {
        let blocks = gather(entries(EACH), &HashSet::new());
        assert_eq!(blocks.len(), EACH);
        assert_eq!(blocks[0].lines[1].text, "CVM 10.0.0.1");
    }

    #[test]
    fn many_equal_endpoints_are_one_block() {
        let blocks = gather(entries(20), &HashSet::new());
        let names: Vec<_> = blocks.iter().map(|block| &block.lines[0].text).collect();
        assert_eq!(names, ["ins-1 … ins-19 (10)", "ins-2 … ins-20 (10)"]);
        assert_eq!(blocks[1].lines[1].text, "CVM 10.0.0.2 … 10.0.0.20");
        assert_eq!(blocks[1].ids.len(), 10);
    }

    #[test]
    fn the_ends_of_a_connection_stand_apart() {
        let keep = HashSet::from([Id::from("ins-2")]);
        let blocks = gather(entries(20), &keep);
        let names: Vec<_> = blocks.iter().map(|block| &block.lines[0].text).collect();
        let expected = ["ins-1 … ins-19 (10)", "ins-2", "ins-4 … ins-20 (9)"];
        assert_eq!(names, expected);
    }
}
