//! Changes as lines of a shell: the actions of the API, by `tccli`.
//!
//! An id that the cloud gives to what the plan creates is kept in a variable of the shell, and later lines use the variable.
//! What no action does (an endpoint connection, an old address that ends) is told in a sentence, as a comment.

mod create;
mod names;
mod parts;
mod replace;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::code::Language;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Change, Fragment, Network, RouteName};

use parts::{entries, gateway, is_quintuple, policies, routes};

/// Around an id in a value, where the variable of the shell goes.
const OPEN: char = '⟦';
const CLOSE: char = '⟧';

/// Writes changes as lines.
pub struct Commands<'a> {
    from: &'a Network,
    goal: &'a Network,
    /// What the plan creates.
    made: BTreeSet<&'a Id>,
    /// Where nothing says another region.
    region: &'a str,
    /// The regions of ids, and of the variables that keep them.
    regions: BTreeMap<String, &'a str>,
    /// A change in the words of scenario files.
    written: &'a dyn Fn(&Change) -> String,
    language: Language,
}

impl<'a> Commands<'a> {
    /// Lines for changes between two networks; `steps` are all of them.
    pub fn new(
        [from, goal]: [&'a Network; 2],
        steps: impl Iterator<Item = &'a Change>,
        written: &'a dyn Fn(&Change) -> String,
        language: Language,
    ) -> Self {
        let made = steps.filter_map(|change| match change {
            Change::Create(fragment) => Some(fragment.network.ids().map(|(id, _)| id)),
            _ => None,
        });
        let vpcs = goal.vpcs.values().chain(from.vpcs.values());
        let region = vpcs.map(|vpc| vpc.region.as_str()).next();
        let known = [from, goal].into_iter().flat_map(|network| {
            let all = network.ids();
            all.filter_map(|(id, _)| Some((id, network.region_of(id.as_str())?)))
        });
        let regions = known.flat_map(|(id, region)| {
            let keys = [id.to_string(), format!("{OPEN}{}{CLOSE}", variable(id))];
            keys.map(|key| (key, region))
        });
        Self {
            from,
            goal,
            made: made.flatten().filter(|id| from.kind_of(id.as_str()).is_none()).collect(),
            region: region.unwrap_or("ap-guangzhou"),
            regions: regions.collect(),
            written,
            language,
        }
    }

    /// The lines of a change of a network.
    #[must_use]
    pub fn lines(&self, now: &Network, change: &Change) -> Vec<String> {
        let known = self.moves(now, change).or_else(|| self.rules(change));
        match (known.or_else(|| self.roads(now, change)), change) {
            (Some(lines), _) => lines,
            (None, Change::Create(fragment)) => self.create(now, &fragment.network),
            (None, Change::Replace(fragment)) => self.replace(now, &fragment.network),
            (None, Change::Delete(ids)) => self.delete(now, ids),
            (None, other) => self.by_hand(other),
        }
    }

    /// What moves and where it is found.
    fn moves(&self, now: &Network, change: &Change) -> Option<Vec<String>> {
        let lines = match change {
            Change::AttachClassicLinkVpc { vpc, instances }
            | Change::DetachClassicLinkVpc { vpc, instances } => vec![self.vpc(
                change.action(),
                &[("VpcId", self.id(vpc)), ("InstanceIds", self.ids(instances))],
            )],
            Change::ModifyInstancesVpcAttribute {
                instances,
                vpc,
                subnet,
                ips,
                security_groups,
            } => {
                let mut place = json!({ "VpcId": self.id(vpc), "SubnetId": self.id(subnet) });
                if let Some(ips) = ips {
                    let ips: Vec<String> = ips.iter().map(ToString::to_string).collect();
                    place["PrivateIpAddresses"] = json!(ips);
                }
                let ids = self.ids(instances);
                let moved = self.call(
                    "cvm",
                    change.action(),
                    &[
                        ("InstanceIds", ids.clone()),
                        ("VirtualPrivateCloud", place),
                        ("ForceStop", json!(true)),
                    ],
                );
                let bound = security_groups.as_ref().map(|groups| {
                    let groups = self.ids(groups);
                    let values = [("InstanceIds", ids), ("SecurityGroups", groups)];
                    self.call("cvm", "ModifyInstancesAttribute", &values)
                });
                let wait = self.running(instances);
                [moved, wait].into_iter().chain(bound).collect()
            }
            Change::ModifyDBInstanceVipVport { .. } => self.database(change),
            Change::RegisterTargets { load_balancer, listener, targets }
            | Change::DeregisterTargets { load_balancer, listener, targets } => {
                vec![self.targets(change.action(), load_balancer, listener, targets)]
            }
            Change::ReleaseOldVip { database } => vec![self.released(now, database)],
            Change::SwitchName { name, to } => self.switched(now, name, to),
            _ => return None,
        };
        Some(lines)
    }

    /// A line that waits until machines run again.
    fn running(&self, instances: &[Id]) -> String {
        let up =
            "length(InstanceSet[?InstanceState=='RUNNING' && LatestOperationState=='SUCCESS'])";
        let until = json!({ "expr": up, "to": instances.len(), "timeout": 1800, "interval": 10 });
        let values = [
            ("InstanceIds", self.ids(instances)),
            ("Limit", json!(100)),
            ("filter", json!("TotalCount")),
            ("waiter", json!(until.to_string())),
        ];
        self.call("cvm", "DescribeInstances", &values)
    }

    /// Security groups.
    fn rules(&self, change: &Change) -> Option<Vec<String>> {
        let lines = match change {
            Change::CreateSecurityGroupPolicies { security_group, ingress, egress, at } => {
                let sides = [("Ingress", ingress), ("Egress", egress)];
                let some = sides.into_iter().filter(|(_, rules)| !rules.is_empty());
                let lines = some.map(|(side, rules)| {
                    let set = json!({ side: indexed(policies(self, rules), *at) });
                    self.group(change.action(), security_group, set)
                });
                lines.collect()
            }
            Change::DeleteSecurityGroupPolicies { security_group, ingress, egress } => {
                let sides = [("Ingress", ingress), ("Egress", egress)];
                let some = sides.into_iter().filter(|(_, rules)| !rules.is_empty());
                let lines = some.map(|(side, rules)| {
                    let rules = rules.iter().map(|at| json!({ "PolicyIndex": at }));
                    let set = json!({ side: rules.collect::<Vec<_>>() });
                    self.group(change.action(), security_group, set)
                });
                lines.collect()
            }
            Change::ModifySecurityGroupPolicies { security_group, ingress, egress } => {
                vec![self.set_rules(security_group, [ingress.as_deref(), egress.as_deref()])]
            }
            Change::AssociateSecurityGroups { instance, security_groups } => vec![self.call(
                "cvm",
                "ModifyInstancesAttribute",
                &[
                    ("InstanceIds", self.ids([instance])),
                    ("SecurityGroups", self.ids(security_groups)),
                ],
            )],
            _ => return None,
        };
        Some(lines)
    }

    /// ACLs and route tables.
    fn roads(&self, now: &Network, change: &Change) -> Option<Vec<String>> {
        let lines = match change {
            Change::ModifyNetworkAclEntries { network_acl, ingress, egress } => {
                self.set_entries(network_acl, [ingress.as_deref(), egress.as_deref()])
            }
            Change::AssociateNetworkAclSubnets { network_acl, subnets }
            | Change::DisassociateNetworkAclSubnets { network_acl, subnets } => vec![self.vpc(
                change.action(),
                &[("NetworkAclId", self.id(network_acl)), ("SubnetIds", self.ids(subnets))],
            )],
            Change::CreateRoutes { route_table, routes: some } => vec![self.vpc(
                change.action(),
                &[("RouteTableId", self.id(route_table)), ("Routes", routes(self, now, some))],
            )],
            Change::DeleteRoutes { route_table, to } => {
                let lines = to.iter().map(|name| {
                    let table = arg(&self.id(route_table));
                    let found = self.route_id(now, route_table, name);
                    format!(
                        r#"tccli vpc DeleteRoutes --region {} --RouteTableId {table} --Routes "[{{\"RouteId\":{found}}}]""#,
                        self.region_of(route_table)
                    )
                });
                lines.collect()
            }
            Change::EnableRoutes { route_table, to }
            | Change::DisableRoutes { route_table, to } => {
                let lines = to.iter().map(|name| {
                    let table = arg(&self.id(route_table));
                    let found = self.route_id(now, route_table, name);
                    format!(
                        r#"tccli vpc {} --region {} --RouteTableId {table} --RouteIds "[{found}]""#,
                        change.action(),
                        self.region_of(route_table)
                    )
                });
                lines.collect()
            }
            Change::ReplaceRouteTableAssociation { subnet, route_table } => vec![self.vpc(
                change.action(),
                &[("SubnetId", self.id(subnet)), ("RouteTableId", self.id(route_table))],
            )],
            _ => return None,
        };
        Some(lines)
    }

    /// Entities of a network that no action makes so, in the words of scenario files.
    fn by_hand_all(&self, part: Network, change: fn(Box<Fragment>) -> Change) -> Vec<String> {
        if part == Network::default() {
            return Vec::new();
        }
        let network = part;
        let fragment = Fragment { network, ..Fragment::default() };
        self.by_hand(&change(Box::new(fragment)))
    }

    /// What has no action of its own, in the words of scenario files.
    fn by_hand(&self, change: &Change) -> Vec<String> {
        let head =
            self.told(&Words::new("with your template or the console:", "用模板或控制台完成："));
        let written = (self.written)(change);
        let body = written.lines().map(|line| format!("#   {line}"));
        std::iter::once(head).chain(body).collect()
    }

    fn told(&self, words: &Words) -> String {
        format!("# {}", words.text(self.language))
    }

    /// The id, or the mark where its variable goes.
    fn id(&self, id: &Id) -> Value {
        if self.made.contains(id) { held(&variable(id)) } else { json!(id.as_str()) }
    }

    fn ids<'i>(&self, ids: impl IntoIterator<Item = &'i Id>) -> Value {
        Value::Array(ids.into_iter().map(|id| self.id(id)).collect())
    }

