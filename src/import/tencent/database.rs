//! Databases, whose services answer each in a form of its own.

use std::net::IpAddr;

use super::dump::Object;
use super::{Import, collect, name_file, no_region};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::notation;
use crate::import::note::Outcome;
use crate::model::{ClassicDatabase, Database, Engine, Kind};

/// How a service lists its databases.
struct Form {
    /// Service and action.
    action: &'static str,
    /// Service and action that tell the groups of one.
    groups: &'static str,
    engine: Engine,
    list: &'static str,
    id: &'static str,
    name: &'static str,
    address: &'static str,
    port: &'static str,
    vpc: &'static str,
    subnet: &'static str,
}

const FORMS: [Form; 7] = [
    Form {
        action: "cdb.DescribeDBInstances",
        groups: "cdb.DescribeDBSecurityGroups",
        engine: Engine::MySql,
        list: "Items",
        id: "InstanceId",
        name: "InstanceName",
        address: "Vip",
        port: "Vport",
        vpc: "UniqVpcId",
        subnet: "UniqSubnetId",
    },
    Form {
        action: "redis.DescribeInstances",
        groups: "redis.DescribeDBSecurityGroups",
        engine: Engine::Redis,
        list: "InstanceSet",
        id: "InstanceId",
        name: "InstanceName",
        address: "WanIp",
        port: "Port",
        vpc: "UniqVpcId",
        subnet: "UniqSubnetId",
    },
    Form {
        action: "mongodb.DescribeDBInstances",
        groups: "mongodb.DescribeSecurityGroup",
        engine: Engine::MongoDb,
        list: "InstanceDetails",
        id: "InstanceId",
        name: "InstanceName",
        address: "Vip",
        port: "Vport",
        vpc: "VpcId",
        subnet: "SubnetId",
    },
    Form {
        action: "postgres.DescribeDBInstances",
        groups: "postgres.DescribeDBInstanceSecurityGroups",
        engine: Engine::PostgreSql,
        list: "DBInstanceSet",
        id: "DBInstanceId",
        name: "DBInstanceName",
        address: "Ip",
        port: "Port",
        vpc: "VpcId",
        subnet: "SubnetId",
    },
    Form {
        action: "sqlserver.DescribeDBInstances",
        groups: "sqlserver.DescribeDBSecurityGroups",
        engine: Engine::SqlServer,
        list: "DBInstances",
        id: "InstanceId",
        name: "Name",
        address: "Vip",
        port: "Vport",
        vpc: "UniqVpcId",
        subnet: "UniqSubnetId",
    },
    Form {
        action: "mariadb.DescribeDBInstances",
        groups: "mariadb.DescribeDBSecurityGroups",
        engine: Engine::MariaDb,
        list: "Instances",
        id: "InstanceId",
        name: "InstanceName",
        address: "Vip",
        port: "Vport",
        vpc: "UniqueVpcId",
        subnet: "UniqueSubnetId",
    },
    Form {
        action: "dcdb.DescribeDCDBInstances",
        groups: "dcdb.DescribeDBSecurityGroups",
        engine: Engine::TdSql,
        list: "Instances",
        id: "InstanceId",
        name: "InstanceName",
        address: "Vip",
        port: "Vport",
        vpc: "UniqueVpcId",
        subnet: "UniqueSubnetId",
    },
];

impl<'d> Import<'d> {
    pub(super) fn databases(&mut self) {
        for form in &FORMS {
            for object in self.dump.all(form.action, form.list) {
                self.database(form, &object);
            }
        }
    }

    fn database(&mut self, form: &Form, object: &Object<'d>) {
        let id = object.words(form.id);
        let (vpc, subnet) = (object.words(form.vpc), object.words(form.subnet));
        self.within([vpc, subnet]);
        let is_classic = matches!(vpc, "" | "0");
        let kind = if is_classic { Kind::ClassicDatabase } else { Kind::Database };
        let spot = Spot::Section(kind);
        let addresses = addresses(form, object);
        let Some(addresses) = self.read(id, form.address, spot.clone(), addresses) else {
            return;
        };
        if addresses.len() > 1 {
            let count = addresses.len();
            let why = words!(
                "it has {count} addresses: each stands as a database of its own",
                "它有 {count} 个地址：每个地址各作为一个数据库"
            );
            let spot = Spot::Entity(notation::id(id));
            self.draft.say(Outcome::Assumed, spot, Say::of(id, why));
        }
        for (number, address) in addresses.into_iter().enumerate() {
            let own = match number {
                0 => id.to_owned(),
                _ => format!("{id}.{}", address.0),
            };
            self.at_address(form, object, (&own, is_classic), address);
        }
    }

