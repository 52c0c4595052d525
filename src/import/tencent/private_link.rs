//! `PrivateLink`: endpoint services with the accounts that may use them, and endpoints.

use super::{Import, by_hand, dump::Object};
use crate::diagnostic::{Words, words};
use crate::import::document::Spot;
use crate::import::notation;
use crate::model::{EndpointService, Kind, VpcEndpoint, VpcEndpointState};

impl<'d> Import<'d> {
    pub(super) fn private_links(&mut self) {
        let services = "EndPointServiceSet";
        for object in self.dump.all("DescribeVpcEndPointService", services) {
            self.endpoint_service(&object);
        }
        let users = "VpcEndpointServiceUserSet";
        for object in self.dump.all("DescribeVpcEndPointServiceWhiteList", users) {
            let service = notation::id(object.words("EndPointServiceId"));
            let account = notation::id(object.words("UserUin"));
            let services = &mut self.network().endpoint_services;
            if let Some(service) = services.get_mut(&service)
                && !account.as_str().is_empty()
                && !service.allowed_accounts.contains(&account)
            {
                service.allowed_accounts.push(account);
            }
        }
        for object in self.dump.all("DescribeVpcEndPoint", "EndPointSet") {
            self.vpc_endpoint(&object);
        }
    }

    fn endpoint_service(&mut self, object: &Object<'d>) {
        let id = object.words("EndPointServiceId");
        let spot = Spot::Section(Kind::EndpointService);
        let kind = object.text("ServiceType").unwrap_or("CLB");
        if !kind.eq_ignore_ascii_case("CLB") {
            let why = words!(
                "it offers {kind}, and only a load balancer can be modelled",
                "它提供的是 {kind}，模型只支持负载均衡"
            );
            self.left_out(id, "ServiceType", spot, why, by_hand());
            return;
        }
        let vpc = self.must(id, "VpcId", object.words("VpcId"), Kind::Vpc, spot.clone());
        let behind = object.words("ServiceInstanceId");
        let behind = self.must(id, "ServiceInstanceId", behind, Kind::LoadBalancer, spot);
        let (Some(vpc), Some(load_balancer)) = (vpc, behind) else {
            return;
        };
        let service = EndpointService {
            meta: Self::plain_meta(object, "ServiceName"),
            vpc,
            load_balancer,
            allowed_accounts: Vec::new(),
            auto_accept: object.is("AutoAcceptFlag"),
        };
        self.network().endpoint_services.insert(notation::id(id), service);
        self.imported(id);
    }

    fn vpc_endpoint(&mut self, object: &Object<'d>) {
        let id = object.words("EndPointId");
        let places = [object.words("VpcId"), object.words("SubnetId")];
        self.within(places.into_iter().chain(object.texts("GroupSet")));
        let spot = Spot::Section(Kind::VpcEndpoint);
        let subnet = object.words("SubnetId");
        let subnet = self.must(id, "SubnetId", subnet, Kind::Subnet, spot.clone());
        let ip = notation::address(object.words("EndPointVip"));
        let ip = self.read(id, "EndPointVip", spot.clone(), ip);
        let service = object.words("EndPointServiceId");
        let wanted = Kind::EndpointService;
        let service = self.must(id, "EndPointServiceId", service, wanted, spot.clone());
        let groups = object.texts("GroupSet");
        let kinds = (Kind::VpcEndpoint, Kind::SecurityGroup);
        let groups = self.ids(id, "GroupSet", &groups, kinds);
        let state = self.read(id, "State", spot, state(object.words("State")));
        let (Some(subnet), Some(ip), Some(service)) = (subnet, ip, service) else {
            return;
        };
        let (Some(security_groups), Some(state)) = (groups, state) else {
            return;
        };
        let endpoint = VpcEndpoint {
            meta: Self::meta(object, "EndPointName"),
            subnet,
            ip,
            service,
            security_groups,
            state,
        };
        self.network().vpc_endpoints.insert(notation::id(id), endpoint);
        self.imported(id);
    }
}

/// What was refused or has failed carries as little as what waits.
fn state(word: &str) -> Result<VpcEndpointState, Words> {
    match word.to_ascii_uppercase().as_str() {
        "ACTIVE" | "AVAILABLE" => Ok(VpcEndpointState::Available),
        "PENDING" | "ACCEPTING" | "REJECTED" | "FAILED" | "DELETING" => {
            Ok(VpcEndpointState::Pending)
        }
        _ => Err(words!("its state `{word}` is not known", "未知的状态 `{word}`")),
    }
}