    /// The region of the first id of a value that has one.
    fn region_in(&self, value: &Value) -> Option<&'a str> {
        match value {
            Value::String(text) => self.regions.get(text).copied(),
            Value::Array(all) => all.iter().find_map(|it| self.region_in(it)),
            Value::Object(fields) => fields.values().find_map(|it| self.region_in(it)),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    fn region_of(&self, id: &Id) -> &'a str {
        let known = self.regions.get(id.as_str());
        known.copied().unwrap_or(self.region)
    }

    fn call(&self, product: &str, action: &str, values: &[(&str, Value)]) -> String {
        let region = values.iter().find_map(|(_, value)| self.region_in(value));
        call_in(region.unwrap_or(self.region), product, action, values)
    }

    /// A variable that keeps a word of what the cloud answers.
    fn asked(
        &self,
        variable: &str,
        (product, action): (&str, &str),
        values: &[(&str, Value)],
        path: &str,
    ) -> String {
        kept(variable, &self.call(product, action, values), path)
    }

    fn vpc(&self, action: &str, values: &[(&str, Value)]) -> String {
        self.call("vpc", action, values)
    }

    fn group(&self, action: &str, group: &Id, set: Value) -> String {
        let values = [("SecurityGroupId", self.id(group)), ("SecurityGroupPolicySet", set)];
        self.vpc(action, &values)
    }

