//! A document as the text of a scenario file.
//!
//! For people first: every section lists its entities by VPC and subnet, with a heading where several VPCs are mixed;
//! names stand behind the ids that mean them, comments above what they speak of. The same document gives the same
//! bytes, and what is written loads to the same network.

mod change;
mod filter;
mod layout;
mod record;
mod split;

use rustc_hash::FxHashMap;

use super::document::{Document, Expected, Spot};
use crate::id::Id;
use crate::model::{Entity, Kind, Lies, Meta, Network, Section, sections};
use layout::{Node, Record};

pub use change::write_change;
pub use layout::quoted;
pub use split::split;

/// The text of a scenario file that holds the document.
#[must_use]
pub fn write(document: &Document) -> String {
    scenario(document, &[])
}

/// The file, with the paths that it includes.
fn scenario(document: &Document, include: &[String]) -> String {
    let names = Names::new(document);
    let mut text = String::new();
    let includes = include.iter().map(Node::text);
    Record::of("Scenario")
        .optional("name", document.name.as_ref().map(Node::text))
        .unless_empty("include", Node::list(includes))
        .field("network", names.network())
        .unless_empty("names", names.names())
        .unless_empty("expect", Node::list(document.expect.iter().map(expected)).tall())
        .tall()
        .node()
        .under(names.at(&Spot::Head))
        .write("", 0, "", &mut text);
    text
}

/// `Reachable(…)`, `Unreachable(…)`.
fn expected(expected: &Expected) -> Node {
    Record::of(expected.verdict)
        .field("from", Node::text(&expected.from))
        .field("to", Node::text(&expected.to))
        .field("service", Node::text(&expected.service))
        .optional("because", expected.because.map(Node::text))
        .node()
}

/// An entity that a section holds.
trait Write: Entity {
    /// Its entry in the section.
    fn node(&self, id: &Id, names: &Names<'_>) -> Node;
}

/// What writers of entities ask: the names of others, and comments.
struct Names<'d> {
    document: &'d Document,
    remarks: FxHashMap<&'d Spot, Vec<&'d str>>,
}

impl<'d> Names<'d> {
    fn new(document: &'d Document) -> Self {
        let mut remarks: FxHashMap<_, Vec<_>> = FxHashMap::default();
        for (spot, text) in &document.remarks {
            remarks.entry(spot).or_default().push(text.as_str());
        }
        Self { document, remarks }
    }

    /// The comments at a place.
    fn at(&self, spot: &Spot) -> Vec<String> {
        let comments = self.remarks.get(spot).into_iter().flatten();
        comments.map(|text| (*text).to_owned()).collect()
    }

    /// An id, with the name of what it means behind the line.
    fn id(&self, id: &Id) -> Node {
        let network = &self.document.fragment.network;
        let name = network
            .meta_of(id.as_str())
            .and_then(|meta| meta.name.as_ref())
            .filter(|name| !name.trim().is_empty() && !id.as_str().contains(name.as_str()));
        Node::text(id).hinted(name.cloned())
    }

    fn ids(&self, ids: &[Id]) -> Node {
        Node::list(ids.iter().map(|id| self.id(id)))
    }

    /// A list, if of an entity with the comments that belong between its items.
    fn items(
        &self,
        of: Option<&Id>,
        list: &'static str,
        items: impl IntoIterator<Item = Node>,
    ) -> Node {
        let Some(id) = of else {
            return Node::list(items);
        };
        let comments = |index| self.at(&Spot::Item(id.clone(), list, index));
        let items: Vec<_> = items
            .into_iter()
            .enumerate()
            .map(|(index, node)| node.under(comments(index)))
            .collect();
        let end = items.len();
        Node::list(items).ending(comments(end))
    }

    /// What an entity carries beside its own fields; only those that may have tags have any.
    fn meta(&self, record: Record, meta: &Meta) -> Record {
        let Meta { account, name, tags } = meta;
        let tags = tags.iter();
        let tags = tags.map(|(key, value)| (key.clone(), Node::text(value)));
        record
            .optional("name", name.as_ref().map(Node::text))
            .optional("account", account.as_ref().map(|id| self.id(id)))
            .unless_empty("tags", Node::map(tags))
    }

