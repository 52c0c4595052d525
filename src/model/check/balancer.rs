//! Load balancers: listeners that do not clash, targets of their own network (CL-10, CLB-14,
//! CLB-17), weights up to 100 (CLB-2).

use super::super::{Key, Kind, Listener, LoadBalancer, Network, Place, Target, Violation};
use crate::code::Code;
use crate::diagnostic::Words;
use crate::id::Id;

/// CLB-2: the heaviest target.
const WEIGHT: u8 = 100;

pub(super) fn check(network: &Network, found: &mut Vec<Violation>) {
    for (id, balancer) in &network.load_balancers {
        listeners(id, &balancer.listeners, found);
        redirections(id, &balancer.listeners, found);
        targets(id, &balancer.listeners, found, |target, place| {
            foreign_to_vpc(network, id, balancer, target, place)
        });
    }
    for (id, balancer) in &network.classic_load_balancers {
        listeners(id, &balancer.listeners, found);
        redirections(id, &balancer.listeners, found);
        targets(id, &balancer.listeners, found, |target, place| {
            foreign_to_classic(network, id, &balancer.region, target, place)
        });
    }
}

/// Two listeners never share a port of one transport protocol.
fn listeners(id: &Id, listeners: &[Listener], found: &mut Vec<Violation>) {
    for (index, listener) in listeners.iter().enumerate() {
        let transport = listener.protocol.transport();
        let clash = listeners.iter().take(index).position(|other| {
            other.protocol.transport() == transport
                && !other.ports.intersection(&listener.ports).is_empty()
        });
        if let Some(other) = clash {
            let (word, ports) = (listener.protocol.word(), &listener.ports);
            let message = Words::new(
                format!(
                    "the listener {word}:{ports} of `{id}` shares a port with another listener"
                ),
                format!("`{id}` 的监听器 {word}:{ports} 与另一监听器端口重复"),
            );
            let place = Place::item(id, "listeners", index);
            let violation = Violation::error(Code::InvalidValue, place, message);
            let other = Place::item(id, "listeners", other);
            found.push(
                violation.with_other(
                    other,
                    Words::new("the other listener is here", "另一监听器在此处"),
                ),
            );
        }
    }
}

/// CLB-18: a listener of HTTP or HTTPS, with no targets, that sends to another one of the same load balancer.
fn redirections(id: &Id, listeners: &[Listener], found: &mut Vec<Violation>) {
    for (index, listener) in listeners.iter().enumerate() {
        let Some(port) = listener.redirects_to else {
            continue;
        };
        let (word, ports) = (listener.protocol.word(), &listener.ports);
        let mut others = listeners.iter().enumerate();
        let leads_on = others.any(|(other, it)| {
            other != index
                && it.protocol.is_web()
                && it.redirects_to.is_none()
                && it.ports.contains(port)
        });
        let (why, help) = if !listener.protocol.is_web() {
            (
                Words::new(
                    format!("the listener `{word}:{ports}` of `{id}` cannot redirect"),
                    format!("`{id}` 的监听器 `{word}:{ports}` 不能重定向"),
                ),
                Words::new(
                    "only listeners of HTTP and HTTPS do (CLB-18)",
                    "只有 HTTP 和 HTTPS 监听器可以（CLB-18）",
                ),
            )
        } else if !listener.targets.is_empty() {
            (
                Words::new(
                    format!("the listener `{word}:{ports}` of `{id}` redirects and has targets"),
                    format!("`{id}` 的监听器 `{word}:{ports}` 既设置了重定向，又绑定了后端"),
                ),
                Words::new(
                    "take one of them away: `redirects_to` is for a listener whose every rule redirects (CLB-18)",
                    "请去掉其一：`redirects_to` 用于规则全部为重定向的监听器（CLB-18）",
                ),
            )
        } else if !leads_on {
            (
                Words::new(
                    format!(
                        "the listener `{word}:{ports}` of `{id}` redirects to port {port}, which no listener serves"
                    ),
                    format!(
                        "`{id}` 的监听器 `{word}:{ports}` 重定向到端口 {port}，而没有监听器服务该端口"
                    ),
                ),
                Words::new(
                    "name the port of an HTTP or HTTPS listener of the same load balancer that does not redirect (CLB-18)",
                    "请写同一负载均衡中另一个不重定向的 HTTP 或 HTTPS 监听器的端口（CLB-18）",
                ),
            )
        } else {
            continue;
        };
        let place = Place::item(id, "listeners", index).then(Key::Field("redirects_to"));
        found.push(Violation::error(Code::InvalidValue, place, why).with_help(help));
    }
}