    fn set_rules(
        &self,
        group: &Id,
        sides: [Option<&[crate::model::SecurityGroupRule]>; 2],
    ) -> String {
        let mut set = json!({});
        for (side, rules) in ["Ingress", "Egress"].into_iter().zip(sides) {
            if let Some(rules) = rules {
                set[side] = Value::Array(policies(self, rules));
            }
        }
        self.group("ModifySecurityGroupPolicies", group, set)
    }

    fn set_entries(&self, acl: &Id, sides: [Option<&[crate::model::AclRule]>; 2]) -> Vec<String> {
        let quintuple = sides.into_iter().flatten().zip([true, false]);
        let quintuple = quintuple.flat_map(|(rules, into)| rules.iter().map(move |it| (it, into)));
        let quintuple = quintuple.into_iter().any(|(rule, into)| is_quintuple(rule, into));
        let mut set = json!({});
        for (side, rules) in ["Ingress", "Egress"].into_iter().zip(sides) {
            if let Some(rules) = rules {
                set[side] = Value::Array(entries(rules, side == "Ingress", quintuple));
            }
        }
        let (action, name) = if quintuple {
            ("ModifyNetworkAclQuintupleEntries", "NetworkAclQuintupleSet")
        } else {
            ("ModifyNetworkAclEntries", "NetworkAclEntrySet")
        };
        vec![self.vpc(action, &[("NetworkAclId", self.id(acl)), (name, set)])]
    }

