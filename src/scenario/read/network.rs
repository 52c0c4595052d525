//! Everything that an outline names, read into the model.

use indexmap::IndexMap;

use super::outline::{Entry, Links, Outline};
use super::record::Record;
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};
use crate::model::{Entity, Fragment, Kind, Network, Platform, Section, Unmodelled, sections};
use crate::scenario::reader::Reader;
use crate::scenario::reference::{ANY, only};
use crate::scenario::word::reference;

impl<'src> Reader<'src> {
    /// Reads everything that an outline names, and notes the references.
    pub fn fragment(&mut self, outline: &Outline<'src>) -> Fragment {
        let mut network = Network::default();
        for entry in &outline.entries {
            if self.is_over() {
                break;
            }
            self.entity(entry, &mut network);
        }
        for list in &outline.unmodelled {
            let entries = self.list(*list, Unmodelled::read).unwrap_or_default();
            network.unmodelled.extend(entries);
        }
        let mut classic_links = IndexMap::new();
        for links in &outline.links {
            if self.is_turned(links) {
                continue;
            }
            self.refer(&links.vpc, links.key.text(), only(&[Kind::Vpc]));
            if let Some(instances) = self.list(links.value, reference(ANY)) {
                classic_links.insert(links.vpc.clone(), instances);
            }
        }
        let platform = outline.platform.and_then(|value| Platform::read(value, self));
        Fragment { network, classic_links, platform }
    }

    /// Tells of an entry of `classic_links` that names the machine first and the VPC behind it.
    fn is_turned(&mut self, links: &Links<'src>) -> bool {
        let vpc = links.value.text();
        let vpc =
            vpc.trim_matches(|letter: char| "[],\"".contains(letter) || letter.is_whitespace());
        let [first, second] = [links.vpc.as_str(), vpc].map(|id| self.known.kind(id));
        let is_turned = first.is_some_and(|kind| kind != Kind::Vpc) && second == Some(Kind::Vpc);
        if is_turned {
            let message = Words::new(
                format!("`{}` is linked the wrong way round", links.vpc),
                format!("`{}` 的互通关系写反了", links.vpc),
            );
            let entry = format!("`\"{vpc}\": [\"{}\"]`", links.vpc);
            let help = Words::new(
                format!("the VPC comes first: write {entry}"),
                format!("VPC 写在前面：请写作 {entry}"),
            );
            let span = self.span(links.key.text());
            let mistake = Diagnostic::error(Code::WrongKind, span, message);
            self.report(mistake.with_help(help));
        }
        is_turned
    }

    fn entity(&mut self, entry: &Entry<'src>, into: &mut Network) {
        macro_rules! read {
            ($($section:ident: $kind:ident $row:tt)+) => {
                match entry.kind {
                    $(Kind::$kind => self.put(entry, &mut into.$section),)+
                    // read with what they are parts of
                    Kind::CcnRouteTable | Kind::VpnConnection | Kind::DirectConnectTunnel => {}
                }
            };
        }
        sections!(read);
    }

    fn put<E: Entity + Record>(&mut self, entry: &Entry<'src>, section: &mut Section<E>) {
        if let Some(entity) = E::read(entry.value, self) {
            if let Some(addresses) = entity.addresses() {
                self.known.locate(&entry.id, addresses);
            }
            section.insert(entry.id.clone(), entity);
        }
    }
}
