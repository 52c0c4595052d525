//! `PrivateLink`: what stands behind an endpoint service (PL-1), where its endpoints may be (PL-2), how many (PL-9).

use std::collections::BTreeMap;

use super::super::{
    EndpointService, ListenerProtocol, LoadBalancerNetwork, Network, Place, Violation, VpcEndpoint,
};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::limit;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    let mut services: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, service) in &network.endpoint_services {
        found.extend(unsupported(network, id, service));
        *services.entry(network.account_of(id.as_str())).or_insert(0) += 1;
    }
    let mut endpoints: BTreeMap<&Id, usize> = BTreeMap::new();
    let mut consumers: BTreeMap<&Id, usize> = BTreeMap::new();
    for (id, endpoint) in &network.vpc_endpoints {
        found.extend(elsewhere(network, id, endpoint));
        found.extend(no_ipv4(id, endpoint));
        if let Some(vpc) = network.vpc_of_subnet(endpoint.subnet.as_str()) {
            *endpoints.entry(vpc).or_insert(0) += 1;
        }
        *consumers.entry(&endpoint.service).or_insert(0) += 1;
    }
    // an account may be nothing that has a place: the last of its services stands for it
    let of = |account: &str| {
        let mut own = network.endpoint_services.keys().rev();
        own.find(|id| network.account_of(id.as_str()) == account)
    };
    for (account, count) in services {
        let whose = || Words::new(format!("the account `{account}`"), format!("账号 `{account}`"));
        if let Some(last) = of(account) {
            found.extend(limit::ENDPOINT_SERVICES.soft(count, whose, || Place::of(last)));
        }
    }
    for (quota, counts) in [(limit::ENDPOINTS, endpoints), (limit::SERVICE_ENDPOINTS, consumers)] {
        for (id, count) in counts {
            let whose = || Words::verbatim(format!("`{id}`"));
            found.extend(quota.soft(count, whose, || Place::of(id)));
        }
    }
}

/// PL-1: exactly one internal layer-4 load balancer of the service's own VPC.
fn unsupported(network: &Network, id: &Id, service: &EndpointService) -> Option<Violation> {
    let (vpc, behind) = (&service.vpc, &service.load_balancer);
    let kind = network.kind_of(behind.as_str())?;
    let why = match network.load_balancers.get(behind) {
        None => kind.one(),
        Some(balancer) => {
            let home = network.vpc_of_balancer(balancer)?;
            let mut listeners = balancer.listeners.iter();
            let layer_7 = listeners.find(|it| is_layer_7(it.protocol));
            match (&balancer.network, layer_7) {
                (LoadBalancerNetwork::Public { .. }, _) => {
                    Words::new("a public load balancer", "公网负载均衡")
                }
                (LoadBalancerNetwork::Internal { .. }, Some(listener)) => {
                    let word = listener.protocol.word();
                    Words::new(
                        format!("a load balancer with a layer-7 listener ({word})"),
                        format!("含七层监听器（`{word}`）的负载均衡"),
                    )
                }
                (LoadBalancerNetwork::Internal { .. }, None) if home != vpc => {
                    let other = format!("a load balancer of `{home}`");
                    Words::new(other, format!("`{home}` 的负载均衡"))
                }
                (LoadBalancerNetwork::Internal { .. }, None) => return None,
            }
        }
    };
    let message = Words::new(
        format!("the endpoint service `{id}` of `{vpc}` cannot offer `{behind}`, {why}"),
        format!("`{vpc}` 的终端节点服务 `{id}` 不能以{} `{behind}` 为后端", why.chinese()),
    );
    let place = Place::field(id, "load_balancer");
    let violation = Violation::error(Code::EndpointServiceUnsupportedTarget, place, message)
        .with_other(Place::of(behind), Words::here(behind));
    Some(violation.with_help(Words::new(
        "an endpoint service stands before an internal layer-4 load balancer of its VPC (PL-1)",
        "终端节点服务的后端只能是本私有网络的内网四层负载均衡（PL-1）",
    )))
}

fn is_layer_7(protocol: ListenerProtocol) -> bool {
    match protocol {
        ListenerProtocol::Http | ListenerProtocol::Https => true,
        ListenerProtocol::Tcp
        | ListenerProtocol::Udp
        | ListenerProtocol::TcpSsl
        | ListenerProtocol::Quic => false,
    }
}