    /// What clients ask for by name, and whom they find.
    fn names(&self) -> Node {
        let all = &self.document.fragment.network.names;
        Node::map(all.iter().map(|(name, to)| (name.to_string(), self.id(to)))).tall()
    }

    /// One section, by VPC and subnet.
    fn section<E: Write>(&self, section: &Section<E>) -> Node {
        let network = &self.document.fragment.network;
        let order = |place: Lies<'_>| {
            let vpc = network.vpc_at(place).map(|id| network.vpcs.get_index_of(id));
            let subnet = match place {
                Lies::InSubnet(subnet) => Some(network.subnets.get_index_of(subnet)),
                Lies::Nowhere | Lies::InVpc(_) => None,
            };
            // entities of no VPC last
            (vpc.is_none(), vpc, subnet)
        };
        let mut entries: Vec<_> = section.iter().collect();
        entries.sort_by_key(|(_, entity)| order(entity.lies()));
        let headings = network.vpcs.len() > 1;
        let mut last = None;
        let entries = entries.into_iter().map(|(id, entity)| {
            let vpc = network.vpc_at(entity.lies());
            let mut above = Vec::new();
            if headings && vpc != last {
                above.extend(vpc.map(|vpc| self.heading(vpc)));
            }
            last = vpc;
            above.extend(self.at(&Spot::Entity(id.clone())));
            (id.to_string(), entity.node(id, self).under(above))
        });
        let entries: Vec<_> = entries.collect();
        let left_out = self.at(&Spot::Section(E::KIND));
        Node::map(entries).tall().ending(left_out)
    }

    fn heading(&self, vpc: &Id) -> String {
        let network = &self.document.fragment.network;
        match network.vpcs.get(vpc) {
            Some(entity) => match &entity.meta.name {
                Some(name) => format!("{vpc} ({name}), {} {}", entity.region, entity.cidr),
                None => format!("{vpc}, {} {}", entity.region, entity.cidr),
            },
            None => vpc.to_string(),
        }
    }

    fn network(&self) -> Node {
        self.sections(Record::new()).tall().node()
    }

    /// All sections, as fields of a record.
    fn sections(&self, record: Record) -> Record {
        let fragment = &self.document.fragment;
        let links = fragment.classic_links.iter();
        let links = links.map(|(vpc, instances)| {
            let nodes = instances.iter().map(|id| self.id(id));
            (vpc.to_string(), self.items(Some(vpc), "classic_links", nodes))
        });
        let links: Vec<_> = links.collect();
        let network = &fragment.network;
        macro_rules! nodes {
            ($($section:ident: $kind:ident $row:tt)+) => {
                [$((Kind::$kind, stringify!($section), self.section(&network.$section)),)+]
            };
        }
        // the classic network stands together, with its links behind it
        let (mut own, mut classic, mut behind) = (record, Record::new(), Vec::new());
        let mut is_past = false;
        for (kind, name, node) in sections!(nodes) {
            is_past |= kind.is_classic();
            match name.strip_prefix("classic_") {
                Some(name) => classic = classic.unless_empty(name, node),
                None if is_past => behind.push((name, node)),
                None => own = own.unless_empty(name, node),
            }
        }
        let record = own
            .unless_empty("classic", classic.tall().node())
            .unless_empty("classic_links", Node::map(links).tall());
        let behind = behind.into_iter();
        behind
            .fold(record, |record, (name, node)| record.unless_empty(name, node))
            .optional("platform", fragment.platform.map(|platform| record::record(&platform, self)))
            .unless_empty("unmodelled", self.unmodelled(network))
    }

    fn unmodelled(&self, network: &Network) -> Node {
        Node::list(network.unmodelled.iter().map(|entry| record::record(entry, self))).tall()
    }
}
