//! One file a VPC, joined by `include`.

use super::scenario;
use crate::id::Id;
use crate::import::{Document, Spot};
use crate::model::{Entity, Fragment, Lies, Network, Section, sections};

/// The document as several files: the first is the scenario itself, named `main`, which includes the others, one for
/// each VPC. Paths are relative to the first.
#[must_use]
pub fn split(document: &Document, main: &str) -> Vec<(String, String)> {
    let mut rest = document.clone();
    let vpcs: Vec<Id> = rest.fragment.network.vpcs.keys().cloned().collect();
    let stem = main.strip_suffix(".ron").unwrap_or(main);
    let stem = stem.rsplit(['/', '\\']).next().unwrap_or(stem);
    let mut parts: Vec<(String, String)> = Vec::new();
    for vpc in vpcs {
        let part = Document {
            name: None,
            fragment: part_of(&vpc, &mut rest.fragment),
            remarks: document.remarks.clone(),
            expect: Vec::new(),
        };
        let part = Document { remarks: remarks_in(&part, document), ..part };
        let mut path = format!("{stem}.{}.ron", file_name(&vpc));
        while parts.iter().any(|(other, _)| *other == path) {
            path = path.replace(".ron", "_.ron");
        }
        parts.push((path, scenario(&part, &[])));
    }
    let include: Vec<String> = parts.iter().map(|(path, _)| path.clone()).collect();
    let mut files = vec![(main.to_owned(), scenario(&rest, &include))];
    files.extend(parts);
    files
}

/// Takes out of the network what belongs to one VPC and to nothing else.
fn part_of(vpc: &Id, from: &mut Fragment) -> Fragment {
    let network = &mut from.network;
    let subnets = take(&mut network.subnets, |it| it.vpc == *vpc);
    let is_inside = |place: Lies<'_>| match place {
        Lies::Nowhere => false,
        Lies::InVpc(id) => id == vpc,
        Lies::InSubnet(subnet) => subnets.contains_key(subnet),
    };
    let mut part = Network::default();
    macro_rules! take {
        ($($section:ident: $kind:ident $row:tt)+) => {
            $(part.$section = take(&mut network.$section, |it| is_inside(it.lies()));)+
        };
    }
    sections!(take);
    part.vpcs = network.vpcs.shift_remove_entry(vpc).into_iter().collect();
    part.subnets = subnets;
    Fragment {
        network: part,
        classic_links: from.classic_links.shift_remove_entry(vpc).into_iter().collect(),
        platform: None,
    }
}

fn take<T: Clone>(section: &mut Section<T>, is_inside: impl Fn(&T) -> bool) -> Section<T> {
    let all = std::mem::take(section);
    let mut taken = Section::default();
    for (id, entity) in all {
        if is_inside(&entity) {
            taken.insert(id, entity);
        } else {
            section.insert(id, entity);
        }
    }
    taken
}

/// The comments at what is in this part; the others stay in the first file.
fn remarks_in(part: &Document, whole: &Document) -> Vec<(Spot, String)> {
    let network = &part.fragment.network;
    let remarks = whole.remarks.iter().filter(|(spot, _)| match spot {
        Spot::Entity(id) | Spot::Item(id, ..) => network.kind_of(id.as_str()).is_some(),
        Spot::Head | Spot::Section(_) => false,
    });
    remarks.cloned().collect()
}

/// A name that every file system takes.
fn file_name(id: &Id) -> String {
    let letters = id.as_str().chars();
    let keep = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
    letters.map(|letter| if keep(letter) { letter } else { '_' }).collect()
}
