//! Databases, whose services answer each in a form of its own.

use super::dump::Object;
use super::{Import, collect, name_file, no_region};
use crate::diagnostic::Words;
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::notation;
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
        // a private address among several is a database's own
        let nets = object.list("DBInstanceNetInfo");
        let private = nets.iter().find(|net| net.words("NetType") == "private");
        let place = private.unwrap_or(object);
        let port = place.port(form.port).unwrap_or(form.engine.default_port());
        let (vpc, subnet) = (object.words(form.vpc), object.words(form.subnet));
        self.within([vpc, subnet]);
        let is_classic = matches!(vpc, "" | "0");
        let kind = if is_classic {
            Kind::ClassicDatabase
        } else {
            Kind::Database
        };
        let spot = Spot::Section(kind);
        let address = notation::address(place.words(form.address));
        let Some(ip) = self.read(id, form.address, spot.clone(), address) else {
            return;
        };
        let meta = Self::meta(object, form.name);
        if is_classic {
            let Some(region) = self.region(object, object.words("Zone")) else {
                let why = no_region();
                let help = name_file(&format!("{}.ap-guangzhou.json", form.action));
                self.left_out(id, "region", spot, why, help);
                return;
            };
            let database = ClassicDatabase {
                meta,
                region,
                ip,
                engine: form.engine,
                port,
            };
            let network = self.network();
            network.classic_databases.insert(notation::id(id), database);
        } else {
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
            };
            self.network().databases.insert(notation::id(id), database);
            self.groups_of_database(form, id);
        }
        self.imported(id);
    }

    /// The list of databases does not say which groups guard them: `cdb.DescribeDBSecurityGroups.cdb-….json` does.
    fn groups_of_database(&mut self, form: &Form, id: &str) {
        let mut answers = self.dump.answers(form.groups);
        let own = answers.find(|it| it.response.owner.as_deref() == Some(id));
        let Some(own) = own else {
            let why = Words::new(
                "its security groups are not in the files, so it is not known whom it admits",
                "文件中没有其安全组，无法得知它放通谁",
            );
            let help = collect(&format!("{}.{id}.json", form.groups));
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
