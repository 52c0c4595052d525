//! Load balancers with their listeners and targets.

use super::dump::Object;
use super::{Import, by_hand, collect, collect_instances, name_file, no_region};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{
    ClassicLoadBalancer, Kind, Listener, ListenerProtocol, LoadBalancer, LoadBalancerNetwork,
    Target,
};
use crate::space::IntervalSet;

impl<'d> Import<'d> {
    pub(super) fn load_balancers(&mut self) {
        for object in self.dump.all("DescribeLoadBalancers", "LoadBalancerSet") {
            self.load_balancer(&object);
        }
        for action in [
            "DescribeListeners",
            "DescribeTargets",
            "DescribeClassicalLBListeners",
            "DescribeClassicalLBTargets",
        ] {
            for answer in self.dump.answers(action) {
                let owner = answer.response.owner.as_deref();
                let network = &self.draft.document.fragment.network;
                let is_there = owner.is_some_and(|owner| {
                    network.has(Kind::LoadBalancer, owner)
                        || network.has(Kind::ClassicLoadBalancer, owner)
                });
                let Some(owner) = owner.filter(|_| is_there) else {
                    let file = answer.response.file.as_str();
                    let why = Words::new(
                        "it is not known which load balancer it belongs to",
                        "无法得知它属于哪个负载均衡",
                    );
                    let help = name_file(&format!("{action}.lb-….json"));
                    let spot = Spot::Section(Kind::LoadBalancer);
                    // one that is named is missing itself
                    let bears = match owner {
                        Some(_) => Bears::Nothing,
                        None => Bears::Everything,
                    };
                    self.leave_out((file, ""), spot, why, help, bears);
                    continue;
                };
                if action.contains("ClassicalLB") {
                    self.old_listeners(owner, &answer);
                    continue;
                }
                let listeners = answer.list("Listeners");
                for listener in &listeners {
                    self.listener(owner, listener, &listeners);
                }
            }
        }
    }

    /// The old kind: every target serves every listener, at the listener's own port for targets.
    fn old_listeners(&mut self, owner: &str, answer: &Object<'d>) {
        let answers = self.dump.answers("DescribeClassicalLBTargets");
        let own = answers.filter(|it| it.response.owner.as_deref() == Some(owner));
        let targets: Vec<_> = own.flat_map(|it| it.list("Targets")).collect();
        for object in answer.list("Listeners") {
            let name = object.words("ListenerId");
            let spot = Spot::Entity(notation::id(owner));
            let ports = object.port("ListenerPort").zip(object.port("InstancePort"));
            let ports =
                ports.ok_or_else(|| Words::new("its ports cannot be read", "无法读取其端口"));
            let protocol = notation::listener_protocol(object.words("Protocol"));
            let found = ports.and_then(|ports| Ok((ports, protocol?)));
            let Some(((port, inside), protocol)) = self.read(owner, name, spot, found) else {
                continue;
            };
            let targets =
                targets.iter().filter_map(|target| self.target(owner, name, target, Some(inside)));
            let targets: Vec<Target> = targets.collect();
            self.serve(owner, protocol, IntervalSet::range(port, port), targets, None);
        }
    }

