//! What is left out of the answers of the API, and what it bears on.

use super::Import;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::Kind;

/// What is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// The meaning: it might be anything here.
    Meaning,
    /// What is meant is not in the files.
    Presence,
}

/// Endpoints: one that is left out is missing from the sets that it is in.
const ENDPOINTS: [Kind; 9] = [
    Kind::Instance,
    Kind::NetworkInterface,
    Kind::HaVip,
    Kind::Database,
    Kind::LoadBalancer,
    Kind::VpcEndpoint,
    Kind::ClassicInstance,
    Kind::ClassicDatabase,
    Kind::ClassicLoadBalancer,
];

/// What lies in these, names them or leads to them is left out, too, and says itself what it bears on.
const SPOKEN_FOR: [Kind; 10] = [
    Kind::Vpc,
    Kind::AddressTemplate,
    Kind::AddressTemplateGroup,
    Kind::ServiceTemplate,
    Kind::ServiceTemplateGroup,
    Kind::EndpointService,
    Kind::Peering,
    Kind::NatGateway,
    Kind::VpnGateway,
    Kind::DirectConnectGateway,
];

impl Import<'_> {
    /// Says that something is left out, or a part of it.
    pub(super) fn left_out(
        &mut self,
        id: &str,
        attribute: &str,
        spot: Spot,
        why: Words,
        help: Words,
    ) {
        let bears = self.bears(&spot, Lack::Meaning);
        self.leave_out((id, attribute), spot, why, help, bears);
    }

    /// The same where it is known what it bears on.
    pub(super) fn leave_out(
        &mut self,
        (id, attribute): (&str, &str),
        spot: Spot,
        why: Words,
        help: Words,
        bears: Bears,
    ) {
        let say = Say::of(id, why).help(help);
        let say = if attribute.is_empty() { say } else { say.at(attribute) };
        let destinations = self.concerns.clone();
        self.draft.leave_out(spot, say, bears, destinations);
    }

    /// Says something that may decide about packets.
    pub(super) fn open(&mut self, id: &str, spot: Spot, why: Words) {
        let bears = self.bears(&spot, Lack::Meaning);
        self.draft.leave_open(spot, Say::of(id, why), bears);
    }

    /// What something bears on, by the place where it would stand.
    pub(super) fn bears(&self, spot: &Spot, lack: Lack) -> Bears {
        match spot {
            Spot::Entity(owner) | Spot::Item(owner, ..) => Bears::On(vec![owner.clone()]),
            Spot::Section(kind) if ENDPOINTS.contains(kind) => Bears::Missing(self.sets.clone()),
            Spot::Section(kind) if SPOKEN_FOR.contains(kind) => Bears::Nothing,
            Spot::Section(_) | Spot::Head if lack == Lack::Presence => Bears::Nothing,
            Spot::Section(_) | Spot::Head => Bears::Everything,
        }
    }

    /// Remembers the sets that the endpoint at hand is in.
    pub(super) fn within<'a>(&mut self, sets: impl IntoIterator<Item = &'a str>) {
        let sets = sets.into_iter().filter(|id| !id.is_empty());
        self.sets = sets.map(notation::id).collect::<Vec<Id>>();
    }
}
