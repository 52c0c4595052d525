//! The tables of `matrix --by class`: which sets of classes open what to which, and beside it who is of a class, which
//! classes are in a set, and what works.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Cell, Columns, Facts, Kind, Part};
use crate::render::ranges::ranges;
use crate::verify::{ClassAnswer, ClassBlock, ClassMember, Effort};

/// From which set of classes to which, and what works: the table that has the others beside it.
pub const CLASSES: &str = "pathproof.classes.parquet/1";

const MEMBERS: &str = "pathproof.classes.members.parquet/1";
const SETS: &str = "pathproof.classes.sets.parquet/1";
const SERVICES: &str = "pathproof.classes.services.parquet/1";

/// What stands beside it, in this order.
pub const BESIDE: [(&str, &str); 3] =
    [("members", MEMBERS), ("sets", SETS), ("services", SERVICES)];

const CLASSES_COLUMNS: Columns = &[
    ("block", Kind::Index),
    ("from_set", Kind::Index),
    ("to_set", Kind::Index),
    ("service", Kind::Index),
];

const MEMBERS_COLUMNS: Columns = &[
    ("block", Kind::Index),
    ("class", Kind::Index),
    ("name", Kind::Text),
    ("first", Kind::Optional),
    ("last", Kind::Optional),
    ("vpc", Kind::Optional),
    ("subnet", Kind::Optional),
];

const SETS_COLUMNS: Columns =
    &[("block", Kind::Index), ("side", Kind::Text), ("set", Kind::Index), ("class", Kind::Index)];

const SERVICES_COLUMNS: Columns = &[
    ("service", Kind::Index),
    ("verdict", Kind::Text),
    ("part", Kind::Text),
    ("protocol", Kind::Text),
    ("source", Kind::Optional),
    ("destination", Kind::Optional),
    ("first_source_port", Kind::Index),
    ("last_source_port", Kind::Index),
    ("first_port", Kind::Index),
    ("last_port", Kind::Index),
];

/// Where the number of the service stands in [`CLASSES_COLUMNS`] and [`SERVICES_COLUMNS`].
const SERVICE: (usize, usize) = (3, 0);

/// The columns of one of these tables.
#[must_use]
pub fn columns(schema: &str) -> Columns {
    match schema {
        CLASSES => CLASSES_COLUMNS,
        MEMBERS => MEMBERS_COLUMNS,
        SETS => SETS_COLUMNS,
        SERVICES => SERVICES_COLUMNS,
        _ => &[],
    }
}

/// The tables, block by block.
pub struct ClassesTold {
    part: Part,
    known: HashMap<Arc<ClassAnswer>, i64>,
}

impl ClassesTold {
    /// The tables without rows.
    #[must_use]
    pub fn new(
        facts: Facts,
        (service, source_port): (&str, &str),
        effort: Effort,
        warnings: &[Value],
    ) -> Self {
        let head = json!({
            "by": "class",
            "service": service,
            "source_port": source_port,
            "instances": effort.instances.to_string(),
            "classes": effort.classes,
            "rules": effort.rules,
            "diagnostics": warnings,
        });
        Self { part: Part::new(facts, head), known: HashMap::new() }
    }

    /// One block more; blocks come in order.
    pub fn add(&mut self, block: &ClassBlock) {
        let number = Cell::Number(i64::try_from(block.number).unwrap_or(i64::MAX));
        let [members, sets, services] = self.part.beside.as_mut_slice() else {
            return;
        };
        for member in &block.members {
            add_member(members, number, member);
        }
        for (side, own) in [("from", &block.from), ("to", &block.to)] {
            for (set, class) in own {
                let [set, class] = [*set, *class].map(|it| Cell::Number(it.into()));
                sets.table.push(&[number, Cell::Text(side), set, class]);
            }
        }
        // Numbered as they are met, so that slices one after the other number them as one run does.
        for (from, to, answer) in &block.cells {
            let answer = &block.answers[*answer as usize];
            let next = i64::try_from(self.known.len()).unwrap_or(i64::MAX);
            let service = self.known.get(answer).copied().unwrap_or_else(|| {
                self.known.insert(Arc::clone(answer), next);
                add_service(services, next, answer);
                next
            });
            let [from, to] = [*from, *to].map(|it| Cell::Number(it.into()));
            let row = [number, from, to, Cell::Number(service)];
            self.part.table.push(&row);
        }
    }