    fn load_balancer(&mut self, object: &Object<'d>) {
        let id = object.words("LoadBalancerId");
        let places = [object.words("VpcId"), object.words("SubnetId")];
        self.within(places.into_iter().chain(object.texts("SecureGroups")));
        let is_public = object.words("LoadBalancerType").eq_ignore_ascii_case("open");
        let is_classic = object.text("VpcId").is_none();
        let kind = if is_classic { Kind::ClassicLoadBalancer } else { Kind::LoadBalancer };
        let spot = Spot::Section(kind);
        let vips = object.texts("LoadBalancerVips");
        let vip = notation::address(vips.first().copied().unwrap_or_default());
        let Some(vip) = self.read(id, "LoadBalancerVips", spot.clone(), vip) else {
            return;
        };
        if object.number("Forward") == Some(0) {
            let answers = ["DescribeClassicalLBListeners", "DescribeClassicalLBTargets"];
            let missing = answers.into_iter().find(|action| {
                let mut own = self.dump.answers(action);
                own.all(|it| it.response.owner.as_deref() != Some(id))
            });
            if let Some(action) = missing {
                let why = words!(
                    "it is of the old kind, and `{action}.{id}.json` is not in the files",
                    "它是传统型负载均衡，而文件中没有 `{action}.{id}.json`"
                );
                self.open(id, Spot::Entity(notation::id(id)), why);
            }
        }
        if is_classic {
            let zone = object.inner("MasterZone").words("Zone");
            let Some(region) = self.region(object, zone) else {
                let why = no_region();
                let help = name_file("DescribeLoadBalancers.ap-guangzhou.json");
                self.left_out(id, "region", spot, why, help);
                return;
            };
            let balancer = ClassicLoadBalancer {
                meta: Self::meta(object, "LoadBalancerName"),
                region,
                vip,
                public: is_public,
                listeners: Vec::new(),
            };
            let network = self.network();
            network.classic_load_balancers.insert(notation::id(id), balancer);
            self.imported(id);
            return;
        }
        let network = if is_public {
            let vpc = self.must(id, "VpcId", object.words("VpcId"), Kind::Vpc, spot);
            vpc.map(|vpc| LoadBalancerNetwork::Public { vpc, vip })
        } else {
            let subnet = object.words("SubnetId");
            let subnet = self.must(id, "SubnetId", subnet, Kind::Subnet, spot);
            subnet.map(|subnet| LoadBalancerNetwork::Internal { subnet, vip, eip: None })
        };
        let groups = object.texts("SecureGroups");
        let kinds = (kind, Kind::SecurityGroup);
        let groups = self.ids(id, "SecureGroups", &groups, kinds);
        let (Some(network), Some(security_groups)) = (network, groups) else {
            return;
        };
        let beyond = object.inner("TargetRegionInfo").words("VpcId");
        let is_beyond = beyond.starts_with("vpc-") && beyond != object.words("VpcId");
        if object.is("SnatPro") || is_beyond {
            let why = Words::new(
                "its targets may lie beyond its VPC, which is not modelled",
                "其后端可能在本私有网络之外，模型不支持",
            );
            self.open(id, Spot::Entity(notation::id(id)), why);
        }
        let balancer = LoadBalancer {
            meta: Self::meta(object, "LoadBalancerName"),
            network,
            security_groups,
            pass_to_target: object.is("LoadBalancerPassToTarget"),
            listeners: Vec::new(),
        };
        self.network().load_balancers.insert(notation::id(id), balancer);
        self.imported(id);
    }