fn targets(
    id: &Id,
    listeners: &[Listener],
    found: &mut Vec<Violation>,
    foreign: impl Fn(&Target, Place) -> Option<Violation>,
) {
    for (listener, entry) in listeners.iter().enumerate() {
        for (index, target) in entry.targets.iter().enumerate() {
            let place = || {
                let listener = Place::item(id, "listeners", listener);
                listener.then(Key::Field("targets")).then(Key::Index(index))
            };
            found.extend(foreign(target, place().then(Key::Field("instance"))));
            if target.weight > WEIGHT {
                let (name, weight) = (&target.instance, target.weight);
                let message = Words::new(
                    format!("the target `{name}` of `{id}` cannot have weight {weight}"),
                    format!("`{id}` 的后端 `{name}` 的权重不能为 {weight}"),
                );
                let place = place().then(Key::Field("weight"));
                let violation = Violation::error(Code::InvalidValue, place, message);
                found.push(violation.with_help(Words::new(
                    "weights go from 0 to 100 (CLB-2)",
                    "权重取值为 0 到 100（CLB-2）",
                )));
            }
        }
    }
}

/// CLB-14: a target lies in the load balancer's VPC. CLB-17: never in the classic network; CL-10
/// has a word of its own for a classic CVM that is linked to that VPC.
fn foreign_to_vpc(
    network: &Network,
    id: &Id,
    balancer: &LoadBalancer,
    target: &Target,
    place: Place,
) -> Option<Violation> {
    let vpc = network.vpc_of_balancer(balancer)?;
    let name = &target.instance;
    if network.has(Kind::ClassicInstance, name.as_str()) {
        let links = network.classic_links.get(vpc);
        let is_linked = links.is_some_and(|links| {
            let mut links = links.iter();
            links.any(|link| link.instance == *name && network.is_live(link))
        });
        let (code, why) = if is_linked {
            (
                Code::ClassicLinkLoadBalancerTarget,
                Words::new(
                    format!("a classic CVM linked to `{vpc}`"),
                    format!("它是已与 `{vpc}` 互通的基础网络云服务器"),
                ),
            )
        } else {
            (
                Code::LoadBalancerForeignTarget,
                Words::new("a CVM of the classic network", "它是基础网络云服务器"),
            )
        };
        let message = Words::new(
            format!("`{id}` of `{vpc}` cannot have the target `{name}`, {why}"),
            format!("`{vpc}` 的负载均衡 `{id}` 不能绑定 `{name}`：{}", why.chinese()),
        );
        let violation = Violation::error(code, place, message);
        return Some(violation.with_other(Place::of(name), Words::here(name)));
    }
    let home = network.vpc_of(name.as_str())?;
    (home != vpc).then(|| {
        let message = Words::new(
            format!("`{id}` of `{vpc}` cannot have the target `{name}` of `{home}`"),
            format!("`{vpc}` 的负载均衡 `{id}` 不能绑定 `{home}` 中的 `{name}`"),
        );
        Violation::error(Code::LoadBalancerForeignTarget, place, message).with_help(Words::new(
            "targets lie in the load balancer's own VPC (CLB-14)",
            "后端必须位于负载均衡所在的私有网络（CLB-14）",
        ))
    })
}

