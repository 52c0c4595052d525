//! Names that lead elsewhere, as records of the cloud's DNS, and old addresses that end.

use std::net::IpAddr;

use serde_json::json;

use super::{Commands, arg};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{LoadBalancerNetwork, Network};

/// What a record holds.
enum Value {
    /// An address inside.
    Private(IpAddr),
    /// An address outside.
    Public(IpAddr),
    /// The address outside that the cloud gives a load balancer.
    Given,
}

impl Commands<'_> {
    /// A record in the private DNS or, where clients come from outside, in the public one.
    pub(super) fn switched(&self, now: &Network, name: &Id, to: &Id) -> Vec<String> {
        let value = self.value(now, to);
        let [ip, full] = match &value {
            Some(Value::Private(ip) | Value::Public(ip)) => {
                [format!(" ({ip})"), format!("（{ip}）")]
            }
            Some(Value::Given) | None => [const { String::new() }; 2],
        };
        let split = name.as_str().split_once('.');
        let (Some((host, rest)), Some(value)) = (split, value) else {
            return vec![self.told(&Words::new(
                format!("DNS: let {name} lead to {to}{ip}"),
                format!("DNS：将 {name} 解析到 {to}{full}"),
            ))];
        };
        let kind = match &value {
            Value::Private(ip) | Value::Public(ip) if ip.is_ipv6() => "AAAA",
            _ => "A",
        };
        let dns = match value {
            Value::Private(_) => "Private DNS",
            Value::Public(_) | Value::Given => "DNSPod",
        };
        let mut lines = vec![self.told(&Words::new(
            format!(
                "let {name} lead to {to}{ip}; if its record is not in {dns}, change it where it is"
            ),
            format!(
                "将 {name} 解析到 {to}{full}；若解析记录不在 {dns} 中，请在其所在的 DNS 中修改"
            ),
        ))];
        match value {
            Value::Private(ip) => lines.extend(self.private(host, rest, (kind, ip), to)),
            Value::Public(ip) => lines.push(self.public(host, rest, (kind, &ip.to_string()))),
            Value::Given => {
                let ids = self.ids([to]);
                lines.push(self.asked(
                    "vip",
                    ("clb", "DescribeLoadBalancers"),
                    &[("LoadBalancerIds", ids)],
                    "LoadBalancerSet[0].LoadBalancerVips[0]",
                ));
                lines.push(self.public(host, rest, (kind, "\"$vip\"")));
            }
        }
        lines
    }

    fn private(&self, host: &str, zone: &str, (kind, ip): (&str, IpAddr), to: &Id) -> Vec<String> {
        let filters = json!([{ "Name": "Domain", "Values": [zone] }]);
        let found = self.asked(
            "zone",
            ("privatedns", "DescribePrivateZoneList"),
            &[("Filters", filters)],
            "PrivateZoneSet[0].ZoneId",
        );
        let region = self.region_of(to);
        let record = format!(
            r#"record=$(tccli privatedns DescribePrivateZoneRecordList --region {region} --ZoneId "$zone" --Limit 200 --filter "RecordSet[?SubDomain=='{host}'].RecordId | [0]" | tr -d '"')"#
        );
        let host = arg(&json!(host));
        let set = format!(
            r#"tccli privatedns ModifyPrivateZoneRecord --region {region} --ZoneId "$zone" --RecordId "$record" --RecordType {kind} --SubDomain {host} --RecordValue {ip}"#
        );
        vec![found, record, set]
    }

    /// The domain is what is registered: the last two labels.
    fn public(&self, host: &str, rest: &str, (kind, value): (&str, &str)) -> String {
        let (region, labels) = (self.region, rest.split('.').collect::<Vec<_>>());
        let (sub, domain) = labels.split_at(labels.len().saturating_sub(2));
        let host = std::iter::once(&host).chain(sub).copied().collect::<Vec<_>>();
        let [host, domain] = [host, domain.to_vec()].map(|it| arg(&json!(it.join("."))));
        format!(
            r#"tccli dnspod ModifyRecord --region {region} --Domain {domain} --SubDomain {host} --RecordType {kind} --RecordLine '默认' --Value {value} --RecordId "$(tccli dnspod DescribeRecordList --region {region} --Domain {domain} --Subdomain {host} --RecordType {kind} --filter 'RecordList[0].RecordId')""#
        )
    }

    /// Where somebody is found.
    fn value(&self, now: &Network, id: &Id) -> Option<Value> {
        let private = now.instances.get(id).map(|it| it.ip);
        let private = private.or_else(|| now.classic_instances.get(id).map(|it| it.ip));
        let private = private.or_else(|| now.databases.get(id).map(|it| it.ip));
        let private = private.or_else(|| now.classic_databases.get(id).map(|it| it.ip));
        let private = private.or_else(|| now.endpoint_connections.get(id).map(|it| it.vip));
        if let Some(ip) = private {
            return Some(Value::Private(ip));
        }
        if let Some(it) = now.classic_load_balancers.get(id) {
            return Some(if it.public { Value::Public(it.vip) } else { Value::Private(it.vip) });
        }
        Some(match now.load_balancers.get(id)?.network {
            LoadBalancerNetwork::Internal { vip, .. } => Value::Private(vip),
            LoadBalancerNetwork::Public { .. } if self.made.contains(id) => Value::Given,
            LoadBalancerNetwork::Public { vip, .. } => Value::Public(vip),
        })
    }

    /// No action ends an old address before its time.
    pub(super) fn released(&self, now: &Network, database: &Id) -> String {
        let old = now.databases.get(database).map(|it| &it.old_vips);
        let old = old.into_iter().flatten().map(|it| it.ip.to_string());
        let old: Vec<String> = old.collect();
        let ends = now.endpoint_connections.iter();
        let ends = ends.filter(|(_, it)| it.target == *database);
        let ends: Vec<&str> = ends.map(|(id, _)| id.as_str()).collect();
        let [english, chinese] = if ends.is_empty() {
            [const { String::new() }; 2]
        } else {
            [
                format!("; {} ends with it", ends.join(", ")),
                format!("；{} 随之失效", ends.join("、")),
            ]
        };
        self.told(&Words::new(
            format!(
                "no action of the API ends an old address: wait until that of {database} ({}) ends, or release it on the \
                 page of the database in the console{english}",
                old.join(", ")
            ),
            format!(
                "旧地址没有释放 API：等待 {database} 的旧地址（{}）到期，或在控制台的实例详情页释放{chinese}",
                old.join("、")
            ),
        ))
    }
}
