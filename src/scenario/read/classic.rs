//! The classic network, and the two bridges to it.

use super::Read;
use crate::model::{
    ClassicDatabase, ClassicInstance, ClassicLoadBalancer, EndpointConnection, Kind,
};
use crate::scenario::fields::Fields;
use crate::scenario::read::balancer::listener;
use crate::scenario::read::instance::{ENGINES, STATES};
use crate::scenario::reader::Reader;
use crate::scenario::reference::{ANY, only};
use crate::scenario::region::region;
use crate::scenario::value::Value;
use crate::scenario::variant::word;
use crate::scenario::word::{address, boolean, port, reference};

/// An entry of `classic.instances`.
impl Read for ClassicInstance {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "classic instance", at)?;
        let meta = fields.endpoint_meta();
        let region = fields.required("region", region);
        let ip = fields.required("ip", address);
        let public_ip = fields.optional("public_ip", address);
        let security_groups = fields.security_groups();
        let state = fields.optional("state", word(STATES)).unwrap_or_default();
        fields.finish();
        Some(ClassicInstance {
            meta,
            region: region?,
            ip: ip?,
            public_ip,
            security_groups: security_groups?,
            state,
        })
    }
}

/// An entry of `classic.databases`.
impl Read for ClassicDatabase {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "classic database", at)?;
        let meta = fields.endpoint_meta();
        let region = fields.required("region", region);
        let ip = fields.required("ip", address);
        let engine = fields.required("engine", word(ENGINES));
        let port = fields.optional("port", port);
        fields.finish();
        let engine = engine?;
        let port = port.unwrap_or_else(|| engine.default_port());
        Some(ClassicDatabase { meta, region: region?, ip: ip?, engine, port })
    }
}

/// An entry of `classic.load_balancers`.
impl Read for ClassicLoadBalancer {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "classic load balancer", at)?;
        let meta = fields.endpoint_meta();
        let region = fields.required("region", region);
        let vip = fields.required("vip", address);
        let public = fields.optional("public", boolean).unwrap_or(false);
        let listeners = fields.required_list("listeners", listener);
        fields.finish();
        Some(ClassicLoadBalancer {
            meta,
            region: region?,
            vip: vip?,
            public,
            listeners: listeners?,
        })
    }
}

/// An entry of `endpoint_connections`. Which targets the cloud supports (EP-2) is a limit, not a kind.
impl Read for EndpointConnection {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "endpoint connection", at)?;
        let meta = fields.endpoint_meta();
        let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
        let vip = fields.required("vip", address);
        let target = fields.required("target", reference(ANY));
        fields.finish();
        Some(EndpointConnection { meta, vpc: vpc?, vip: vip?, target: target? })
    }
}
