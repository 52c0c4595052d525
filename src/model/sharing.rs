//! What two networks have in common because one was made of the other, or because they were made to share it: told by their
//! sections, without a look into them.

use super::{Network, NetworkAcl, Peer, Section, SecurityGroup, SecurityGroupRule, Served};

impl Network {
    /// Whether everything but the rules of groups and ACLs and the contents of templates is the same as in a network that this
    /// one was made of. `false` where that would need a closer look.
    #[must_use]
    pub fn differs_in_rules_only(&self, old: &Self) -> bool {
        // Named one by one, so that a section that is added does not compile before somebody has said what it means here.
        let Self {
            accounts,
            vpcs,
            subnets,
            route_tables,
            network_acls,
            security_groups,
            address_templates: _,
            address_template_groups: _,
            service_templates: _,
            service_template_groups: _,
            instances,
            network_interfaces,
            instance_groups,
            havips,
            databases,
            load_balancers,
            classic_instances,
            classic_databases,
            classic_load_balancers,
            classic_links,
            endpoint_connections,
            endpoint_services,
            vpc_endpoints,
            peerings,
            ccns,
            nat_gateways,
            vpn_gateways,
            direct_connect_gateways,
            edge_firewalls,
            sites,
            names,
            platform,
            unmodelled,
            down,
        } = self;
        accounts.is_same(&old.accounts)
            && vpcs.is_same(&old.vpcs)
            && subnets.is_same(&old.subnets)
            && route_tables.is_same(&old.route_tables)
            && instances.is_same(&old.instances)
            && network_interfaces.is_same(&old.network_interfaces)
            && instance_groups.is_same(&old.instance_groups)
            && havips.is_same(&old.havips)
            && databases.is_same(&old.databases)
            && load_balancers.is_same(&old.load_balancers)
            && classic_instances.is_same(&old.classic_instances)
            && classic_databases.is_same(&old.classic_databases)
            && classic_load_balancers.is_same(&old.classic_load_balancers)
            && classic_links.is_same(&old.classic_links)
            && endpoint_connections.is_same(&old.endpoint_connections)
            && endpoint_services.is_same(&old.endpoint_services)
            && vpc_endpoints.is_same(&old.vpc_endpoints)
            && peerings.is_same(&old.peerings)
            && ccns.is_same(&old.ccns)
            && nat_gateways.is_same(&old.nat_gateways)
            && vpn_gateways.is_same(&old.vpn_gateways)
            && direct_connect_gateways.is_same(&old.direct_connect_gateways)
            && edge_firewalls.is_same(&old.edge_firewalls)
            && sites.is_same(&old.sites)
            && names.is_same(&old.names)
            && *platform == old.platform
            && *unmodelled == old.unmodelled
            && *down == old.down
            && alike(
                security_groups,
                &old.security_groups,
                SecurityGroup::has_frame_of,
            )
            && alike(network_acls, &old.network_acls, NetworkAcl::has_frame_of)
    }

    /// Shares with a network that this one was not made of whatever the two have in common: one of the same files as they were
    /// before an edit. Then they can be asked what the edit has touched.
    pub fn share(&mut self, old: &Self) {
        let Self {
            accounts,
            vpcs,
            subnets,
            route_tables,
            network_acls,
            security_groups,
            address_templates,
            address_template_groups,
            service_templates,
            service_template_groups,
            instances,
            network_interfaces,
            instance_groups,
            havips,
            databases,
            load_balancers,
            classic_instances,
            classic_databases,
            classic_load_balancers,
            classic_links,
            endpoint_connections,
            endpoint_services,
            vpc_endpoints,
            peerings,
            ccns,
            nat_gateways,
            vpn_gateways,
            direct_connect_gateways,
            edge_firewalls,
            sites,
            names,
            platform: _,
            unmodelled: _,
            down: _,
        } = self;
        accounts.share(&old.accounts);
        vpcs.share(&old.vpcs);
        subnets.share(&old.subnets);
        route_tables.share(&old.route_tables);
        network_acls.share(&old.network_acls);
        security_groups.share(&old.security_groups);
        address_templates.share(&old.address_templates);
        address_template_groups.share(&old.address_template_groups);
        service_templates.share(&old.service_templates);
        service_template_groups.share(&old.service_template_groups);
        instances.share(&old.instances);
        network_interfaces.share(&old.network_interfaces);
        instance_groups.share(&old.instance_groups);
        havips.share(&old.havips);
        databases.share(&old.databases);
        load_balancers.share(&old.load_balancers);
        classic_instances.share(&old.classic_instances);
        classic_databases.share(&old.classic_databases);
        classic_load_balancers.share(&old.classic_load_balancers);
        classic_links.share(&old.classic_links);
        endpoint_connections.share(&old.endpoint_connections);
        endpoint_services.share(&old.endpoint_services);
        vpc_endpoints.share(&old.vpc_endpoints);
        peerings.share(&old.peerings);
        ccns.share(&old.ccns);
        nat_gateways.share(&old.nat_gateways);
        vpn_gateways.share(&old.vpn_gateways);
        direct_connect_gateways.share(&old.direct_connect_gateways);
        edge_firewalls.share(&old.edge_firewalls);
        sites.share(&old.sites);
        names.share(&old.names);
    }

    /// Whether all templates are the same ones.
    pub(crate) fn shares_templates(&self, old: &Self) -> bool {
        self.address_templates.is_same(&old.address_templates)
            && self
                .address_template_groups
                .is_same(&old.address_template_groups)
            && self.service_templates.is_same(&old.service_templates)
            && self
                .service_template_groups
                .is_same(&old.service_template_groups)
    }
}

/// Whether two sections have the same ids in the same order, and entities that are alike.
fn alike<T>(new: &Section<T>, old: &Section<T>, is_alike: impl Fn(&T, &T) -> bool) -> bool {
    let mut both = new.iter().zip(old.iter());
    new.is_same(old)
        || new.len() == old.len() && both.all(|((a, new), (b, old))| a == b && is_alike(new, old))
}

impl SecurityGroup {
    /// Whether everything but the rules is equal.
    fn has_frame_of(&self, other: &Self) -> bool {
        self.meta == other.meta && self.region == other.region
    }

    /// Whether any rule means what a template contains.
    pub(crate) fn uses_templates(&self) -> bool {
        let mut rules = self.ingress.iter().chain(&self.egress);
        rules.any(SecurityGroupRule::uses_templates)
    }
}

impl SecurityGroupRule {
    fn uses_templates(&self) -> bool {
        let peer = match &self.peer {
            Peer::AddressTemplate(_) | Peer::AddressTemplateGroup(_) => true,
            Peer::Any | Peer::Addresses(_) | Peer::ZeroPrefix(_) | Peer::SecurityGroup(_) => false,
        };
        match &self.service {
            Served::Template(_) | Served::TemplateGroup(_) => true,
            Served::Service(_) => peer,
        }
    }
}

impl NetworkAcl {
    /// Whether everything but the rules is equal.
    fn has_frame_of(&self, other: &Self) -> bool {
        self.meta == other.meta && self.vpc == other.vpc
    }
}