    /// What asks the cloud for the id of a route, which only it knows.
    fn route_id(&self, now: &Network, table: &Id, name: &RouteName) -> String {
        let via = name.via.as_ref().map(|via| gateway(self, now, via).1);
        let via = via.as_ref().and_then(Value::as_str);
        let via = via.map_or_else(String::new, |id| format!(" && GatewayId=='{id}'"));
        let region = self.region_of(table);
        let table = arg(&self.id(table));
        let table = table.trim_matches('"');
        let to = &name.to;
        format!(
            r#"$(tccli vpc DescribeRouteTables --region {region} --RouteTableIds "[\"{table}\"]" --filter "RouteTableSet[0].RouteSet[?DestinationCidrBlock=='{to}'{via}].RouteId | [0]")"#
        )
    }
}

/// The variable of the shell that keeps an id.
fn variable(id: &Id) -> String {
    let text: String =
        id.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if text.starts_with(|c: char| c.is_ascii_digit()) { format!("id_{text}") } else { text }
}

/// Rules that go before the one with this index.
fn indexed(mut rules: Vec<Value>, at: usize) -> Value {
    for rule in &mut rules {
        rule["PolicyIndex"] = json!(at);
    }
    Value::Array(rules)
}

/// A call of the API in a region.
fn call_in(region: &str, product: &str, action: &str, values: &[(&str, Value)]) -> String {
    let mut line = format!("tccli {product} {action} --region {region}");
    for (name, value) in values {
        line.extend([format!(" --{name} {}", arg(value))]);
    }
    line
}

/// A line that keeps a word of what a call answers in a variable.
fn kept(variable: &str, call: &str, path: &str) -> String {
    let path = arg(&json!(path));
    format!("{variable}=$({call} --filter {path} | tr -d '\"')")
}

/// What a variable of the shell holds.
fn held(variable: &str) -> Value {
    json!(format!("{OPEN}{variable}{CLOSE}"))
}

/// A value as one word of the shell.
fn arg(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => String::from("True"),
        Value::Bool(false) => String::from("False"),
        other => other.to_string(),
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:,".contains(c);
    let inner = text.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE));
    if let Some(name) = inner.filter(|name| !name.contains(OPEN)) {
        return format!("\"${name}\"");
    }
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    let text = text.replace('\'', r"'\''");
    let text = text.replace(OPEN, "'\"$").replace(CLOSE, "\"'");
    format!("'{text}'")
}
