//! Load balancers, their listeners and targets.

use super::Read;
use crate::model::{
    Kind, Listener, ListenerKey, LoadBalancer, LoadBalancerNetwork, Protocols, Target,
};
use crate::scenario::fields::Fields;
use crate::scenario::reader::Reader;
use crate::scenario::reference::{Wanted, also_members, only};
use crate::scenario::service::parse_listener;
use crate::scenario::value::Value;
use crate::scenario::word::{address, boolean, number, port, reference};

/// What a listener may have behind it. Whether it is of the right network (CL-10, CLB-17) is a limit.
const TARGETS: Wanted =
    also_members(&[Kind::Instance, Kind::NetworkInterface, Kind::ClassicInstance]);

/// An entry of `load_balancers`.
impl Read for LoadBalancer {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "load balancer", at)?;
        let meta = fields.endpoint_meta();
        let network = fields.required("network", network);
        let security_groups = fields.optional_security_groups();
        let pass_to_target = fields.optional("pass_to_target", boolean).unwrap_or(false);
        let listeners = fields.required_list("listeners", listener);
        fields.finish();
        Some(LoadBalancer {
            meta,
            network: network?,
            security_groups,
            pass_to_target,
            listeners: listeners?,
        })
    }
}

fn network<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<LoadBalancerNetwork> {
    let (name, payload) = at.variant(value, &["Internal", "Public"])?;
    if name == "Internal" {
        let mut fields = Fields::of_variant(name, payload, "Internal", at)?;
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let vip = fields.required("vip", address);
        let eip = fields.optional("eip", address);
        fields.finish();
        return Some(LoadBalancerNetwork::Internal { subnet: subnet?, vip: vip?, eip });
    }
    let mut fields = Fields::of_variant(name, payload, "Public", at)?;
    let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
    let vip = fields.required("vip", address);
    fields.finish();
    Some(LoadBalancerNetwork::Public { vpc: vpc?, vip: vip? })
}

/// A listener: `(service: "tcp:443", targets: […])` or `(service: "http:80", redirects_to: 443)`.
pub fn listener<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Listener> {
    let mut fields = Fields::of(value, "listener", at)?;
    let service = fields.required("service", |value, at| {
        let text = at.string(value)?;
        match parse_listener(&text) {
            Ok(service) => Some(service),
            Err(mistake) => at.mistake(value, &text, mistake),
        }
    });
    let targets = fields.list("targets", target);
    let redirects_to = fields.optional("redirects_to", port);
    fields.finish();
    let (protocol, ports) = service?;
    Some(Listener { protocol, ports, targets, redirects_to })
}

/// Which listener a change means.
pub fn listener_key<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<ListenerKey> {
    let text = at.string(value)?;
    match parse_listener(&text) {
        Ok((protocol, ports)) => {
            Some(ListenerKey { protocols: Protocols::One(protocol.transport()), ports })
        }
        Err(mistake) => at.mistake(value, &text, mistake),
    }
}

/// A target: `(instance: "ins-web", port: 8443, weight: 10)`. The weight goes from 0 to 100 (CLB-2).
pub fn target<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Target> {
    let mut fields = Fields::of(value, "target", at)?;
    let instance = fields.required("instance", reference(TARGETS));
    let port = fields.required("port", port);
    let weight = fields.optional("weight", number(0, 100)).unwrap_or(10);
    fields.finish();
    Some(Target { instance: instance?, port: port?, weight })
}
