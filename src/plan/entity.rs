//! What makes one entity what it is in the goal: actions of the API where there are some, the whole entity where there are none.

use super::task::Task;
use crate::id::Id;
use crate::model::between::{Part, put};
use crate::model::{
    Change, Fragment, Kind, Listener, ListenerKey, LoadBalancer, Network, Protocols, RouteName,
    RouteTable, Target, apply,
};

/// The changes after which an entity of both networks is that of the goal, as far as it can be now; none if it is already.
pub(super) fn turned(task: &Task, now: &Network, kind: Kind, id: &Id) -> Vec<Change> {
    let goal = due(task, now);
    let part = Part::Entity(kind, id.clone());
    if is_equal(now, &goal, &part) {
        return Vec::new();
    }
    let changes = actions(now, &goal, kind, id);
    let then = changes.iter().try_fold(now.clone(), |now, change| apply(&now, change).ok());
    match then {
        Some(then) if is_equal(&then, &goal, &part) => changes,
        _ => vec![Change::Replace(Box::new(picked(&goal, [part])))],
    }
}

/// Some entities of a network.
pub(super) fn picked(network: &Network, parts: impl IntoIterator<Item = Part>) -> Fragment {
    let mut fragment = Fragment::default();
    for part in parts {
        put(&mut fragment.network, network, &part);
    }
    fragment
}

/// The goal as far as it can be now: load balancers have the targets that have arrived, or have not left yet.
pub(super) fn due(task: &Task, now: &Network) -> Network {
    let mut goal = task.goal.clone();
    let waits = |target: &Target| task.is_waiting(now, &target.instance);
    goal.load_balancers.change(
        |it| {
            let mut listeners = it.listeners.iter();
            listeners.any(|it| it.targets.iter().any(waits))
        },
        |it| {
            let listeners = it.listeners.iter_mut();
            listeners.for_each(|it| it.targets.retain(|target| !waits(target)));
        },
    );
    for (id, balancer) in &now.load_balancers {
        let stay = balancer.listeners.iter().any(|it| it.targets.iter().any(waits));
        if let Some(then) = goal.load_balancers.get(id).filter(|_| stay) {
            let mut then = then.clone();
            for listener in &mut then.listeners {
                let own = balancer.listeners.iter().find(|it| key(it) == key(listener));
                let own = own.into_iter().flat_map(|it| &it.targets);
                listener.targets.extend(own.filter(|it| waits(it)).cloned());
            }
            goal.load_balancers.insert(id.clone(), then);
        }
    }
    goal
}

/// By which a listener is named.
pub(super) fn key(listener: &Listener) -> ListenerKey {
    ListenerKey {
        protocols: Protocols::One(listener.protocol.transport()),
        ports: listener.ports.clone(),
    }
}

/// Whether an entity is alike in two networks; the order of targets and of links means nothing.
pub(super) fn is_equal(one: &Network, two: &Network, part: &Part) -> bool {
    let [one, two] = [one, two].map(|network| {
        let mut only = picked(network, [part.clone()]).network;
        settle(&mut only);
        only
    });
    one == two
}

/// Puts into one order what has none.
pub(super) fn settle(network: &mut Network) {
    let by_name = |listeners: &mut Vec<Listener>| {
        let targets = listeners.iter_mut().map(|it| &mut it.targets);
        targets
            .for_each(|all| all.sort_by(|a, b| (&a.instance, a.port).cmp(&(&b.instance, b.port))));
    };
    let balancers = network.load_balancers.values_mut();
    balancers.for_each(|it| by_name(&mut it.listeners));
    let classic = network.classic_load_balancers.values_mut();
    classic.for_each(|it| by_name(&mut it.listeners));
    let links = network.classic_links.values_mut();
    links.for_each(|it| it.sort_by(|a, b| a.instance.cmp(&b.instance)));
    network.classic_links.retain(|_, links| !links.is_empty());
}

fn actions(now: &Network, goal: &Network, kind: Kind, id: &Id) -> Vec<Change> {
    let found = match kind {
        Kind::SecurityGroup => group(now, goal, id),
        Kind::NetworkAcl => acl(now, goal, id),
        Kind::RouteTable => table(now, goal, id),
        Kind::Subnet => subnet(now, goal, id),
        Kind::Instance => instance(now, goal, id),
        Kind::LoadBalancer => balancer(now, goal, id),
        Kind::Account
        | Kind::Vpc
        | Kind::AddressTemplate
        | Kind::AddressTemplateGroup
        | Kind::ServiceTemplate
        | Kind::ServiceTemplateGroup
        | Kind::NetworkInterface
        | Kind::InstanceGroup
        | Kind::HaVip
        | Kind::Database
        | Kind::ClassicInstance
        | Kind::ClassicDatabase
        | Kind::ClassicLoadBalancer
        | Kind::EndpointConnection
        | Kind::EndpointService
        | Kind::VpcEndpoint
        | Kind::Peering
        | Kind::Ccn
        | Kind::NatGateway
        | Kind::VpnGateway
        | Kind::DirectConnectGateway
        | Kind::EdgeFirewall
        | Kind::Site
        | Kind::CcnRouteTable
        | Kind::VpnConnection
        | Kind::DirectConnectTunnel => None,
    };
    found.unwrap_or_default()
}

