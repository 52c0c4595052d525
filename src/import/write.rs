//! A document as the text of a scenario file.
//!
//! For people first: every section lists its entities by VPC and subnet, with a heading where several VPCs are mixed;
//! names stand behind the ids that mean them, comments above what they speak of. The same document gives the same
//! bytes, and what is written loads to the same network.

mod balancer;
mod ccn;
mod change;
mod filter;
mod gateway;
mod layout;
mod machine;
mod split;
mod vpc;

use rustc_hash::FxHashMap;

use super::document::{Document, Expected, Spot};
use crate::id::Id;
use crate::model::{Kind, LoadBalancerNetwork, Meta, Network, Section};
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
        .unless_empty("names", machine::names(&names))
        .unless_empty(
            "expect",
            Node::list(document.expect.iter().map(expected)).tall(),
        )
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

    /// A list of an entity, with the comments that belong between its items.
    fn items(&self, id: &Id, list: &'static str, items: impl IntoIterator<Item = Node>) -> Node {
        let comments = |index| self.at(&Spot::Item(id.clone(), list, index));
        let items: Vec<_> = items
            .into_iter()
            .enumerate()
            .map(|(index, node)| node.under(comments(index)))
            .collect();
        let end = items.len();
        Node::list(items).ending(comments(end))
    }

    fn meta(&self, record: Record, meta: &Meta) -> Record {
        record
            .optional("name", meta.name.as_ref().map(Node::text))
            .optional("account", meta.account.as_ref().map(|id| self.id(id)))
    }

    fn endpoint(&self, record: Record, meta: &Meta) -> Record {
        let tags = meta.tags.iter();
        let tags = tags.map(|(key, value)| (key.clone(), Node::text(value)));
        self.meta(record, meta)
            .unless_empty("tags", Node::map(tags))
    }

    /// One section, by VPC and subnet; `place` says where an entity lies.
    fn section<'n, T>(
        &self,
        kind: Kind,
        section: &'n Section<T>,
        place: impl Fn(&'n T) -> (Option<&'n Id>, Option<&'n Id>),
        entity: impl Fn(&Id, &T) -> Node,
    ) -> Node {
        let network = &self.document.fragment.network;
        let order = |(vpc, subnet): (Option<&Id>, Option<&Id>)| {
            let vpc = vpc.map(|id| network.vpcs.get_index_of(id));
            let subnet = subnet.map(|id| network.subnets.get_index_of(id));
            // entities of no VPC last
            (vpc.is_none(), vpc, subnet)
        };
        let mut entries: Vec<_> = section.iter().collect();
        entries.sort_by_key(|(_, value)| order(place(value)));
        let headings = network.vpcs.len() > 1;
        let mut last = None;
        let entries = entries.into_iter().map(|(id, value)| {
            let vpc = place(value).0;
            let mut above = Vec::new();
            if headings && vpc != last {
                above.extend(vpc.map(|vpc| self.heading(vpc)));
            }
            last = vpc;
            above.extend(self.at(&Spot::Entity(id.clone())));
            (id.to_string(), entity(id, value).under(above))
        });
        let entries: Vec<_> = entries.collect();
        let left_out = self.at(&Spot::Section(kind));
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
            (vpc.to_string(), self.items(vpc, "classic_links", nodes))
        });
        let links: Vec<_> = links.collect();
        let record = self.ground(record, &fragment.network);
        let record = self.filters(record, &fragment.network);
        let record = self.machines(record, &fragment.network);
        let record = record
            .unless_empty("classic", self.classic(&fragment.network))
            .unless_empty("classic_links", Node::map(links).tall());
        self.gateways(record, &fragment.network)
            .optional("platform", fragment.platform.map(vpc::platform))
            .unless_empty("unmodelled", self.unmodelled(&fragment.network))
    }

    fn unmodelled(&self, network: &Network) -> Node {
        let entries = network.unmodelled.iter().map(|entry| {
            let cidrs = entry.destinations.iter();
            Record::new()
                .field("what", Node::text(&entry.what))
                .field("reason", Node::text(&entry.reason))
                .unless_empty("touches", self.ids(&entry.touches))
                .unless_empty("routing_of", self.ids(&entry.routing_of))
                .unless_empty("destinations", Node::list(cidrs.map(Node::text)))
                .unless_empty("missing_from", self.ids(&entry.missing_from))
                .node()
        });
        Node::list(entries).tall()
    }

    fn ground(&self, record: Record, network: &Network) -> Record {
        let nowhere = (None, None);
        record
            .unless_empty(
                "accounts",
                self.section(
                    Kind::Account,
                    &network.accounts,
                    |_| nowhere,
                    |_, it| vpc::account(it, self),
                ),
            )
            .unless_empty(
                "vpcs",
                self.section(
                    Kind::Vpc,
                    &network.vpcs,
                    |_| nowhere,
                    |_, it| vpc::vpc(it, self),
                ),
            )
            .unless_empty(
                "subnets",
                self.section(
                    Kind::Subnet,
                    &network.subnets,
                    |it| (Some(&it.vpc), None),
                    |_, it| vpc::subnet(it, self),
                ),
            )
            .unless_empty(
                "route_tables",
                self.section(
                    Kind::RouteTable,
                    &network.route_tables,
                    |it| (Some(&it.vpc), None),
                    |id, it| vpc::route_table(id, it, self),
                ),
            )
    }

    fn filters(&self, record: Record, network: &Network) -> Record {
        let nowhere = (None, None);
        record
            .unless_empty(
                "network_acls",
                self.section(
                    Kind::NetworkAcl,
                    &network.network_acls,
                    |it| (Some(&it.vpc), None),
                    |id, it| filter::network_acl(id, it, self),
                ),
            )
            .unless_empty(
                "security_groups",
                self.section(
                    Kind::SecurityGroup,
                    &network.security_groups,
                    |_| nowhere,
                    |id, it| filter::security_group(id, it, self),
                ),
            )
            .unless_empty(
                "address_templates",
                self.section(
                    Kind::AddressTemplate,
                    &network.address_templates,
                    |_| nowhere,
                    |id, it| filter::address_template(id, it, self),
                ),
            )
            .unless_empty(
                "address_template_groups",
                self.section(
                    Kind::AddressTemplateGroup,
                    &network.address_template_groups,
                    |_| nowhere,
                    |_, it| filter::address_template_group(it, self),
                ),
            )
            .unless_empty(
                "service_templates",
                self.section(
                    Kind::ServiceTemplate,
                    &network.service_templates,
                    |_| nowhere,
                    |id, it| filter::service_template(id, it, self),
                ),
            )
            .unless_empty(
                "service_template_groups",
                self.section(
                    Kind::ServiceTemplateGroup,
                    &network.service_template_groups,
                    |_| nowhere,
                    |_, it| filter::service_template_group(it, self),
                ),
            )
    }

    fn machines(&self, record: Record, network: &Network) -> Record {
        record
            .unless_empty(
                "instances",
                self.section(
                    Kind::Instance,
                    &network.instances,
                    |it| place_of(network, &it.subnet),
                    |_, it| machine::instance(it, self),
                ),
            )
            .unless_empty(
                "network_interfaces",
                self.section(
                    Kind::NetworkInterface,
                    &network.network_interfaces,
                    |it| place_of(network, &it.subnet),
                    |_, it| machine::network_interface(it, self),
                ),
            )
            .unless_empty(
                "instance_groups",
                self.section(
                    Kind::InstanceGroup,
                    &network.instance_groups,
                    |it| place_of(network, &it.subnet),
                    |_, it| machine::instance_group(it, self),
                ),
            )
            .unless_empty(
                "havips",
                self.section(
                    Kind::HaVip,
                    &network.havips,
                    |it| place_of(network, &it.subnet),
                    |_, it| machine::havip(it, self),
                ),
            )
            .unless_empty(
                "databases",
                self.section(
                    Kind::Database,
                    &network.databases,
                    |it| place_of(network, &it.subnet),
                    |_, it| machine::database(it, self),
                ),
            )
            .unless_empty(
                "load_balancers",
                self.section(
                    Kind::LoadBalancer,
                    &network.load_balancers,
                    |it| match &it.network {
                        LoadBalancerNetwork::Internal { subnet, .. } => place_of(network, subnet),
                        LoadBalancerNetwork::Public { vpc, .. } => (Some(vpc), None),
                    },
                    |id, it| balancer::load_balancer(id, it, self),
                ),
            )
    }

    fn classic(&self, network: &Network) -> Node {
        let nowhere = (None, None);
        let instances = self.section(
            Kind::ClassicInstance,
            &network.classic_instances,
            |_| nowhere,
            |_, it| machine::classic_instance(it, self),
        );
        let databases = self.section(
            Kind::ClassicDatabase,
            &network.classic_databases,
            |_| nowhere,
            |_, it| machine::classic_database(it, self),
        );
        let balancers = self.section(
            Kind::ClassicLoadBalancer,
            &network.classic_load_balancers,
            |_| nowhere,
            |id, it| balancer::classic_load_balancer(id, it, self),
        );
        Record::new()
            .unless_empty("instances", instances)
            .unless_empty("databases", databases)
            .unless_empty("load_balancers", balancers)
            .tall()
            .node()
    }

    fn gateways(&self, record: Record, network: &Network) -> Record {
        let nowhere = (None, None);
        record
            .unless_empty(
                "endpoint_connections",
                self.section(
                    Kind::EndpointConnection,
                    &network.endpoint_connections,
                    |it| (Some(&it.vpc), None),
                    |_, it| machine::endpoint_connection(it, self),
                ),
            )
            .unless_empty(
                "endpoint_services",
                self.section(
                    Kind::EndpointService,
                    &network.endpoint_services,
                    |it| (Some(&it.vpc), None),
                    |_, it| machine::endpoint_service(it, self),
                ),
            )
            .unless_empty(
                "vpc_endpoints",
                self.section(
                    Kind::VpcEndpoint,
                    &network.vpc_endpoints,
                    |it| place_of(network, &it.subnet),
                    |_, it| machine::vpc_endpoint(it, self),
                ),
            )
            .unless_empty(
                "peerings",
                self.section(
                    Kind::Peering,
                    &network.peerings,
                    |_| nowhere,
                    |_, it| gateway::peering(it, self),
                ),
            )
            .unless_empty(
                "ccns",
                self.section(
                    Kind::Ccn,
                    &network.ccns,
                    |_| nowhere,
                    |id, it| ccn::ccn(id, it, self),
                ),
            )
            .unless_empty(
                "nat_gateways",
                self.section(
                    Kind::NatGateway,
                    &network.nat_gateways,
                    |it| (Some(&it.vpc), None),
                    |id, it| gateway::nat_gateway(id, it, self),
                ),
            )
            .unless_empty(
                "vpn_gateways",
                self.section(
                    Kind::VpnGateway,
                    &network.vpn_gateways,
                    |it| (it.attached_to.vpc(), None),
                    |id, it| gateway::vpn_gateway(id, it, self),
                ),
            )
            .unless_empty(
                "direct_connect_gateways",
                self.section(
                    Kind::DirectConnectGateway,
                    &network.direct_connect_gateways,
                    |it| (it.attached_to.vpc(), None),
                    |id, it| gateway::direct_connect_gateway(id, it, self),
                ),
            )
            .unless_empty(
                "edge_firewalls",
                self.section(
                    Kind::EdgeFirewall,
                    &network.edge_firewalls,
                    |_| nowhere,
                    |id, it| filter::edge_firewall(id, it, self),
                ),
            )
            .unless_empty(
                "sites",
                self.section(
                    Kind::Site,
                    &network.sites,
                    |_| nowhere,
                    |_, it| vpc::site(it, self),
                ),
            )
    }
}

/// The VPC and the subnet of something that lies in a subnet.
fn place_of<'n>(network: &'n Network, subnet: &'n Id) -> (Option<&'n Id>, Option<&'n Id>) {
    let vpc = network.subnets.get(subnet).map(|entity| &entity.vpc);
    (vpc, Some(subnet))
}
