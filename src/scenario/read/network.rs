//! Everything that an outline names, read into the model.

use std::net::IpAddr;

use indexmap::IndexMap;

use super::outline::{Entry, Links, Outline};
use super::{balancer, ccn, classic, filter, gateway, instance, private_link, vpc};
use crate::code::Code;
use crate::diagnostic::{Diagnostic, Words};
use crate::id::Id;
use crate::model::{Destination, Fragment, INTERNET, Kind, Network, Section, Unmodelled};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::{ANY, only};
use crate::scenario::value::Value;
use crate::scenario::word::{cidr, reference, words};

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
            let entries = self.list(*list, unmodelled).unwrap_or_default();
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
        let platform = outline
            .platform
            .and_then(|value| vpc::platform(value, self));
        Fragment {
            network,
            classic_links,
            platform,
        }
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
        let id = &entry.id;
        let value = entry.value;
        match entry.kind {
            Kind::Account => put(&mut into.accounts, id, vpc::account(value, self)),
            Kind::Vpc => put(&mut into.vpcs, id, vpc::vpc(value, self)),
            Kind::Subnet => put(&mut into.subnets, id, vpc::subnet(value, self)),
            Kind::RouteTable => put(&mut into.route_tables, id, vpc::route_table(value, self)),
            Kind::NetworkAcl => put(&mut into.network_acls, id, filter::network_acl(value, self)),
            Kind::SecurityGroup => put(
                &mut into.security_groups,
                id,
                filter::security_group(value, self),
            ),
            Kind::AddressTemplate => put(
                &mut into.address_templates,
                id,
                filter::address_template(value, self),
            ),
            Kind::AddressTemplateGroup => {
                put(
                    &mut into.address_template_groups,
                    id,
                    filter::address_template_group(value, self),
                );
            }
            Kind::ServiceTemplate => put(
                &mut into.service_templates,
                id,
                filter::service_template(value, self),
            ),
            Kind::ServiceTemplateGroup => {
                put(
                    &mut into.service_template_groups,
                    id,
                    filter::service_template_group(value, self),
                );
            }
            Kind::Instance => {
                let instance = instance::instance(value, self);
                self.locate(
                    id,
                    instance.as_ref().map(|instance| (instance.ip, instance.ip)),
                );
                put(&mut into.instances, id, instance);
            }
            Kind::NetworkInterface => {
                let eni = instance::network_interface(value, self);
                self.locate(id, eni.as_ref().map(|eni| (eni.ip, eni.ip)));
                put(&mut into.network_interfaces, id, eni);
            }
            Kind::InstanceGroup => {
                let group = instance::instance_group(value, self);
                self.locate(id, group.as_ref().map(|group| group.ips));
                put(&mut into.instance_groups, id, group);
            }
            Kind::HaVip => put(&mut into.havips, id, instance::havip(value, self)),
            Kind::Database => put(&mut into.databases, id, instance::database(value, self)),
            _ => self.service(entry, into),
        }
    }

    /// Load balancers, the classic network and gateways.
    fn service(&mut self, entry: &Entry<'src>, into: &mut Network) {
        let id = &entry.id;
        let value = entry.value;
        match entry.kind {
            Kind::LoadBalancer => put(
                &mut into.load_balancers,
                id,
                balancer::load_balancer(value, self),
            ),
            Kind::ClassicInstance => put(
                &mut into.classic_instances,
                id,
                classic::instance(value, self),
            ),
            Kind::ClassicDatabase => put(
                &mut into.classic_databases,
                id,
                classic::database(value, self),
            ),
            Kind::ClassicLoadBalancer => {
                put(
                    &mut into.classic_load_balancers,
                    id,
                    classic::load_balancer(value, self),
                );
            }
            Kind::EndpointConnection => {
                put(
                    &mut into.endpoint_connections,
                    id,
                    classic::endpoint_connection(value, self),
                );
            }
            Kind::EndpointService => put(
                &mut into.endpoint_services,
                id,
                private_link::endpoint_service(value, self),
            ),
            Kind::VpcEndpoint => put(
                &mut into.vpc_endpoints,
                id,
                private_link::vpc_endpoint(value, self),
            ),
            Kind::Peering => put(&mut into.peerings, id, gateway::peering(value, self)),
            Kind::Ccn => put(&mut into.ccns, id, ccn::ccn(value, self)),
            Kind::NatGateway => put(
                &mut into.nat_gateways,
                id,
                gateway::nat_gateway(value, self),
            ),
            Kind::VpnGateway => put(
                &mut into.vpn_gateways,
                id,
                gateway::vpn_gateway(value, self),
            ),
            Kind::DirectConnectGateway => {
                put(
                    &mut into.direct_connect_gateways,
                    id,
                    gateway::direct_connect_gateway(value, self),
                );
            }
            Kind::EdgeFirewall => put(
                &mut into.edge_firewalls,
                id,
                filter::edge_firewall(value, self),
            ),
            Kind::Site => put(&mut into.sites, id, vpc::site(value, self)),
            // read with what they are parts of
            _ => {}
        }
    }

    fn locate(&mut self, id: &Id, addresses: Option<(IpAddr, IpAddr)>) {
        if let Some(addresses) = addresses {
            self.known.locate(id, addresses);
        }
    }
}

/// An entry of `unmodelled`. What it touches must be there: a misspelt id would silently touch nothing.
fn unmodelled<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Unmodelled> {
    let mut fields = Fields::of(value, "unmodelled", at)?;
    let what = fields.required("what", words);
    let reason = fields.required("reason", words);
    let touches = fields.list("touches", touched);
    let routing_of = fields.list("routing_of", reference(only(&[Kind::Vpc])));
    let destinations = fields.list("destinations", destination);
    let sets = &[
        Kind::Account,
        Kind::Vpc,
        Kind::Subnet,
        Kind::SecurityGroup,
        Kind::InstanceGroup,
        Kind::Site,
    ];
    let missing_from = fields.list("missing_from", reference(only(sets)));
    fields.finish();
    Some(Unmodelled {
        what: what?,
        reason: reason?,
        touches,
        routing_of,
        destinations,
        missing_from,
    })
}

fn touched<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Id> {
    if at.string(value)?.as_ref() == INTERNET {
        return Some(Id::from(INTERNET));
    }
    reference(ANY)(value, at)
}

fn destination<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Destination> {
    if at.string(value)?.as_ref() == INTERNET {
        return Some(Destination::Internet);
    }
    cidr(value, at).map(Destination::from)
}

fn put<T: Clone>(section: &mut Section<T>, id: &Id, entity: Option<T>) {
    if let Some(entity) = entity {
        section.insert(id.clone(), entity);
    }
}
