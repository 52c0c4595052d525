//! Databases that move, and targets of listeners: what each product asks for.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::{Commands, arg};
use crate::id::Id;
use crate::model::{Change, Engine, Listener, ListenerKey, ListenerProtocol, Protocols, Target};

impl Commands<'_> {
    /// Each product has an action of its own for it.
    pub(super) fn database(&self, change: &Change) -> Vec<String> {
        let Change::ModifyDBInstanceVipVport {
            database,
            vpc,
            subnet,
            ip,
            keep_old_hours,
            security_groups,
        } = change
        else {
            return Vec::new();
        };
        let hours = keep_old_hours.unwrap_or(0);
        let networks = [self.from, self.goal];
        let known = networks.into_iter().find_map(|network| {
            let classic = network.classic_databases.get(database);
            let classic = classic.map(|it| (it.engine, it.ip, it.port));
            let own = network.databases.get(database);
            classic.or_else(|| own.map(|it| (it.engine, it.ip, it.port)))
        });
        let engine = known.map(|(engine, ..)| engine);
        let is_classic = self.from.classic_databases.contains_key(database);
        let id = json!(database.as_str());
        let (vpc, subnet) = (self.id(vpc), self.id(subnet));
        let (product, action, mut values) = match engine {
            Some(Engine::Redis) => (
                "redis",
                "ModifyNetworkConfig",
                vec![
                    ("InstanceId", id.clone()),
                    ("Operation", json!(if is_classic { "changeBaseToVpc" } else { "changeVpc" })),
                    ("VpcId", vpc),
                    ("SubnetId", subnet),
                    ("Recycle", json!(hours / 24)),
                ],
            ),
            Some(Engine::MongoDb) => (
                "mongodb",
                "ModifyDBInstanceNetworkAddress",
                vec![
                    ("InstanceId", id.clone()),
                    ("OldIpExpiredTime", json!(0)),
                    ("NewUniqVpcId", vpc),
                    ("NewUniqSubnetId", subnet),
                ],
            ),
            Some(engine @ (Engine::MariaDb | Engine::TdSql)) => (
                if engine == Engine::MariaDb { "mariadb" } else { "dcdb" },
                "ModifyInstanceNetwork",
                vec![
                    ("InstanceId", id.clone()),
                    ("VpcId", vpc),
                    ("SubnetId", subnet),
                    ("VipReleaseDelay", json!(hours)),
                ],
            ),
            _ => (
                "cdb",
                "ModifyDBInstanceVipVport",
                vec![
                    ("InstanceId", id.clone()),
                    ("UniqVpcId", vpc),
                    ("UniqSubnetId", subnet),
                    ("ReleaseDuration", json!(hours)),
                ],
            ),
        };
        values.extend(address(product, *ip, known));
        let mut lines = vec![self.call(product, action, &values)];
        let groups = security_groups.as_ref().filter(|groups| !groups.is_empty());
        lines.extend(groups.map(|groups| {
            let values = [("InstanceId", id), ("SecurityGroupIds", self.ids(groups))];
            let values = match product {
                "cdb" | "mongodb" => values.to_vec(),
                other => {
                    let [(name, id), groups] = values;
                    vec![("Product", json!(other)), (name, id), groups]
                }
            };
            self.call(product, "ModifyDBInstanceSecurityGroups", &values)
        }));
        lines
    }

    /// The listener is found by protocol and port; on layer 7, targets belong to its first rule.
    pub(super) fn targets(
        &self,
        action: &str,
        balancer: &Id,
        key: &ListenerKey,
        targets: &[Target],
    ) -> String {
        let protocol = self.listener(balancer, key);
        let id = arg(&self.id(balancer));
        let own = protocol.unwrap_or(ListenerProtocol::Tcp);
        let ask =
            |field: &str| format!(r#""{}""#, self.of_listener(balancer, (own, first(key)), field));
        let location = if protocol.is_some_and(ListenerProtocol::is_web) {
            format!(" --LocationId {}", ask("Rules[0].LocationId"))
        } else {
            String::new()
        };
        let targets = targets.iter().map(|it| {
            json!({ "InstanceId": self.id(&it.instance), "Port": it.port, "Weight": it.weight })
        });
        format!(
            "tccli clb {action} --region {} --LoadBalancerId {id} --ListenerId {}{location} --Targets {}",
            self.region_of(balancer),
            ask("ListenerId"),
            arg(&Value::Array(targets.collect()))
        )
    }

    /// The rule of a listener of layer 7.
    pub(super) fn rule(&self, balancer: &Id, key: &ListenerKey, domain: Option<&str>) -> String {
        let own = self.listener(balancer, key).unwrap_or(ListenerProtocol::Http);
        let id = arg(&self.id(balancer));
        let rules = match domain {
            Some(domain) => json!([{ "Domain": domain, "Url": "/" }]),
            None => json!([{ "Url": "/" }]),
        };
        format!(
            r#"tccli clb CreateRule --region {} --LoadBalancerId {id} --ListenerId "{}" --Rules {}"#,
            self.region_of(balancer),
            self.of_listener(balancer, (own, first(key)), "ListenerId"),
            arg(&rules),
        )
    }

    /// What sends the clients of a listener on to another one of its balancer, rule to rule (CLB-18).
    pub(super) fn redirect(
        &self,
        balancer: &Id,
        from: &Listener,
        all: &[Listener],
    ) -> Option<String> {
        let port = from.redirects_to?;
        let mut web = all.iter().filter(|it| it.protocol.is_web() && it.ports.contains(port));
        let to = web.next()?.protocol;
        let own = from.ports.ranges().next().map_or(0, |(first, _)| first);
        let asked = |(listener, field): ((ListenerProtocol, u16), &str)| {
            self.of_listener(balancer, listener, field)
        };
        let [from, to] = [(from.protocol, own), (to, port)];
        let location = "Rules[0].LocationId";
        Some(format!(
            r#"tccli clb ManualRewrite --region {} --LoadBalancerId {} --SourceListenerId "{}" --TargetListenerId "{}" --RewriteInfos "[{{\"SourceLocationId\":\"{}\",\"TargetLocationId\":\"{}\"}}]""#,
            self.region_of(balancer),
            arg(&self.id(balancer)),
            asked((from, "ListenerId")),
            asked((to, "ListenerId")),
            asked((from, location)),
            asked((to, location)),
        ))
    }

    /// What the cloud says of a listener, to stand between double quotes.
    fn of_listener(
        &self,
        balancer: &Id,
        (protocol, port): (ListenerProtocol, u16),
        field: &str,
    ) -> String {
        let id = arg(&self.id(balancer));
        let word = protocol.word().to_uppercase();
        format!(
            r#"$(tccli clb DescribeListeners --region {} --LoadBalancerId {id} --Protocol {word} --Port {port} --filter 'Listeners[0].{field}' | tr -d '"')"#,
            self.region_of(balancer)
        )
    }

    fn listener(&self, balancer: &Id, key: &ListenerKey) -> Option<ListenerProtocol> {
        let networks = [self.goal, self.from];
        networks.into_iter().find_map(|network| {
            let own = network.load_balancers.get(balancer);
            let classic = network.classic_load_balancers.get(balancer);
            let all = own.map(|it| &it.listeners);
            let mut all = all.or_else(|| classic.map(|it| &it.listeners))?.iter();
            let own = all.find(|it| {
                it.ports == key.ports && Protocols::One(it.protocol.transport()) == key.protocols
            });
            own.map(|it| it.protocol)
        })
    }
}

/// The first port of a listener.
fn first(key: &ListenerKey) -> u16 {
    key.ports.ranges().next().map_or(0, |(first, _)| first)
}

/// What a product's action wants to be told of the new address.
fn address(
    product: &str,
    ip: Option<IpAddr>,
    known: Option<(Engine, IpAddr, u16)>,
) -> Option<(&'static str, Value)> {
    let new = ip.map(|ip| json!(ip.to_string()));
    match product {
        "redis" | "mariadb" | "dcdb" => Some(("Vip", new?)),
        "mongodb" => {
            let old = known.map(|(_, ip, _)| ip.to_string());
            let addresses = json!([{ "OldIpAddress": old, "NewIPAddress": new? }]);
            Some(("NetworkAddresses", addresses))
        }
        // An address or a port has to be given.
        _ => match new {
            Some(ip) => Some(("DstIp", ip)),
            None => known.map(|(.., port)| ("DstPort", json!(port))),
        },
    }
}
