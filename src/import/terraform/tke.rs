//! Machines that are made alike, by clusters of containers and scaling groups; and pods.
//!
//! | what Terraform tells | what stands in the file | what is not certain |
//! |---|---|---|
//! | a pool: subnets and groups of its machines | an instance group a subnet, at stand-in addresses | how many there are, and whether older ones have other groups: missing from the group |
//! | workers that are counted, with the addresses of a state | instances at these addresses | - |
//! | workers that are counted, in a plan | an instance group of as many | their addresses |
//! | subnets of pods with addresses of the VPC (VPC-CNI) | an instance group a subnet | how many, and the groups of their interfaces |
//! | a range of pods beside the VPC (Global Router) | packets into it have no verdict | the pods are no endpoints: beyond the VPC they have the address of their node |
//!
//! What the cluster makes by itself (load balancers, further interfaces) is missing from its VPC and subnets all the
//! same: `unread` says so.

use std::net::IpAddr;

use serde_json::Value;

use super::block::{Line, Order};
use super::ground::{SUBNET, VPC};
use super::input::{NOTHING, get, list};
use super::many::Many;
use super::resolve::{Attribute, text_of};
use super::{Import, Spots};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::import::notation;
use crate::import::note::Outcome;
use crate::model::{Destination, Instance, InstanceGroup, Kind, Meta, State};

/// The type of a cluster.
const CLUSTER: &str = "tencentcloud_kubernetes_cluster";
/// The type of workers that join a cluster.
const WORKERS: &str = "tencentcloud_kubernetes_scale_worker";
/// The type of a group that scales.
const SCALING: &str = "tencentcloud_as_scaling_group";
/// The type of what it makes its machines from.
const CONFIG: &[&str] = &["tencentcloud_as_scaling_config"];
/// The types that make machines that are all alike.
const POOLS: [&str; 6] = [
    CLUSTER,
    SCALING,
    "tencentcloud_kubernetes_node_pool",
    "tencentcloud_kubernetes_native_node_pool",
    WORKERS,
    "tencentcloud_kubernetes_serverless_node_pool",
];
/// How many stand for machines whose number is not known: two, so that they are asked about one another.
const SOME: u32 = 2;

/// Machines that are all alike, as a resource tells them.
struct Pool<'j> {
    /// What distinguishes it from others of the resource: `worker_config[0]`; empty if there are none.
    part: String,
    subnets: Many,
    /// The resource that names the groups of each.
    source: usize,
    /// These groups, and the name of the list.
    groups: (Attribute<'j>, &'static str),
    /// Whether the order of the list is theirs.
    is_ordered: bool,
    /// How many there are, if that is fixed for good.
    number: Option<u32>,
    /// Whether each gets a public address of its own.
    is_public: bool,
}

/// Machines of a group that may be more or others than those in the file.
#[derive(Debug)]
pub struct Grown {
    /// The resource that makes them.
    pub resource: usize,
    /// The group.
    pub group: Id,
    /// Its first address, which is a stand-in.
    pub address: IpAddr,
    /// Whether there may be more.
    pub is_open: bool,
}

impl<'j> Import<'j> {
    pub(super) fn pools(&mut self) {
        for kind in POOLS {
            for index in self.of_kind(kind) {
                let pools = self.pools_of(index);
                for pool in &pools {
                    self.pool(index, pool);
                }
                // a cluster makes more than its workers; what only adds some is there as a whole
                let is_whole = kind == WORKERS && pools.iter().all(|it| self.is_there(it));
                if is_whole && self.open_groups(index).next().is_none() {
                    self.imported(index);
                    self.whole.insert(index);
                }
            }
        }
        for index in self.of_kind(CLUSTER) {
            self.pods(index);
            self.pod_range(index);
        }
    }

    /// Whether all places of a pool are in the file.
    fn is_there(&self, pool: &Pool<'_>) -> bool {
        let mut subnets = pool.subnets.found.iter();
        let is_told = !pool.subnets.found.is_empty() && pool.subnets.lost.is_empty();
        is_told && subnets.all(|subnet| self.placed.contains_key(subnet))
    }