    /// A listener of either action; both say protocol and port, the first which rules redirect, the second the targets.
    fn listener(&mut self, balancer: &str, object: &Object<'d>, all: &[Object<'d>]) {
        let spot = Spot::Entity(notation::id(balancer));
        let listener = object.words("ListenerId");
        let Some(port) = object.port("Port") else {
            let why = Words::new("its port cannot be read", "无法读取其端口");
            self.left_out(balancer, listener, spot, why, by_hand());
            return;
        };
        let last = object.port("EndPort").filter(|last| *last > port);
        let protocol = notation::listener_protocol(object.words("Protocol"));
        let Some(protocol) = self.read(balancer, listener, spot, protocol) else {
            return;
        };
        let mut targets = object.list("Targets");
        let rules = object.list("Rules");
        for rule in &rules {
            targets.extend(rule.list("Targets"));
        }
        let targets: Vec<Target> = targets
            .iter()
            .filter_map(|target| self.target(balancer, listener, target, None))
            .collect();
        let ports = IntervalSet::range(port, last.unwrap_or(port));
        let spot = Spot::Entity(notation::id(balancer));
        let sent: Vec<&str> = rules.iter().filter_map(redirected).collect();
        let redirects_to = match sent.first() {
            Some(other) if sent.len() == rules.len() => {
                let other = all.iter().find(|it| it.words("ListenerId") == *other);
                let port = other.and_then(|other| other.port("Port"));
                if port.is_none() {
                    let why = Words::new(
                        "the listener that it redirects to is not in the files",
                        "文件中没有其重定向的目标监听器",
                    );
                    self.left_out(balancer, listener, spot, why, by_hand());
                }
                port
            }
            Some(_) => {
                let why = Words::new(
                    "some of its rules redirect and some have targets, which nobody tells by a packet",
                    "其部分规则重定向、部分规则有后端，无法按报文区分",
                );
                self.left_out(balancer, listener, spot, why, by_hand());
                None
            }
            None => {
                let is_told = rules.is_empty() || self.answer_of("DescribeListeners", balancer);
                if targets.is_empty() && !is_told {
                    let why = Words::new(
                        "its rules have no targets, and whether they redirect is not in the files",
                        "其规则没有后端，文件中也没有其是否重定向",
                    );
                    let help = collect(&format!("DescribeListeners.{balancer}.json"));
                    self.left_out(balancer, listener, spot, why, help);
                }
                None
            }
        };
        self.serve(balancer, protocol, ports, targets, redirects_to);
    }

    fn serve(
        &mut self,
        balancer: &str,
        protocol: ListenerProtocol,
        ports: IntervalSet<u16>,
        targets: Vec<Target>,
        redirects_to: Option<u16>,
    ) {
        let id = notation::id(balancer);
        let network = self.network();
        let listeners = match network.load_balancers.get_mut(&id) {
            Some(balancer) => &mut balancer.listeners,
            None => match network.classic_load_balancers.get_mut(&id) {
                Some(balancer) => &mut balancer.listeners,
                None => return,
            },
        };
        let known = listeners.iter().position(|it| it.protocol == protocol && it.ports == ports);
        let index = known.unwrap_or_else(|| {
            listeners.push(Listener { protocol, ports, targets: Vec::new(), redirects_to });
            listeners.len() - 1
        });
        for target in targets {
            if !listeners[index].targets.contains(&target) {
                listeners[index].targets.push(target);
            }
        }
    }

    fn target(
        &mut self,
        balancer: &str,
        listener: &str,
        object: &Object<'d>,
        port: Option<u16>,
    ) -> Option<Target> {
        let network = &self.draft.document.fragment.network;
        let is_there = |id: &&str| {
            network.has(Kind::Instance, id)
                || network.has(Kind::ClassicInstance, id)
                || network.has(Kind::NetworkInterface, id)
        };
        // an interface beside the primary one is an endpoint of its own
        let interface = object.text("EniId").filter(|id| network.has(Kind::NetworkInterface, id));
        let instance = interface.or_else(|| object.text("InstanceId").filter(is_there));
        let spot = Spot::Entity(notation::id(balancer));
        let Some(instance) = instance else {
            let named = object.text("InstanceId").or_else(|| object.text("EniId"));
            let why = named.map_or_else(
                || {
                    Words::new(
                        "its target without an id is not in the files",
                        "其无 ID 的后端不在文件中",
                    )
                },
                |named| {
                    words!("its target {named} is not in the files", "其后端 {named} 不在文件中")
                },
            );
            self.left_out(balancer, listener, spot, why, collect_instances());
            return None;
        };
        let instance = Id::from(instance);
        let Some(port) = port.or_else(|| object.port("Port")) else {
            let why = words!(
                "the port of its target {instance} cannot be read",
                "无法读取其后端 {instance} 的端口"
            );
            self.left_out(balancer, listener, spot, why, by_hand());
            return None;
        };
        let weight = object.number("Weight");
        Some(Target {
            instance,
            port,
            weight: weight.and_then(|it| u8::try_from(it).ok()).unwrap_or(10),
        })
    }
}

/// The listener that a rule sends clients to.
fn redirected<'d>(rule: &Object<'d>) -> Option<&'d str> {
    rule.inner("RewriteTarget").text("TargetListenerId")
}
