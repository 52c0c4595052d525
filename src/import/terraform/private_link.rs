//! `PrivateLink`: a load balancer that other VPCs reach by an address of their own (PL-1..9).

use serde_json::Value;

use super::ground::VPC;
use super::service::BALANCER;
use super::{Import, Spots};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::left::Bears;
use crate::import::notation;
use crate::model::{EndpointService, Kind, Meta, VpcEndpoint, VpcEndpointState};

/// The type of an endpoint service.
const SERVICE: &[&str] = &["tencentcloud_vpc_end_point_service"];
/// The type of an endpoint.
const ENDPOINT: &str = "tencentcloud_vpc_end_point";

impl Import<'_> {
    pub(super) fn private_links(&mut self) {
        for index in self.of_kind(SERVICE[0]) {
            self.endpoint_service(index);
        }
        for index in self.of_kind("tencentcloud_vpc_end_point_service_white_list") {
            self.allowed(index);
        }
        for index in self.of_kind(ENDPOINT) {
            self.vpc_endpoint(index);
        }
    }

    fn endpoint_service(&mut self, index: usize) {
        let id = self.id(index);
        let spots = Spots::entity(Kind::EndpointService, &id);
        let kind = self.input.text(index, "service_type");
        if let Some(kind) = kind.filter(|it| !it.eq_ignore_ascii_case("CLB")) {
            let why = words!(
                "a service of type `{kind}`, which has no load balancer: not modelled",
                "类型为 `{kind}` 的服务没有负载均衡：模型不支持"
            );
            self.left_out(index, "service_type", &spots.missing, Self::unreadable(why));
            return;
        }
        let Some(vpc) = self.must(index, "vpc_id", VPC, &spots) else {
            return;
        };
        let Some(balancer) = self.must(index, "service_instance_id", BALANCER, &spots) else {
            return;
        };
        let accepts = self.input.known(index, "auto_accept_flag");
        let meta = self.meta(index, &["end_point_service_name"]);
        let service = EndpointService {
            // what is no endpoint has no tags
            meta: Meta { tags: std::collections::BTreeMap::new(), ..meta },
            vpc: self.id(vpc),
            load_balancer: self.id(balancer),
            allowed_accounts: Vec::new(),
            auto_accept: *accepts == Value::Bool(true),
        };
        self.network().endpoint_services.insert(id, service);
        self.place(index, Kind::EndpointService);
    }

    /// An account that may ask for an endpoint.
    fn allowed(&mut self, index: usize) {
        let spots = Spots::part(Spot::Section(Kind::EndpointService));
        let found = self.input.one(index, "end_point_service_id", SERVICE);
        if let Err(why) = found {
            // endpoints of other accounts are not in the input
            let part = (index, "end_point_service_id");
            self.leave_out(part, &spots.missing, why, Bears::Nothing);
            return;
        }
        let found = self.settle(index, "end_point_service_id", found, &spots);
        let Ok(Some(service)) = found else {
            return;
        };
        let id = self.id(service);
        let account = self.input.text(index, "user_uin");
        if let Some(account) = account.map(|it| notation::id(&it))
            && let Some(service) = self.network().endpoint_services.get_mut(&id)
            && !service.allowed_accounts.contains(&account)
        {
            service.allowed_accounts.push(account);
        }
        self.joins(index, &id);
    }

    fn vpc_endpoint(&mut self, index: usize) {
        let spots = self.spots(index, Kind::VpcEndpoint);
        let Some(subnet) = self.subnet_of(index, &spots) else {
            return;
        };
        let name = "end_point_service_id";
        let Some(service) = self.must(index, name, SERVICE, &spots) else {
            return;
        };
        let security_groups = self.listed_groups((index, "security_groups_ids"), index);
        let Some(ip) = self.addresses(index, &spots).first().copied() else {
            return;
        };
        let state = match self.input.text(index, "state").as_deref() {
            Some("ACTIVE") => VpcEndpointState::Available,
            Some(_) => VpcEndpointState::Pending,
            None => {
                let why = Words::new(
                    "its service is in the same input, so of the same account: it is accepted by itself (PL-5)",
                    "其服务在同一输入中，属于同一账号：自动接受（PL-5）",
                );
                self.assumed(index, "state", &spots.there, Some(why));
                VpcEndpointState::Available
            }
        };
        let endpoint = VpcEndpoint {
            meta: self.meta(index, &["end_point_name"]),
            subnet,
            ip,
            service: self.id(service),
            security_groups,
            state,
        };
        let id: Id = self.id(index);
        self.network().vpc_endpoints.insert(id, endpoint);
        self.place(index, Kind::VpcEndpoint);
    }
}
