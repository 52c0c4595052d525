//! What is expected of a generated network, true by how it was built: the wires join what they join, every group lets
//! metrics in and nobody's Telnet ([`super::filter`]).

use super::filter::{METRICS, TELNET, tcp};
use super::machine::Face;
use super::{Builder, Promise, Works};
use crate::id::Id;
use crate::model::{Endpoint, Engine};

/// How many of a kind are told.
const EACH: usize = 3;

impl Builder {
    /// Three of every kind at most.
    pub fn promises(&self) -> Vec<Promise> {
        let mut promises = Vec::new();
        let kinds = [
            self.neighbours(),
            self.peers(),
            self.members(),
            self.strangers(),
            self.customers(),
            self.outward(),
            self.services(),
            self.old_world(),
        ];
        for kind in kinds {
            promises.extend(kind);
        }
        promises
    }

    /// A machine of the first subnet of a VPC.
    fn face(&self, vpc: usize) -> Option<&Face> {
        self.faces[vpc].first().filter(|face| face.plot == 0)
    }

    /// Two machines of one VPC in subnets that no ACL guards.
    fn neighbours(&self) -> Vec<Promise> {
        let is_open = |vpc: usize, face: &&Face| {
            let plot = &self.grounds[vpc].plots[face.plot];
            let subnet = self.network.subnets.get(&plot.id);
            face.plot > 0 && subnet.is_some_and(|subnet| subnet.network_acl.is_none())
        };
        let pairs = (0..self.grounds.len()).filter_map(|vpc| {
            let other = self.faces[vpc].iter().find(|face| is_open(vpc, face))?;
            Some([
                works(&self.face(vpc)?.id, &other.id),
                fails(
                    &self.face(vpc)?.id,
                    &other.id,
                    TELNET,
                    Some("security-group-ingress-denied"),
                ),
            ])
        });
        pairs.take(EACH).flatten().collect()
    }

    /// Peers reach each other, but not in secondary CIDRs (PCX-7).
    fn peers(&self) -> Vec<Promise> {
        let pairs = self.facts.peered.iter().filter_map(|(one, two)| {
            let (from, to) = (&self.face(*one)?.id, &self.face(*two)?.id);
            let mut far = self.faces[*two].iter();
            let far = far.find(|face| self.grounds[*two].plots[face.plot].is_secondary);
            let far = far.map(|face| fails(from, &face.id, METRICS, None));
            Some(std::iter::once(works(from, to)).chain(far))
        });
        pairs.take(EACH).flatten().collect()
    }

    /// Members of a CCN reach each other.
    fn members(&self) -> Vec<Promise> {
        let pairs = self.facts.ccns.iter().filter_map(|members| {
            let faces = members.iter().filter_map(|vpc| self.face(*vpc));
            let ids: Vec<&Id> = faces.map(|face| &face.id).take(2).collect();
            (ids.len() == 2).then(|| works(ids[0], ids[1]))
        });
        pairs.take(EACH).collect()
    }

    /// VPCs that nothing joins: the second of a CCN and the second of the row of peers.
    fn strangers(&self) -> Vec<Promise> {
        let is_peered = |one, two| {
            let peered = &self.facts.peered;
            peered.contains(&(one, two)) || peered.contains(&(two, one))
        };
        let pairs = self.facts.ccns.iter().filter_map(|members| {
            let (inside, after) = (*members.get(1)?, members.last()? + 1);
            let outside = after + 1;
            if outside >= self.grounds.len() || is_peered(inside, outside) {
                return None;
            }
            let has_nat = self.facts.nats.contains(&inside);
            let why = if has_nat { "private-destination-to-internet" } else { "no-route" };
            let (from, to) = (self.face(inside)?, self.face(outside)?);
            Some(fails(&from.id, &to.id, METRICS, Some(why)))
        });
        pairs.take(EACH).collect()
    }

    /// A machine reaches the site behind the gateway of its VPC.
    fn customers(&self) -> Vec<Promise> {
        let sites = self.facts.sites.iter();
        let sites = sites.filter_map(|(vpc, site)| Some(works(&self.face(*vpc)?.id, site)));
        sites.take(EACH).collect()
    }

    /// Behind a NAT gateway the Internet is reached, and does not reach back.
    fn outward(&self) -> Vec<Promise> {
        let internet = Id::from(Endpoint::Internet.to_string());
        let nats = self.facts.nats.iter().filter_map(|vpc| {
            let from = self.face(*vpc)?;
            let out = Promise { service: tcp(&[443]), ..works(&from.id, &internet) };
            Some([out, fails(&internet, &from.id, TELNET, None)])
        });
        nats.take(EACH).flatten().collect()
    }

    /// Databases that no group guards, and public load balancers that pass to their targets.
    fn services(&self) -> Vec<Promise> {
        let internet = Id::from(Endpoint::Internet.to_string());
        let databases = self.facts.databases.iter().filter_map(|(vpc, id, port)| {
            let from = &self.face(*vpc)?.id;
            Some(Promise { service: tcp(&[*port]), ..works(from, id) })
        });
        let doors = self.facts.doors.iter();
        let doors = doors.map(|id| Promise { service: tcp(&[443]), ..works(&internet, id) });
        databases.take(EACH).chain(doors.take(EACH)).collect()
    }

    /// Linked classic CVMs and their VPC reach each other, others do not; an endpoint connection leads to its database.
    fn old_world(&self) -> Vec<Promise> {
        let mut promises = Vec::new();
        for home in self.facts.linked.iter().take(EACH) {
            let Some(face) = self.face(home.vpc) else {
                continue;
            };
            if let Some(linked) = &home.linked {
                promises.extend([works(linked, &face.id), works(&face.id, linked)]);
            }
            if let Some(free) = &home.free {
                let why = Some("classic-link-not-linked");
                promises.push(fails(free, &face.id, METRICS, why));
            }
            if let Some(connection) = &home.connection {
                let service = tcp(&[Engine::MySql.default_port()]);
                promises.push(Promise { service, ..works(&face.id, connection) });
            }
        }
        promises
    }
}

/// Metrics are collected.
fn works(from: &Id, to: &Id) -> Promise {
    Promise {
        works: Works::All,
        from: from.clone(),
        to: to.clone(),
        service: tcp(&[METRICS]),
        because: None,
    }
}

fn fails(from: &Id, to: &Id, port: u16, because: Option<&'static str>) -> Promise {
    Promise { works: Works::Nothing, service: tcp(&[port]), because, ..works(from, to) }
}
