//! What a resource bears on that is left out, or a part of one.

use super::filter::{ADDRESS_GROUPS, ADDRESSES, GROUP, SERVICE_GROUPS, SERVICES};
use super::gateway::{NAT, PEERING};
use super::ground::{SUBNET, VPC};
use super::place::ENDPOINTS;
use super::resolve::{Lack, Unresolved};
use super::wan::{DIRECT, VPN};
use super::{Import, resolve};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::model::Kind;

/// What lies in these or names them is left out, too, and says itself what it bears on.
const SPOKEN_FOR: [&str; 5] =
    [VPC[0], ADDRESSES[0], ADDRESS_GROUPS[0], SERVICES[0], SERVICE_GROUPS[0]];

/// What packets take only where a route leads to it.
const BY_ROUTE: [&[&str]; 4] = [PEERING, VPN, DIRECT, NAT];

impl Import<'_> {
    /// Says that a resource, or what an attribute of it says, is left out.
    pub(super) fn left_out(
        &mut self,
        resource: usize,
        attribute: &str,
        spot: &Spot,
        why: Unresolved,
    ) {
        let bears = self.bears(resource, attribute, spot, why.lack);
        self.leave_out((resource, attribute), spot, why, bears);
    }

    /// The same where it is known what it bears on.
    pub(super) fn leave_out(
        &mut self,
        (resource, attribute): (usize, &str),
        spot: &Spot,
        why: Unresolved,
        bears: Bears,
    ) {
        if let Spot::Entity(owner) | Spot::Item(owner, ..) = spot {
            self.belongs(resource, owner);
        }
        let say = Say::of(self.address(resource), why.why).help(why.help);
        let say = if attribute.is_empty() { say } else { say.at(attribute) };
        let destinations = self.concerns.clone();
        self.draft.leave_out(spot.clone(), say, bears, destinations);
    }

    /// Says at an entity something that may decide about packets.
    pub(super) fn open(&mut self, resource: usize, entity: &Id, why: Words) {
        self.belongs(resource, entity);
        let say = Say::of(self.address(resource), why);
        let bears = Bears::On(vec![entity.clone()]);
        self.draft.leave_open(Spot::Entity(entity.clone()), say, bears);
    }

    fn bears(&self, resource: usize, attribute: &str, spot: &Spot, lack: Lack) -> Bears {
        let is_peer = attribute.ends_with("source_security_id") || attribute == "source_sgid";
        if is_peer && lack == Lack::Presence {
            // a rule about the members of a group of which none is in the file
            return Bears::Nothing;
        }
        if let Spot::Entity(owner) | Spot::Item(owner, ..) = spot {
            return Bears::On(vec![owner.clone()]);
        }
        let kind = self.input.resources[resource].kind;
        if ENDPOINTS.iter().any(|(endpoint, _)| *endpoint == kind) {
            return Bears::Missing(self.sets_of(resource));
        }
        if BY_ROUTE.iter().any(|kinds| kinds.contains(&kind)) {
            return match lack {
                // the routes that lead there are left out, too
                Lack::Presence => Bears::Nothing,
                Lack::Meaning => Bears::Routing(self.all(Kind::Vpc)),
            };
        }
        if SPOKEN_FOR.contains(&kind) || lack == Lack::Presence {
            Bears::Nothing
        } else {
            Bears::Everything
        }
    }

    /// The sets that an endpoint is in, as far as they are known; where they are not, all that it may be in.
    pub(super) fn sets_of(&self, endpoint: usize) -> Vec<Id> {
        let mut sets = Vec::new();
        let placed = |found: &resolve::Resolved<usize>| self.placed.contains_key(&found.value);
        let subnet = self.input.one(endpoint, "subnet_id", SUBNET);
        let vpc = self.input.one(endpoint, "vpc_id", VPC);
        if let Ok(Some(subnet)) = &subnet
            && placed(subnet)
        {
            let subnet = self.id(subnet.value);
            let network = &self.draft.document.fragment.network;
            sets.extend(network.vpc_of_subnet(subnet.as_str()).cloned());
            sets.push(subnet);
        } else if let Ok(Some(vpc)) = &vpc {
            sets.extend(placed(vpc).then(|| self.id(vpc.value)));
        } else {
            let is_open = |of: &resolve::One| matches!(of, Err(why) if why.lack == Lack::Meaning);
            if is_open(&subnet) || is_open(&vpc) {
                sets.extend(self.all(Kind::Vpc));
            }
        }
        if matches!(&subnet, Err(why) if why.lack == Lack::Meaning) {
            let subnets = self.draft.document.fragment.network.subnets.iter();
            let possible = subnets.filter(|(_, subnet)| sets.contains(&subnet.vpc));
            let possible: Vec<Id> = possible.map(|(id, _)| id.clone()).collect();
            sets.extend(possible);
        }
        for name in super::filter::GROUP_LISTS {
            let Some(many) = self.input.many(endpoint, name, GROUP) else {
                continue;
            };
            sets.extend(many.found.iter().map(|group| self.id(*group)));
            if many.lost.iter().any(|why| why.lack == Lack::Meaning) {
                sets.extend(self.all(Kind::SecurityGroup));
            }
            break;
        }
        let mut known = Vec::new();
        for set in sets {
            if !known.contains(&set) {
                known.push(set);
            }
        }
        known
    }

    fn all(&self, kind: Kind) -> Vec<Id> {
        let network = &self.draft.document.fragment.network;
        if kind == Kind::SecurityGroup {
            network.security_groups.keys().cloned().collect()
        } else {
            network.vpcs.keys().cloned().collect()
        }
    }

    /// What gets something that is not known: nothing that is in the file, one that is, or whoever.
    pub(super) fn getting(&self, owner: &resolve::One) -> Bears {
        match owner {
            Ok(Some(found)) if self.placed.contains_key(&found.value) => {
                Bears::On(vec![self.id(found.value)])
            }
            Err(why) if why.lack == Lack::Meaning => Bears::Everything,
            _ => Bears::Nothing,
        }
    }
}
