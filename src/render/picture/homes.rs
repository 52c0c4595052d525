//! The endpoints: in subnets, at the border of their VPC, in the classic network.

use std::net::IpAddr;

use indexmap::IndexMap;

use super::boxes::{BlockIx, Line, Shape, Tone};
use super::estate::Estate;
use super::gather::{Entry, gather};
use super::wires::link_of;
use super::words::{Word, product, state};
use crate::id::Id;
use crate::model::{Instance, LoadBalancerNetwork, State};

impl Estate<'_> {
    /// The endpoints of every subnet.
    pub(super) fn fill_subnets(&mut self) {
        let mut homes: IndexMap<Id, Vec<Entry>> = IndexMap::new();
        let network = self.network;
        let mut put = |subnet: &Id, entry: Entry| {
            homes.entry(subnet.clone()).or_default().push(entry);
        };
        for (id, instance) in &network.instances {
            put(&instance.subnet, self.instance(id, instance));
        }
        for (id, interface) in &network.network_interfaces {
            let what = format!("{} {}", self.say(Word::Interface), interface.instance);
            let lines = vec![what, interface.ip.to_string()];
            let eip = interface.eip.map(eip);
            put(&interface.subnet, self.single(id, Shape::Machine, lines.into_iter().chain(eip)));
        }
        for (id, group) in &network.instance_groups {
            let what = format!("{} {}", group.count(), self.say(Word::Group));
            let lines = [what, format!("{} … {}", group.ips.0, group.ips.1)];
            let mut entry = self.single(id, Shape::Machine, lines);
            entry.ends = group.count();
            put(&group.subnet, entry);
            let members = self.keep.iter().filter_map(|member| {
                let (of, address) = network.group_member(member.as_str())?;
                (of == id).then_some((member, address))
            });
            let mut members: Vec<_> = members.collect();
            members.sort();
            for (member, address) in members {
                let lines = [format!("{} {address}", self.say(Word::Cvm))];
                let mut entry = self.single(member, Shape::Machine, lines);
                entry.ends = 0; // its group counts it
                put(&group.subnet, entry);
            }
        }
        for (id, havip) in &network.havips {
            let bound = match &havip.bound_to {
                Some(instance) => format!("{} {instance}", self.say(Word::BoundTo)),
                None => self.say(Word::Unbound).to_owned(),
            };
            let address = format!("{} {}", self.say(Word::HaVip), havip.ip);
            let lines = [address, bound].into_iter().chain(havip.eip.map(eip));
            put(&havip.subnet, self.single(id, Shape::Balancer, lines));
        }
        for (id, database) in &network.databases {
            let lines = [format!("{} {}", product(database.engine), database.ip)];
            put(&database.subnet, self.single(id, Shape::Database, lines));
        }
        for (id, endpoint) in &network.vpc_endpoints {
            let what = self.say(Word::VpcEndpoint);
            let mut entry = self.single(id, Shape::Balancer, [format!("{what} {}", endpoint.ip)]);
            let troubles = [
                (!network.is_accepted(id), Word::NotAccepted),
                (network.down.contains(id), Word::Down),
            ];
            let troubles = troubles.into_iter().filter(|(is, _)| *is);
            let told = troubles.map(|(_, word)| Line::new(Tone::Warn, self.say(word)));
            entry.lines.extend(told);
            put(&endpoint.subnet, entry);
        }
        for (id, balancer) in &network.load_balancers {
            if let LoadBalancerNetwork::Internal { subnet, vip, eip: public } = &balancer.network {
                let what = self.say(Word::Balancer).to_owned();
                let lines = [what, vip.to_string()].into_iter().chain(public.map(eip));
                put(subnet, self.single(id, Shape::Balancer, lines));
            }
        }
        for (subnet, entries) in homes {
            let parent = self.homes.get(&subnet).copied();
            self.place(parent, entries);
        }
    }

    /// Blocks for the endpoints of one home.
    fn place(&mut self, parent: Option<BlockIx>, entries: Vec<Entry>) {
        for block in gather(entries, &self.keep) {
            let leaf = self.add(parent, block.shape, block.lines);
            self.blocks[leaf].ends = block.ends;
            for id in block.ids {
                self.leaves.insert(id, leaf);
            }
        }
    }

    fn instance(&self, id: &Id, instance: &Instance) -> Entry {
        let mut entry = self.machine(
            id,
            (instance.ip, instance.eip),
            instance.state,
            &instance.security_groups,
        );
        let extra = instance.ipv6.map(|address| address.to_string());
        let gateway = instance.public_gateway.then(|| self.say(Word::PublicGateway).to_owned());
        for text in extra.into_iter().chain(gateway) {
            entry.lines.push(Line::new(Tone::Plain, text));
            entry.alike = None;
        }
        entry
    }

    fn machine(
        &self,
        id: &Id,
        (address, public): (IpAddr, Option<IpAddr>),
        now: State,
        groups: &[Id],
    ) -> Entry {
        let what = self.say(Word::Cvm);
        let mut lines: Vec<Line> = self.named(id).into_iter().collect();
        lines.push(Line::new(Tone::Plain, format!("{what} {address}")));
        lines.extend(public.map(|address| Line::new(Tone::Plain, eip(address))));
        let down = self.network.down.contains(id);
        let down = down.then(|| self.say(Word::Down));
        let warnings = state(now, self.language).into_iter().chain(down);
        lines.extend(warnings.map(|text| Line::new(Tone::Warn, text)));
        let groups: Vec<&str> = groups.iter().map(Id::as_str).collect();
        let alike = format!("{now:?} {} {}", down.is_some(), groups.join(" "));
        Entry {
            id: id.clone(),
            shape: Shape::Machine,
            lines,
            what: what.to_owned(),
            address: address.to_string(),
            alike: public.is_none().then_some(alike),
            ends: 1,
        }
    }

    /// An endpoint that is equal to nobody.
    fn single(&self, id: &Id, shape: Shape, lines: impl IntoIterator<Item = String>) -> Entry {
        let lines = lines.into_iter().map(|text| Line::new(Tone::Plain, text));
        Entry {
            id: id.clone(),
            shape,
            lines: self.named(id).into_iter().chain(lines).collect(),
            what: String::new(),
            address: String::new(),
            alike: None,
            ends: 1,
        }
    }

    /// The classic network, and the two ways into it; public load balancers stand at the border of their VPC.
    pub(super) fn fill_classic(&mut self) {
        let network = self.network;
        let mut homes: IndexMap<&str, Vec<Entry>> = IndexMap::new();
        for (id, instance) in &network.classic_instances {
            let link = link_of(network, id);
            let address = (instance.ip, None);
            let mut entry = self.machine(id, address, instance.state, &instance.security_groups);
            if let Some(public) = instance.public_ip {
                entry.lines.push(Line::new(Tone::Plain, eip(public)));
                entry.alike = None;
            }
            let stale = link.is_some_and(|(_, live)| !live);
            if stale {
                entry.lines.push(Line::new(Tone::Warn, self.say(Word::Stale)));
            }
            let linked = link.map_or("", |(vpc, _)| vpc.as_str());
            entry.alike = entry.alike.map(|alike| format!("{alike} {linked} {stale}"));
            homes.entry(&instance.region).or_default().push(entry);
        }
        for (id, database) in &network.classic_databases {
            let lines = [format!("{} {}", product(database.engine), database.ip)];
            let entry = self.single(id, Shape::Database, lines);
            homes.entry(&database.region).or_default().push(entry);
        }
        for (id, balancer) in &network.classic_load_balancers {
            let word = if balancer.public { Word::PublicBalancer } else { Word::Balancer };
            let lines = [self.say(word).to_owned(), balancer.vip.to_string()];
            let entry = self.single(id, Shape::Balancer, lines);
            homes.entry(&balancer.region).or_default().push(entry);
        }
        for (region, entries) in homes {
            let parent = self.classic(region);
            self.place(Some(parent), entries);
        }
        self.fill_links();
    }

    fn fill_links(&mut self) {
        let network = self.network;
        for (id, vpc) in &network.vpcs {
            let linked = network.classic_links.get(id);
            if linked.is_some_and(|links| !links.is_empty()) {
                let lines = vec![
                    Line::new(Tone::Name, self.say(Word::Link)),
                    Line::new(Tone::Plain, format!("{} {}", self.say(Word::OnlyPrimary), vpc.cidr)),
                ];
                let parent = self.homes.get(id).copied();
                let leaf = self.add(parent, Shape::Link, lines);
                self.links.insert(id.clone(), leaf);
            }
        }
        for (id, connection) in &network.endpoint_connections {
            let parent = self.homes.get(&connection.vpc).copied();
            let what = self.say(Word::EndpointConnection);
            let lines = vec![
                Line::new(Tone::Plain, what),
                Line::new(Tone::Plain, connection.vip.to_string()),
            ];
            self.leaf(parent, Shape::Link, id, lines);
        }
        for (id, service) in &network.endpoint_services {
            let parent = self.homes.get(&service.vpc).copied();
            let lines = vec![Line::new(Tone::Plain, self.say(Word::EndpointService))];
            self.leaf(parent, Shape::Link, id, lines);
        }
        for (id, balancer) in &network.load_balancers {
            if let LoadBalancerNetwork::Public { vpc, vip } = &balancer.network {
                let parent = self.homes.get(vpc).copied();
                let what = self.say(Word::PublicBalancer);
                let lines =
                    vec![Line::new(Tone::Plain, what), Line::new(Tone::Plain, vip.to_string())];
                self.leaf(parent, Shape::Gateway, id, lines);
            }
        }
    }
}

fn eip(address: IpAddr) -> String {
    format!("EIP {address}")
}
