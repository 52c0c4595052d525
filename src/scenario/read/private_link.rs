//! `PrivateLink`: endpoint services and endpoints.

use super::Read;
use crate::model::{EndpointService, Kind, VpcEndpoint, VpcEndpointState};
use crate::scenario::fields::Fields;
use crate::scenario::read::account;
use crate::scenario::reader::Reader;
use crate::scenario::reference::{ANY, only};
use crate::scenario::value::Value;
use crate::scenario::variant::word;
use crate::scenario::word::{address, boolean, reference};

/// An entry of `endpoint_services`. What the cloud lets stand behind it (PL-1) is a limit, not a kind.
impl Read for EndpointService {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        let mut fields = Fields::of(value, "endpoint service", at)?;
        let meta = fields.meta();
        let vpc = fields.required("vpc", reference(only(&[Kind::Vpc])));
        let load_balancer = fields.required("load_balancer", reference(ANY));
        let allowed_accounts = fields.list("allowed_accounts", account);
        let auto_accept = fields.optional("auto_accept", boolean).unwrap_or(false);
        fields.finish();
        Some(EndpointService {
            meta,
            vpc: vpc?,
            load_balancer: load_balancer?,
            allowed_accounts,
            auto_accept,
        })
    }
}

/// An entry of `vpc_endpoints`.
impl Read for VpcEndpoint {
    fn read<'src>(value: Value<'src>, at: &mut Reader<'src>) -> Option<Self> {
        const STATES: &[(&str, VpcEndpointState)] =
            &[("Available", VpcEndpointState::Available), ("Pending", VpcEndpointState::Pending)];
        let mut fields = Fields::of(value, "vpc endpoint", at)?;
        let meta = fields.endpoint_meta();
        let subnet = fields.required("subnet", reference(only(&[Kind::Subnet])));
        let ip = fields.required("ip", address);
        let service = fields.required("service", reference(only(&[Kind::EndpointService])));
        let security_groups = fields.optional_security_groups();
        let state = fields.optional("state", word(STATES)).unwrap_or_default();
        fields.finish();
        Some(VpcEndpoint {
            meta,
            subnet: subnet?,
            ip: ip?,
            service: service?,
            security_groups,
            state,
        })
    }
}