    /// What a resource makes.
    fn pools_of(&self, index: usize) -> Vec<Pool<'j>> {
        let kind = self.input.resources[index].kind;
        let lines = |name| self.input.lines(index, name, Order::Kept).unwrap_or_default();
        let subnets = |attribute| self.input.many_of(index, attribute, SUBNET);
        match kind {
            "tencentcloud_kubernetes_node_pool" => {
                let places = subnets(self.input.attribute(index, "subnet_ids"));
                let lines = lines("auto_scaling_config");
                let config = lines.first();
                let (groups, is_ordered) = ordered(config);
                let pool = growing(index, places, groups);
                vec![Pool { is_ordered, is_public: is_public(config), ..pool }]
            }
            SCALING => vec![self.scaling(index)],
            "tencentcloud_kubernetes_native_node_pool" => {
                let lines = lines("native");
                let config = lines.first();
                let places = config.and_then(|it| subnets(it.attribute("subnet_ids")));
                vec![Pool {
                    is_public: is_public(config),
                    ..growing(index, places, groups(config))
                }]
            }
            "tencentcloud_kubernetes_serverless_node_pool" => {
                let own = self.input.attribute(index, "security_group_ids");
                let nodes = lines("serverless_nodes").into_iter().enumerate();
                let nodes = nodes.map(|(number, line)| Pool {
                    part: format!("serverless_nodes[{number}]"),
                    subnets: subnets(line.attribute("subnet_id")).unwrap_or_default(),
                    source: index,
                    groups: (own, "security_group_ids"),
                    is_ordered: true,
                    number: None,
                    is_public: false,
                });
                nodes.collect()
            }
            _ => {
                let workers = lines("worker_config").into_iter().enumerate();
                let workers = workers.map(|(number, line)| Pool {
                    part: format!("worker_config[{number}]"),
                    subnets: subnets(line.attribute("subnet_id")).unwrap_or_default(),
                    source: index,
                    groups: groups(Some(&line)),
                    is_ordered: true,
                    // one where nothing is said
                    number: u32::try_from(get(line.values, "count").as_u64().unwrap_or(1)).ok(),
                    is_public: is_public(Some(&line)),
                });
                workers.collect()
            }
        }
    }

    /// The machines of a scaling group, which has their groups in a resource of its own.
    fn scaling(&self, index: usize) -> Pool<'j> {
        let places = self.input.many(index, "subnet_ids", SUBNET);
        let found = self.input.one(index, "configuration_id", CONFIG);
        let source = found.ok().flatten().map(|found| found.value);
        // one that is not in the input names no groups that are known
        let name = "security_group_ids";
        let list = source.map_or(Attribute::Unset, |it| self.input.attribute(it, name));
        let values = source.map_or(NOTHING, |it| self.input.resources[it].values);
        Pool {
            is_public: has_public(values),
            ..growing(source.unwrap_or(index), places, (list, name))
        }
    }

    fn pool(&mut self, index: usize, pool: &Pool<'j>) {
        let own = self.id(index);
        let base = match pool.part.as_str() {
            "" => own.clone(),
            part => Id::from(format!("{own}.{part}")),
        };
        let subnets = pool.subnets.found.iter();
        let subnets: Vec<usize> =
            subnets.copied().filter(|subnet| self.placed.contains_key(subnet)).collect();
        // what is not resolved is said where the resource as a whole is
        let is_split = subnets.len() + pool.subnets.lost.len() > 1;
        for subnet in subnets {
            let subnet = self.id(subnet);
            if !is_split && self.known_workers(index, pool, &subnet) {
                continue;
            }
            let id = if is_split { Id::from(format!("{base}@{subnet}")) } else { base.clone() };
            let number = pool.number.filter(|_| !is_split);
            self.grow(index, &id, &subnet, number);
            let groups = self.pool_groups(index, pool, &id);
            if let Some(made) = self.network().instance_groups.get_mut(&id) {
                made.security_groups = groups;
                if pool.is_public {
                    self.own_public_addresses(index, &id);
                }
            }
        }
    }

    /// Puts a group of machines into a subnet, at addresses that are not theirs.
    fn grow(&mut self, index: usize, id: &Id, subnet: &Id, number: Option<u32>) {
        let network = &self.draft.document.fragment.network;
        let Some(place) = network.subnets.get(subnet) else {
            return;
        };
        let (vpc, cidr) = (place.vpc.clone(), place.cidr);
        let wanted = number.unwrap_or(SOME);
        let spare = &mut self.places.spare;
        let Some(ips) =
            (wanted > 0).then(|| spare.private_row(vpc.as_str(), cidr, wanted)).flatten()
        else {
            return;
        };
        let made = InstanceGroup {
            meta: Meta {
                name: Some(self.address(index).to_owned()).filter(|name| name != id.as_str()),
                ..Meta::default()
            },
            subnet: subnet.clone(),
            ips,
            security_groups: Vec::new(),
        };
        let count = made.count();
        self.network().instance_groups.insert(id.clone(), made);
        self.belongs(index, id);
        self.grown.push(Grown {
            resource: index,
            group: id.clone(),
            address: ips.0,
            is_open: number.and_then(|it| usize::try_from(it).ok()) != Some(count),
        });
        let (first, last) = ips;
        let why = words!(
            "{first}-{last} are stand-ins: the addresses of the machines are not in the input",
            "{first}-{last} 是占位地址：输入中没有这些机器的地址"
        );
        let say = Say::of(self.address(index), why);
        self.draft.say(Outcome::StoodIn, Spot::Entity(id.clone()), say);
    }

    /// The groups of the machines of a pool; where none are named, nobody tells which they get.
    fn pool_groups(&mut self, index: usize, pool: &Pool<'j>, id: &Id) -> Vec<Id> {
        let (list, name) = pool.groups;
        let found = self.meant_groups((pool.source, name), list, id);
        if found.is_empty() {
            return vec![self.unknown_group(None, name, id)];
        }
        if found.len() > 1 && !pool.is_ordered {
            self.without_order(index, id);
        }
        found
    }

    /// Instance groups have no public addresses: what is asked of the Internet has no verdict.
    fn own_public_addresses(&mut self, index: usize, id: &Id) {
        let why = Words::new(
            "each of its machines gets a public address, which is not in the input",
            "其中每台机器都会获得公网地址，而输入中没有",
        );
        let say = Say::of(self.address(index), why);
        let bears = Bears::On(vec![id.clone()]);
        let spot = Spot::Entity(id.clone());
        let to = vec![Destination::Internet];
        self.draft.leave_open_to(spot, say, bears, to);
    }

    /// Puts the workers that a state lists into the file; whether these are all that the pool makes.
    fn known_workers(&mut self, index: usize, pool: &Pool<'j>, subnet: &Id) -> bool {
        let Some(number) = pool.number else {
            return false;
        };
        let network = &self.draft.document.fragment.network;
        let Some(place) = network.subnets.get(subnet) else {
            return false;
        };
        let text = |worker: &Value, name: &str| text_of(get(worker, name));
        let workers = list(self.input.known(index, "worker_instances_list")).iter();
        let workers = workers.filter_map(|it| {
            let address = text(it, "lan_ip")?.parse::<IpAddr>().ok()?;
            Some((notation::id(&text(it, "instance_id")?), address))
        });
        let workers: Vec<(Id, IpAddr)> = workers.filter(|it| place.covers(it.1)).collect();
        // the list of a cluster holds the machines of its pools, too
        if workers.len() != number as usize || workers.is_empty() {
            return false;
        }
        for (id, ip) in workers {
            if self.network().kind_of(id.as_str()).is_none() {
                self.worker(index, pool, &id, (subnet, ip));
            }
        }
        true
    }

    /// Puts a machine of a pool where it is.
    fn worker(&mut self, index: usize, pool: &Pool<'j>, id: &Id, (subnet, ip): (&Id, IpAddr)) {
        let instance = Instance {
            meta: Meta {
                name: Some(format!("{}.{}", self.address(index), pool.part)),
                ..Meta::default()
            },
            subnet: subnet.clone(),
            ip,
            secondary_ips: Vec::new(),
            ipv6: None,
            eip: None,
            security_groups: Vec::new(),
            state: State::Running,
            public_gateway: false,
            masquerades: false,
        };
        self.network().instances.insert(id.clone(), instance);
        self.belongs(index, id);
        let groups = self.pool_groups(index, pool, id);
        if let Some(instance) = self.network().instances.get_mut(id) {
            instance.security_groups = groups;
        }
        if pool.is_public {
            self.own_public_addresses(index, id);
        }
    }

    /// Pods with addresses of the VPC: endpoints of their subnets, whose groups Terraform does not tell.
    fn pods(&mut self, index: usize) {
        let Some(many) = self.input.many(index, "eni_subnet_ids", SUBNET) else {
            return;
        };
        let subnets = many.found.into_iter();
        let subnets: Vec<Id> = subnets
            .filter(|subnet| self.placed.contains_key(subnet))
            .map(|subnet| self.id(subnet))
            .collect();
        for subnet in &subnets {
            let own = self.id(index);
            let id = if subnets.len() + many.lost.len() > 1 {
                Id::from(format!("{own}.pods@{subnet}"))
            } else {
                Id::from(format!("{own}.pods"))
            };
            self.grow(index, &id, subnet, None);
            let groups = vec![self.unknown_group(None, "security_groups", &id)];
            if let Some(made) = self.network().instance_groups.get_mut(&id) {
                made.security_groups = groups;
            }
        }
    }

    /// A range of pods or services beside the VPC: where its packets go, only the cluster knows.
    fn pod_range(&mut self, index: usize) {
        let vpc = self.input.one(index, "vpc_id", VPC);
        let vpcs = match vpc {
            Ok(Some(found)) if self.placed.contains_key(&found.value) => vec![self.id(found.value)],
            _ => self.draft.document.fragment.network.vpcs.keys().cloned().collect(),
        };
        for name in ["cluster_cidr", "service_cidr"] {
            let to = match self.input.attribute(index, name) {
                Attribute::Unset => continue,
                Attribute::Known(value) => {
                    let text = text_of(value).unwrap_or_default();
                    notation::cidr(&text).ok().map(Destination::from)
                }
                Attribute::Unknown(_) | Attribute::Lost => None,
            };
            let why = Words::new(
                "what goes there ends at pods, whichever route there is; the pods are not in the file",
                "发往该网段的报文止于 Pod，与路由无关；文件中没有这些 Pod",
            );
            let say = Say::of(self.address(index), why).at(name);
            let bears = Bears::Routing(vpcs.clone());
            self.draft.leave_open_to(Spot::Head, say, bears, to.into_iter().collect());
        }
        let is_routed = self.input.text(index, "network_type");
        let is_routed = is_routed.is_none_or(|it| it.eq_ignore_ascii_case("GR"));
        let range = self.input.text(index, "cluster_cidr");
        if let (true, Some(range)) = (is_routed, range) {
            let why = words!(
                "what its pods send beyond the VPC leaves with the address of their node, unless ip-masq-agent says \
                 otherwise: ask the node. Within the VPC they have an address of {range}",
                "其 Pod 发往私有网络之外的报文带节点地址（除非 ip-masq-agent 另有配置）：请以节点提问。在私有网络内，其地址属于 {range}"
            );
            self.assumed(index, "network_type", &Spot::Head, Some(why));
        }
    }

    /// The container ranges of a VPC whose clusters may be elsewhere.
    pub(super) fn container_ranges(&mut self, vpc: usize) {
        let ranges = list(self.input.known(vpc, "docker_assistant_cidrs")).iter();
        let ranges = ranges.filter_map(|it| notation::cidr(it.as_str()?).ok());
        let to: Vec<Destination> = ranges.map(Destination::from).collect();
        if to.is_empty() {
            return;
        }
        let why = Words::new(
            "ranges of containers: what goes there ends at pods, which are not in the file",
            "容器网段：发往该网段的报文止于 Pod，而文件中没有这些 Pod",
        );
        let say = Say::of(self.address(vpc), why).at("docker_assistant_cidrs");
        let id = self.id(vpc);
        let spots = Spots::entity(Kind::Vpc, &id);
        let bears = Bears::Routing(vec![id]);
        self.draft.leave_open_to(spots.there, say, bears, to);
    }

    /// The groups of which a resource makes more members than are in the file.
    pub(super) fn open_groups(&self, index: usize) -> impl Iterator<Item = Id> + '_ {
        let own = self.grown.iter();
        let own = own.filter(move |it| it.resource == index && it.is_open);
        own.map(|it| it.group.clone())
    }
}