    /// All of them.
    #[must_use]
    pub fn part(self) -> Part {
        self.part
    }
}

fn add_member(members: &mut Part, block: Cell<'_>, member: &ClassMember) {
    let address = |address: IpAddr| address.to_string();
    let first = member.addresses.map(|(first, _)| address(first));
    let last = member.addresses.map(|(_, last)| address(last));
    members.table.push(&[
        block,
        Cell::Number(member.class.into()),
        Cell::Text(&member.name),
        Cell::optional(first.as_deref()),
        Cell::optional(last.as_deref()),
        Cell::optional(member.vpc.as_deref()),
        Cell::optional(member.subnet.as_deref()),
    ]);
}

fn add_service(services: &mut Part, service: i64, answer: &ClassAnswer) {
    let parts = [
        ("works", &answer.works),
        ("sometimes", &answer.sometimes),
        ("undetermined", &answer.undetermined),
    ];
    for (part, rows) in parts {
        for range in rows.iter().flat_map(ranges) {
            let [(a, b), (c, d)] = [range.source_ports, range.ports];
            let [a, b, c, d] = [a, b, c, d].map(|port| Cell::Number(port.into()));
            services.table.push(&[
                Cell::Number(service),
                Cell::Text(answer.verdict.name()),
                Cell::Text(part),
                Cell::Text(&range.protocol),
                Cell::optional(range.source.as_deref()),
                Cell::optional(range.destination.as_deref()),
                a,
                b,
                c,
                d,
            ]);
        }
    }
}

/// Puts the tables of the next slice after those of the ones before; services that are known keep their numbers.
pub fn append(whole: &mut Part, part: &Part) {
    let known = numbered(&whole.beside[2]);
    let mut next = i64::try_from(known.len()).unwrap_or(i64::MAX);
    let mut numbers: HashMap<i64, i64> = HashMap::new();
    let mut more: Vec<i64> = Vec::new();
    let mut own: Vec<(Vec<String>, i64)> = numbered(&part.beside[2]).into_iter().collect();
    own.sort_by_key(|(_, service)| *service);
    for (rows, service) in own {
        let number = known.get(&rows).copied().unwrap_or_else(|| {
            more.push(service);
            next += 1;
            next - 1
        });
        numbers.insert(service, number);
    }
    let renumber = |cell: &mut Cell<'_>| {
        if let Cell::Number(service) = cell {
            *service = numbers.get(service).copied().unwrap_or(*service);
        }
    };
    whole.table.append(&part.table, |row| {
        renumber(&mut row[SERVICE.0]);
        true
    });
    for (whole, part) in whole.beside.iter_mut().zip(&part.beside) {
        let is_services = part.facts.schema == SERVICES;
        whole.table.append(&part.table, |row| {
            if !is_services {
                return true;
            }
            let is_new = row[SERVICE.1].number().is_some_and(|it| more.contains(&it));
            renumber(&mut row[SERVICE.1]);
            is_new
        });
    }
}

/// What each service of a table is, as text, with its number.
fn numbered(services: &Part) -> HashMap<Vec<String>, i64> {
    let mut all: HashMap<i64, Vec<String>> = HashMap::new();
    for row in 0..services.table.rows() {
        let row = services.table.row(row);
        if let [Cell::Number(service), own @ ..] = row.as_slice() {
            all.entry(*service).or_default().push(format!("{own:?}"));
        }
    }
    all.into_iter().map(|(number, rows)| (rows, number)).collect()
}
