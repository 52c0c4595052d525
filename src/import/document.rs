//! What an importer makes: a network, and what is to be said beside its parts.

use crate::id::Id;
use crate::model::{Fragment, Kind, Network, Platform, Service};

/// A scenario file before it is text.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The scenario's name.
    pub name: Option<String>,
    /// The network.
    pub fragment: Fragment,
    /// Comments, each with its place, in the order in which they are to be read.
    pub remarks: Vec<(Spot, String)>,
    /// What is expected of the network, in order.
    pub expect: Vec<Expected>,
}

/// An expectation before it is text.
#[derive(Clone, Debug)]
pub struct Expected {
    /// `Reachable` or `Unreachable`.
    pub verdict: &'static str,
    /// Who opens.
    pub from: Id,
    /// Who is meant.
    pub to: Id,
    /// What is asked for.
    pub service: Service,
    /// A reason code that must be among the reasons.
    pub because: Option<&'static str>,
}

/// Where a comment stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Spot {
    /// At the top of the file.
    Head,
    /// At the end of the section of this kind: for what would have stood in it.
    Section(Kind),
    /// Above an entity.
    Entity(Id),
    /// Above an item of a list of an entity, or at its end: entity, list, index.
    Item(Id, &'static str, usize),
}

impl Document {
    /// A document that holds a network and nothing beside it. What is [down](Network::down) and since when a classic
    /// link is stale cannot be written.
    #[must_use]
    pub fn of(network: &Network) -> Self {
        Self::from(network.clone())
    }
}

impl From<Network> for Document {
    fn from(mut bare: Network) -> Self {
        let links = std::mem::take(&mut bare.classic_links);
        let links = links.into_iter().map(|(vpc, links)| {
            let instances = links.into_iter().map(|link| link.instance);
            (vpc, instances.collect())
        });
        let platform = std::mem::take(&mut bare.platform);
        Self {
            name: None,
            fragment: Fragment {
                network: bare,
                classic_links: links.collect(),
                platform: (platform != Platform::default()).then_some(platform),
            },
            remarks: Vec::new(),
            expect: Vec::new(),
        }
    }
}