/// A pool that grows and shrinks.
fn growing<'j>(
    source: usize,
    subnets: Option<Many>,
    groups: (Attribute<'j>, &'static str),
) -> Pool<'j> {
    Pool {
        part: String::new(),
        subnets: subnets.unwrap_or_default(),
        source,
        groups,
        is_ordered: true,
        number: None,
        is_public: false,
    }
}

/// The groups of a configuration of machines, and whether they have an order: the ordered list, else the other one.
fn ordered<'j>(config: Option<&Line<'j>>) -> ((Attribute<'j>, &'static str), bool) {
    let name = "orderly_security_group_ids";
    match config.map(|it| it.attribute(name)) {
        Some(list @ (Attribute::Known(_) | Attribute::Unknown(_) | Attribute::Lost)) => {
            ((list, name), true)
        }
        Some(Attribute::Unset) | None => (groups(config), false),
    }
}

fn groups<'j>(config: Option<&Line<'j>>) -> (Attribute<'j>, &'static str) {
    let name = "security_group_ids";
    let list = config.map_or(Attribute::Unset, |it| it.attribute(name));
    (list, name)
}

/// Whether a configuration gives each machine a public address.
fn is_public(config: Option<&Line<'_>>) -> bool {
    has_public(config.map_or(NOTHING, |it| it.values))
}

fn has_public(values: &Value) -> bool {
    *get(values, "public_ip_assigned") == Value::Bool(true)
        || !list(get(values, "internet_accessible")).is_empty()
}