/// PL-2: an endpoint is in the region of its service.
fn elsewhere(network: &Network, id: &Id, endpoint: &VpcEndpoint) -> Option<Violation> {
    let service = &endpoint.service;
    let here = network.region_of(id.as_str())?;
    let there = network.region_of(service.as_str())?;
    (here != there).then(|| {
        let message = Words::new(
            format!("`{id}` in {here} cannot be an endpoint of `{service}` in {there}"),
            format!("{here} 的终端节点 `{id}` 不能连接 {there} 的 `{service}`"),
        );
        let place = Place::field(id, "service");
        let violation = Violation::error(Code::EndpointServiceRegionMismatch, place, message)
            .with_other(Place::of(service), Words::here(service));
        violation.with_help(Words::new(
            "put the endpoint into a VPC of the service's region and join the regions with a CCN (PL-2, PL-7)",
            "请在服务所在地域的私有网络中创建终端节点，再用云联网连通各地域（PL-2、PL-7）",
        ))
    })
}

/// PL-3: IPv4 only.
fn no_ipv4(id: &Id, endpoint: &VpcEndpoint) -> Option<Violation> {
    let ip = endpoint.ip;
    (!ip.is_ipv4()).then(|| {
        let message = Words::new(
            format!("`{id}` cannot have the address {ip}: an endpoint speaks IPv4 only (PL-3)"),
            format!("`{id}` 不能使用地址 {ip}：终端节点仅支持 IPv4（PL-3）"),
        );
        Violation::error(Code::InvalidValue, Place::field(id, "ip"), message)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{AWAY, balancer, breaks, id, ip, tom, vpc};
    use super::super::super::{Meta, Network, VpcEndpointState};
    use super::*;

    fn offering(load_balancer: &str) -> EndpointService {
        EndpointService {
            meta: Meta::default(),
            vpc: id("vpc-tom"),
            load_balancer: id(load_balancer),
            allowed_accounts: Vec::new(),
            auto_accept: false,
        }
    }

    fn endpoint(address: &str) -> VpcEndpoint {
        VpcEndpoint {
            meta: Meta::default(),
            subnet: id("subnet-two"),
            ip: ip(address),
            service: id("svc-x"),
            security_groups: Vec::new(),
            state: VpcEndpointState::Available,
        }
    }

    fn add(network: &mut Network) {
        network.load_balancers.insert(id("lb-x"), balancer("10.1.1.100", &["ins-web"]));
        network.endpoint_services.insert(id("svc-x"), offering("lb-x"));
        network.vpc_endpoints.insert(id("vpce-x"), endpoint("10.2.1.100"));
    }

    #[test]
    fn a_service_stands_before_one_internal_layer_4_load_balancer_of_its_vpc() {
        let unsupported = &[Code::EndpointServiceUnsupportedTarget];
        breaks(add, &[]);
        breaks(
            |network| {
                add(network);
                network.endpoint_services[&id("svc-x")].load_balancer = id("ins-web");
            },
            unsupported,
        );
        breaks(
            |network| {
                add(network);
                let listeners = &mut network.load_balancers[&id("lb-x")].listeners;
                listeners[0].protocol = ListenerProtocol::Https;
            },
            unsupported,
        );
        breaks(
            |network| {
                add(network);
                let network_of =
                    LoadBalancerNetwork::Public { vpc: id("vpc-tom"), vip: ip("203.0.113.9") };
                network.load_balancers[&id("lb-x")].network = network_of;
            },
            unsupported,
        );
        breaks(
            |network| {
                add(network);
                network.endpoint_services[&id("svc-x")].vpc = id("vpc-two");
            },
            unsupported,
        );
    }

    #[test]
    fn an_endpoint_is_in_the_region_of_its_service() {
        breaks(
            |network| {
                add(network);
                let mut far = vpc("10.9.0.0/16");
                far.region = AWAY.to_owned();
                far.default_route_table = None;
                network.vpcs.insert(id("vpc-far"), far);
                network.subnets[&id("subnet-two")].vpc = id("vpc-far");
                network.subnets[&id("subnet-two")].cidr = "10.9.1.0/24".parse().expect("a CIDR");
                network.instances.shift_remove(&id("ins-two"));
                network.vpc_endpoints[&id("vpce-x")].ip = ip("10.9.1.100");
            },
            &[Code::EndpointServiceRegionMismatch],
        );
    }

    #[test]
    fn an_endpoint_shares_the_addresses_of_its_subnet() {
        let at = |address: &'static str| {
            move |network: &mut Network| {
                add(network);
                network.vpc_endpoints.insert(id("vpce-x"), endpoint(address));
            }
        };
        let taken = tom().instances[&id("ins-two")].ip.to_string();
        breaks(at(taken.leak()), &[Code::AddressInUse]);
        breaks(at("10.77.1.1"), &[Code::AddressOutsideSubnet]);
    }

    #[test]
    fn a_service_may_have_500_endpoints_and_a_vpc_50() {
        breaks(
            |network| {
                add(network);
                for host in 101..=150 {
                    let name = format!("vpce-{host}");
                    let address = format!("10.2.1.{host}");
                    network.vpc_endpoints.insert(id(&name), endpoint(&address));
                }
            },
            &[Code::QuotaWarning],
        );
    }
}