/// CLB-17, CN-3: a classic load balancer has classic CVMs of its region and account.
fn foreign_to_classic(
    network: &Network,
    id: &Id,
    region: &str,
    target: &Target,
    place: Place,
) -> Option<Violation> {
    let name = &target.instance;
    let error = |message| {
        let violation = Violation::error(Code::LoadBalancerForeignTarget, place, message);
        Some(violation.with_help(Words::new(
            "a classic CLB has classic CVMs of its region and account",
            "基础网络负载均衡只能绑定同地域、同账号的基础网络云服务器",
        )))
    };
    let Some(instance) = network.classic_instances.get(name) else {
        return error(Words::new(
            format!("the classic load balancer `{id}` cannot have the target `{name}` of a VPC"),
            format!("基础网络负载均衡 `{id}` 不能绑定私有网络中的 `{name}`"),
        ));
    };
    if instance.region != region {
        let there = &instance.region;
        return error(Words::new(
            format!("`{id}` in {region} cannot have the target `{name}` in {there}"),
            format!("{region} 的 `{id}` 不能绑定 {there} 的 `{name}`"),
        ));
    }
    let (own, other) = (network.account_of(id.as_str()), network.account_of(name.as_str()));
    if own != other {
        return error(Words::new(
            format!("`{id}` of the account `{own}` cannot have the target `{name}` of `{other}`"),
            format!("账号 `{own}` 的 `{id}` 不能绑定账号 `{other}` 的 `{name}`"),
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{
        AWAY, HERE, balancer, breaks, classic, id, instance_group, interface, ip, listener, target,
    };
    use super::*;
    use crate::model::{ClassicLoadBalancer, ListenerProtocol, Meta};
    use crate::space::IntervalSet;

    #[track_caller]
    fn target_is(name: &str, expected: &[Code]) {
        let add = |network: &mut Network| {
            let eni = interface("ins-web", "subnet-web", "10.1.1.20");
            network.network_interfaces.insert(id("eni-x"), eni);
            let group = instance_group("subnet-web", "10.1.1.30", "10.1.1.40");
            network.instance_groups.insert(id("asg-web"), group);
            network.load_balancers.insert(id("lb-x"), balancer("10.1.1.100", &[name]));
        };
        breaks(add, expected);
    }

    #[test]
    fn a_target_lies_in_the_vpc_of_the_load_balancer() {
        for fine in ["ins-web", "ins-new", "eni-x", "asg-web[10.1.1.33]"] {
            target_is(fine, &[]);
        }
        target_is("ins-two", &[Code::LoadBalancerForeignTarget]);
    }

    #[test]
    fn a_linked_classic_cvm_is_never_a_target_and_others_are_foreign() {
        target_is("ins-tom", &[Code::ClassicLinkLoadBalancerTarget]);
        target_is("ins-free", &[Code::LoadBalancerForeignTarget]);
    }

    #[track_caller]
    fn classic_target_is(name: &str, expected: &[Code]) {
        let add = |network: &mut Network| {
            let mut far = classic("10.90.1.1");
            far.region = AWAY.to_owned();
            network.classic_instances.insert(id("ins-far"), far);
            let mut other = classic("10.90.1.2");
            other.meta.account = Some(id("ann"));
            network.classic_instances.insert(id("ins-ann"), other);
            let balancer = ClassicLoadBalancer {
                meta: Meta::default(),
                region: HERE.to_owned(),
                vip: ip("10.99.0.1"),
                public: false,
                listeners: vec![listener(80, &[name])],
            };
            network.classic_load_balancers.insert(id("lb-old"), balancer);
        };
        breaks(add, expected);
    }

    #[test]
    fn a_classic_load_balancer_has_classic_cvms_of_its_region_and_account() {
        classic_target_is("ins-tom", &[]);
        for foreign in ["ins-web", "ins-far", "ins-ann"] {
            classic_target_is(foreign, &[Code::LoadBalancerForeignTarget]);
        }
    }

    #[test]
    fn listeners_of_one_transport_share_no_port() {
        let second = |protocol: ListenerProtocol, first: u16, last: u16| {
            move |network: &mut Network| {
                let mut clb = balancer("10.1.1.100", &[]);
                let mut second = listener(0, &[]);
                second.protocol = protocol;
                second.ports = IntervalSet::range(first, last);
                clb.listeners.push(second);
                network.load_balancers.insert(id("lb-x"), clb);
            }
        };
        breaks(second(ListenerProtocol::Udp, 80, 80), &[]);
        breaks(second(ListenerProtocol::Tcp, 81, 90), &[]);
        breaks(second(ListenerProtocol::Http, 80, 80), &[Code::InvalidValue]);
        breaks(second(ListenerProtocol::Tcp, 70, 90), &[Code::InvalidValue]);
    }

    #[test]
    fn a_weight_is_at_most_100() {
        let weight = |weight: u8| {
            move |network: &mut Network| {
                let mut clb = balancer("10.1.1.100", &[]);
                clb.listeners[0].targets = vec![Target { weight, ..target("ins-web") }];
                network.load_balancers.insert(id("lb-x"), clb);
            }
        };
        breaks(weight(0), &[]);
        breaks(weight(100), &[]);
        breaks(weight(101), &[Code::InvalidValue]);
    }
}
