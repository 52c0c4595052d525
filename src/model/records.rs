//! The fields of everything that a network is made of, described once.
//!
//! A row is a type of the model: the words for it where a field of it is wrong, what it carries beside its own fields (`own` =
//! account and name, `tagged` = tags, too, `part` = nothing: it stands inside another), and its fields in the order in which they
//! are read and written. A field says whether it is written always (`must`, `must_list`), may be left out (`may`, `list`,
//! `rows` = a list with an item a line, `map`) or is left out where it says what is usual (`usual`, by default or in
//! parentheses); how its text reads, as a form that the reader in `scenario` and the writer in `import` know by this name, or as
//! another record; and in brackets what an id may name ([`super::mention`]).
//!
//! [`records!`] hands the rows to who makes something of them: the reader, the writer and the walk over references. Each takes
//! the type apart or puts it together field by field, so a field without a row does not compile. What a person is told of
//! the fields stands in `render/format`, and a test holds it to what is read.

/// Hands the rows to a macro.
macro_rules! records {
    ($then:ident) => {
        $then! {
            Account "account" own {
                supported_platforms: usual word;
            }
            Vpc "vpc" own {
                region: must region;
                cidr: must cidr;
                secondary_cidrs: list cidr;
                ipv6_cidr: may cidr_v6;
                default_route_table: may id[TABLE];
                publish_to_ccn: usual word;
            }
            Subnet "subnet" own {
                vpc: must id[VPC];
                zone: may words;
                cidr: must cidr;
                ipv6_cidr: may cidr_v6;
                route_table: may id[TABLE];
                network_acl: may id[ACL];
            }
            RouteTable "route table" own {
                vpc: must id[VPC];
                routes: rows record<Route>;
            }
            Route "route" part {
                to: must cidr;
                via: must next_hop;
                enabled: usual(true) flag;
                priority: usual small;
                publish: usual flag;
            }
            NetworkAcl "network ACL" own {
                vpc: must id[VPC];
                ingress: rows acl_rule;
                egress: rows acl_rule;
            }
            SecurityGroup "security group" own {
                region: may region;
                ingress: rows ingress_rule;
                egress: rows egress_rule;
            }
            AddressTemplate "address template" own {
                addresses: must_list addresses;
            }
            AddressTemplateGroup "address template group" own {
                templates: must_list id[ADDRESSES];
            }
            ServiceTemplate "service template" own {
                services: must_list service;
            }
            ServiceTemplateGroup "service template group" own {
                templates: must_list id[SERVICES];
            }
            Instance "instance" tagged {
                subnet: must id[SUBNET];
                ip: must address;
                secondary_ips: list address;
                ipv6: may address_v6;
                eip: may address;
                security_groups: must_list id[GROUP];
                state: usual word;
                public_gateway: usual flag;
                masquerades: usual flag;
            }
            NetworkInterface "network interface" tagged {
                instance: must id[INSTANCE];
                subnet: must id[SUBNET];
                ip: must address;
                secondary_ips: list address;
                eip: may address;
                security_groups: must_list id[GROUP];
            }
            InstanceGroup "instance group" tagged {
                subnet: must id[SUBNET];
                ips: must range;
                security_groups: must_list id[GROUP];
            }
            HaVip "havip" tagged {
                subnet: must id[SUBNET];
                ip: must address;
                eip: may address;
                bound_to: may id[INSTANCE];
                masquerades: usual flag;
            }
            Database "database" tagged {
                subnet: must id[SUBNET];
                ip: must address;
                engine: must engine;
                port: usual(engine.default_port()) port;
                security_groups: list id[GROUP];
                old_vips: list record<OldVip>;
            }
            OldVip "old address" part {
                network: must old_network;
                ip: must address;
                hours_left: must hours;
            }
            LoadBalancer "load balancer" tagged {
                network: must balancer_network;
                security_groups: list id[GROUP];
                pass_to_target: usual flag;
                listeners: must_list listener;
            }
            Target "target" part {
                instance: must target[TARGET];
                port: must port;
                weight: usual(10) weight;
            }
            ClassicInstance "classic instance" tagged {
                region: must region;
                ip: must address;
                public_ip: may address;
                security_groups: must_list id[GROUP];
                state: usual word;
            }
            ClassicDatabase "classic database" tagged {
                region: must region;
                ip: must address;
                engine: must engine;
                port: usual(engine.default_port()) port;
            }
            ClassicLoadBalancer "classic load balancer" tagged {
                region: must region;
                vip: must address;
                public: usual flag;
                listeners: must_list listener;
            }
            EndpointConnection "endpoint connection" tagged {
                vpc: must id[VPC];
                vip: must address;
                target: must id[ANY];
            }
            EndpointService "endpoint service" own {
                vpc: must id[VPC];
                load_balancer: must id[ANY];
                allowed_accounts: list account[ACCOUNT];
                auto_accept: usual flag;
            }
            VpcEndpoint "vpc endpoint" tagged {
                subnet: must id[SUBNET];
                ip: must address;
                service: must id[SERVICE];
                security_groups: list id[GROUP];
                state: usual word;
            }
            Peering "peering" own {
                between: must two_vpcs[VPC];
                state: usual word;
            }
            Ccn "ccn" own {
                route_overlap: usual flag;
                bandwidth: may word;
                attachments: list member;
                routes: list record<CcnRoute>;
                route_tables: map record<CcnRouteTable>;
                selection: list record<CcnSelection>;
            }
            CcnRoute "ccn route" part {
                to: must cidr;
                next: must member;
                enabled: usual(true) flag;
            }
            CcnRouteTable "ccn route table" own {
                attachments: list member;
                accept: list record<CcnRoutePolicy>;
            }
            CcnRoutePolicy "ccn route policy" part {
                from: may member;
                cidr: may cidr;
                action: usual(crate::space::Action::Accept) word;
            }
            CcnSelection "ccn selection policy" part {
                attachment: must member;
                source: must cidr;
                route_table: must id[CCN_TABLE];
            }
            NatGateway "nat gateway" own {
                vpc: must id[VPC];
                kind: usual word;
                eips: list address;
                strict_snat: usual flag;
                snat: list record<Snat>;
                dnat: list record<Dnat>;
            }
            Snat "snat rule" part {
                from: must snat_source;
                eips: must_list address;
            }
            Dnat "dnat entry" part {
                service: must one_port;
                eip: must address;
                to: must inside;
                port: must port;
            }
            VpnGateway "vpn gateway" own {
                attached_to: must attachment;
                connections: must_list record<VpnConnection>;
                routes: list record<VpnRoute>;
            }
            VpnConnection "vpn connection" part {
                id: must part_id;
                site: must id[SITE];
                policies: list record<VpnPolicy>;
                up: usual(true) flag;
                health_check: usual flag;
            }
            VpnPolicy "vpn policy" part {
                local: must cidr;
                remote: must_list cidr;
            }
            VpnRoute "vpn route" part {
                to: must cidr;
                connection: must id[CONNECTION];
                priority: usual number;
                enabled: usual(true) flag;
            }
            DirectConnectGateway "direct connect gateway" own {
                attached_to: must attachment;
                kind: usual direct_connect_kind;
                tunnels: must_list record<DirectConnectTunnel>;
            }
            DcNat "Nat" part {
                local_ips: list mapping;
                peer_ips: list mapping;
                snat: list record<DcSnat>;
                dnat: list record<DcDnat>;
            }
            DcSnat "snat rule" part {
                from: must cidr;
                pool: must_list address;
            }
            DcDnat "dnat entry" part {
                service: must one_port;
                address: must address;
                to: must inside;
                port: must port;
            }
            DirectConnectTunnel "direct connect tunnel" part {
                id: must part_id;
                site: must id[SITE];
                prefixes: must_list cidr;
                up: usual(true) flag;
                health_check: usual flag;
            }
            EdgeFirewall "edge firewall" own {
                addresses: list address_or_cidr;
                ingress: rows edge_rule;
                egress: rows edge_rule;
            }
            Site "site" tagged {
                cidrs: must_list cidr;
            }
            Platform "platform" part {
                outbound_smtp_blocked: usual(crate::model::Platform::default().outbound_smtp_blocked) flag;
                strict_classic_link_range: usual(crate::model::Platform::default().strict_classic_link_range) flag;
                endpoint_connection_transit: usual(crate::model::Platform::default().endpoint_connection_transit) flag;
            }
            Unmodelled "unmodelled" part {
                what: must words;
                reason: must words;
                touches: list touched;
                routing_of: list id[VPC];
                destinations: list destination;
                missing_from: list id[SETS];
            }
        }
    };
}

pub(crate) use records;