fn group(now: &Network, goal: &Network, id: &Id) -> Option<Vec<Change>> {
    let (old, new) = (now.security_groups.get(id)?, goal.security_groups.get(id)?);
    Some(vec![Change::ModifySecurityGroupPolicies {
        security_group: id.clone(),
        ingress: (old.ingress != new.ingress).then(|| new.ingress.clone()),
        egress: (old.egress != new.egress).then(|| new.egress.clone()),
    }])
}

fn acl(now: &Network, goal: &Network, id: &Id) -> Option<Vec<Change>> {
    let (old, new) = (now.network_acls.get(id)?, goal.network_acls.get(id)?);
    Some(vec![Change::ModifyNetworkAclEntries {
        network_acl: id.clone(),
        ingress: (old.ingress != new.ingress).then(|| new.ingress.clone()),
        egress: (old.egress != new.egress).then(|| new.egress.clone()),
    }])
}

/// Routes that go, then routes that come: two to one destination would be refused.
fn table(now: &Network, goal: &Network, id: &Id) -> Option<Vec<Change>> {
    let (old, new) = (now.route_tables.get(id)?, goal.route_tables.get(id)?);
    let gone = old.routes.iter().filter(|it| !new.routes.contains(it));
    let to: Vec<RouteName> = gone.map(|it| RouteTable::name_of(old, it)).collect();
    let come = new.routes.iter().filter(|it| !old.routes.contains(it));
    let routes: Vec<_> = come.cloned().collect();
    let route_table = id.clone();
    let deleted = (!to.is_empty()).then(|| Change::DeleteRoutes { route_table, to });
    let route_table = id.clone();
    let created = (!routes.is_empty()).then(|| Change::CreateRoutes { route_table, routes });
    Some(deleted.into_iter().chain(created).collect())
}

fn subnet(now: &Network, goal: &Network, id: &Id) -> Option<Vec<Change>> {
    let (old, new) = (now.subnets.get(id)?, goal.subnets.get(id)?);
    let mut changes = Vec::new();
    if let Some(table) = &new.route_table
        && old.route_table.as_ref() != Some(table)
    {
        changes.push(Change::ReplaceRouteTableAssociation {
            subnet: id.clone(),
            route_table: table.clone(),
        });
    }
    let subnets = vec![id.clone()];
    match (&old.network_acl, &new.network_acl) {
        (before, Some(acl)) if before.as_ref() != Some(acl) => {
            changes.push(Change::AssociateNetworkAclSubnets { network_acl: acl.clone(), subnets });
        }
        (Some(acl), None) => changes
            .push(Change::DisassociateNetworkAclSubnets { network_acl: acl.clone(), subnets }),
        _ => {}
    }
    Some(changes)
}

fn instance(now: &Network, goal: &Network, id: &Id) -> Option<Vec<Change>> {
    let (old, new) = (now.instances.get(id)?, goal.instances.get(id)?);
    (old.security_groups != new.security_groups).then(|| {
        vec![Change::AssociateSecurityGroups {
            instance: id.clone(),
            security_groups: new.security_groups.clone(),
        }]
    })
}

/// Targets that come before those that go: somebody always answers.
fn balancer(now: &Network, goal: &Network, id: &Id) -> Option<Vec<Change>> {
    let (old, new): (&LoadBalancer, _) =
        (now.load_balancers.get(id)?, goal.load_balancers.get(id)?);
    let mut changes = Vec::new();
    for listener in &new.listeners {
        let before = old.listeners.iter().find(|it| key(it) == key(listener))?;
        let come = listener.targets.iter().filter(|it| !before.targets.contains(it));
        let come: Vec<Target> = come.cloned().collect();
        let stays = |it: &Target| {
            let mut all = listener.targets.iter();
            all.any(|one| (&one.instance, one.port) == (&it.instance, it.port))
        };
        let gone = before.targets.iter().filter(|it| !stays(it));
        let gone: Vec<Target> = gone.cloned().collect();
        if !come.is_empty() {
            changes.push(Change::RegisterTargets {
                load_balancer: id.clone(),
                listener: key(listener),
                targets: come,
            });
        }
        if !gone.is_empty() {
            changes.push(Change::DeregisterTargets {
                load_balancer: id.clone(),
                listener: key(listener),
                targets: gone,
            });
        }
    }
    Some(changes)
}