    /// A database at one of its addresses.
    fn at_address(
        &mut self,
        form: &Form,
        object: &Object<'d>,
        (id, is_classic): (&str, bool),
        (ip, port): (IpAddr, u16),
    ) {
        let spot = Spot::Section(if is_classic { Kind::ClassicDatabase } else { Kind::Database });
        let meta = Self::meta(object, form.name);
        if is_classic {
            let Some(region) = self.region(object, object.words("Zone")) else {
                let why = no_region();
                let help = name_file(&format!("{}.ap-guangzhou.json", form.action));
                self.left_out(id, "region", spot, why, help);
                return;
            };
            let database = ClassicDatabase { meta, region, ip, engine: form.engine, port };
            let network = self.network();
            network.classic_databases.insert(notation::id(id), database);
        } else {
            let subnet = object.words(form.subnet);
            let Some(subnet) = self.must(id, form.subnet, subnet, Kind::Subnet, spot) else {
                return;
            };
            let database = Database {
                meta,
                subnet,
                ip,
                engine: form.engine,
                port,
                security_groups: Vec::new(),
                old_vips: Vec::new(),
            };
            self.network().databases.insert(notation::id(id), database);
            self.groups_of_database(form, object.words(form.id), id);
        }
        self.imported(id);
    }

    /// The list of databases does not say which groups guard them: `cdb.DescribeDBSecurityGroups.cdb-….json` does.
    fn groups_of_database(&mut self, form: &Form, named: &str, id: &str) {
        let mut answers = self.dump.answers(form.groups);
        let own = answers.find(|it| it.response.owner.as_deref() == Some(named));
        let Some(own) = own else {
            let why = Words::new(
                "its security groups are not in the files, so it is not known whom it admits",
                "文件中没有其安全组，无法得知它放通谁",
            );
            let help = collect(&format!("{}.{named}.json", form.groups));
            let spot = Spot::Entity(notation::id(id));
            self.left_out(id, "security_groups", spot, why, help);
            return;
        };
        let groups = own.list("Groups").into_iter();
        let groups: Vec<&str> = groups.filter_map(|it| it.text("SecurityGroupId")).collect();
        let kinds = (Kind::Database, Kind::SecurityGroup);
        let groups: Vec<Id> = self.ids(id, "Groups", &groups, kinds).unwrap_or_default();
        if let Some(database) = self.network().databases.get_mut(id) {
            database.security_groups = groups;
        }
    }
}

/// The private addresses of a database with their ports: its own first, then those of its nodes and of what reads from it.
fn addresses(form: &Form, object: &Object<'_>) -> Result<Vec<(IpAddr, u16)>, Words> {
    let nets = object.list("DBInstanceNetInfo").into_iter();
    let private: Vec<_> = nets.filter(|net| net.words("NetType") == "private").collect();
    let mut places = if private.is_empty() { vec![*object] } else { private };
    let readers = object.list("RoGroups").into_iter();
    places.extend(readers.filter(|group| group.text(form.address).is_some()));
    let mut addresses = Vec::new();
    for place in places {
        let port = place.port(form.port).unwrap_or(form.engine.default_port());
        let mut texts: Vec<&str> = place.texts(form.address);
        texts.extend(place.words(form.address).split([',', ';', ' ']));
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            let (address, port) = match text.rsplit_once(':') {
                Some((address, own)) if !address.contains(':') => {
                    (address, own.parse().unwrap_or(port))
                }
                _ => (text, port),
            };
            let address = notation::address(address)?;
            if !addresses.iter().any(|(known, _)| *known == address) {
                addresses.push((address, port));
            }
        }
    }
    if addresses.is_empty() {
        return Err(Words::new("it has no address", "它没有地址"));
    }
    Ok(addresses)
}
