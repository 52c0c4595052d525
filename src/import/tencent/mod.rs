//! A folder of responses of the cloud's API, as `tccli` prints them.
//!
//! The API leaves some things open, and they are joined here: linked classic CVMs get their address from
//! `DescribeInstances`, Local routes are implied, a default table is the one with `Main`, EIPs are bound by
//! `DescribeAddresses`, and the states of CCN routes are trusted, not computed.
//!
//! | file | what |
//! |---|---|
//! | `dump` | the files as lists of objects |
//! | `answer` | the actions that are understood, and what a part that is missing takes along |
//! | `gap` | what the files themselves lack: pages, answers, files |
//! | `bears` | what is left out, and what it bears on |
//! | `ground`, `route`, `filter`, `firewall`, `machine`, `database`, `balancer`, `gateway`, `wan`, `policy` | one topic a file |

pub mod answer;
mod balancer;
mod bears;
mod database;
mod dump;
mod filter;
mod firewall;
mod gap;
mod gateway;
mod ground;
mod machine;
mod order;
mod policy;
mod private_link;
mod route;
mod wan;

use super::document::Spot;
use super::draft::Draft;
use super::left::Bears;
use super::notation;
use super::note::{ImportError, Imported};
use super::report::Counted;
use crate::code::Language;
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::model::{Kind, Meta, Network};
use answer::understood;
use bears::Lack;
use dump::{Dump, Object};

/// What the user decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The region of whatever neither a file name nor a zone gives one for.
    pub region: Option<String>,
    /// The language of the comments in the file.
    pub language: Language,
}

/// Imports a folder: file names with their texts.
pub fn tencent(files: &[(String, String)], options: &Options) -> Result<Imported, ImportError> {
    let dump = Dump::new(files)?;
    let answers = dump.responses.iter();
    let mut answers = answers.filter(|response| understood(&response.action).is_some());
    if answers.clone().all(|response| response.body.is_err())
        && let Some(first) = answers.next()
        && let Err(why) = &first.body
    {
        let file = &first.file;
        let (english, chinese) = (why.english(), why.chinese());
        return Err(ImportError {
            message: words!("{file}: {english}", "{file}：{chinese}"),
            help: Some(Words::new("collect it again", "请重新采集")),
        });
    }
    if answers.next().is_none() {
        return Err(ImportError {
            message: Words::new(
                "no file here is named after an action of the API",
                "没有以 API 接口名命名的文件",
            ),
            help: Some(Words::new(
                "name them `DescribeVpcs.json`, `DescribeSubnets.json`, …",
                "请命名为 `DescribeVpcs.json`、`DescribeSubnets.json`……",
            )),
        });
    }
    let mut import = Import {
        dump: &dump,
        draft: Draft { language: options.language, ..Draft::default() },
        options,
        sets: Vec::new(),
        concerns: Vec::new(),
    };
    import.run();
    let imported = import.draft.finish();
    Ok(Imported { read: Counted::of(dump.things(), &imported.notes), ..imported })
}

/// That nothing of a kind has the id that something names.
fn not_there(kind: Kind, named: &str) -> Words {
    let (english, chinese) = (kind.words(), kind.chinese());
    words!(
        "no {english} in the files has the id `{named}`",
        "文件中没有 ID 为 `{named}` 的{chinese}"
    )
}

/// What helps where something that is named is not there.
fn collect_owner() -> Words {
    Words::new("collect what it belongs to", "请采集它所属的资源")
}

/// What helps where something cannot be read or modelled.
fn by_hand() -> Words {
    Words::new("write it into the file by hand", "请手工写入文件")
}

/// What helps where a machine is not there.
fn collect_instances() -> Words {
    Words::new("collect the instances", "请采集云服务器")
}

/// What is said where nothing helps and nothing has to.
fn nothing_to_do() -> Words {
    Words::new("nothing is to be done", "无需处理")
}

/// That the region of something is not known.
fn no_region() -> Words {
    Words::new("nothing in the files says its region", "文件中没有说明其地域")
}

/// What helps where a file does not say what it belongs to.
fn name_file(name: &str) -> Words {
    words!("name the file `{name}`", "请将文件命名为 `{name}`")
}

/// What helps where an answer is missing.
fn collect(name: &str) -> Words {
    words!("collect `{name}`", "请采集 `{name}`")
}

/// An import while it runs.
struct Import<'d> {
    dump: &'d Dump,
    draft: Draft,
    options: &'d Options,
    /// The sets that the endpoint at hand is in.
    sets: Vec<Id>,
    /// The only destinations that what is at hand bears on; none = all.
    concerns: Vec<ipnet::IpNet>,
}

impl<'d> Import<'d> {
    fn run(&mut self) {
        self.vpcs();
        self.route_tables();
        self.network_acls();
        self.subnets();
        self.templates();
        self.security_groups();
        self.security_group_policies();
        self.instances();
        self.network_interfaces();
        self.havips();
        self.databases();
        self.load_balancers();
        self.private_links();
        self.bind_addresses();
        self.nat_gateways();
        self.edge_firewall();
        self.peerings();
        self.ccns();
        self.vpn_gateways();
        self.direct_connect_gateways();
        self.ccn_members();
        self.ccn_policies();
        self.kept_from_ccn();
        self.untold_overlaps();
        self.routes();
        self.draft.open_forwarders();
        self.classic_links();
        self.out_of_order();
        self.gaps();
        self.not_understood();
    }

    fn network(&mut self) -> &mut Network {
        &mut self.draft.document.fragment.network
    }

    /// The id, name and tags of an entity.
    fn meta(object: &Object<'_>, name: &str) -> Meta {
        let tags = ["TagSet", "Tags"].iter().flat_map(|list| object.list(list));
        let tags = tags.filter_map(|tag| {
            let key = tag.text("Key").or_else(|| tag.text("TagKey"))?;
            let value = tag.text("Value").or_else(|| tag.text("TagValue"))?;
            (!key.trim().is_empty()).then(|| (key.to_owned(), value.to_owned()))
        });
        Meta { account: None, name: object.text(name).map(str::to_owned), tags: tags.collect() }
    }

    /// The same for what is no endpoint.
    fn plain_meta(object: &Object<'_>, name: &str) -> Meta {
        Meta { tags: std::collections::BTreeMap::new(), ..Self::meta(object, name) }
    }

    fn imported(&mut self, id: &str) {
        self.draft.imported(id);
    }

    /// An id that an entity names and that must be of a kind in the network; `None` was said.
    fn must(
        &mut self,
        id: &str,
        attribute: &str,
        named: &str,
        kind: Kind,
        spot: Spot,
    ) -> Option<Id> {
        if self.network().has(kind, notation::id(named).as_str()) {
            return Some(notation::id(named));
        }
        let why = if named.is_empty() {
            Words::new("it is not set", "未设置")
        } else {
            not_there(kind, named)
        };
        let lack = if named.is_empty() { Lack::Meaning } else { Lack::Presence };
        let bears = self.bears(&spot, lack);
        self.leave_out((id, attribute), spot, why, collect_owner(), bears);
        None
    }

    /// Reads a value; what cannot be read is said.
    fn read<T>(
        &mut self,
        id: &str,
        attribute: &str,
        spot: Spot,
        value: Result<T, Words>,
    ) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(why) => {
                self.left_out(id, attribute, spot, why, by_hand());
                None
            }
        }
    }

    /// The region of an object: of its file, of its zone, of the command line.
    fn region(&self, object: &Object<'d>, zone: &str) -> Option<String> {
        object
            .response
            .region
            .clone()
            .or_else(|| notation::region_of_zone(zone).map(str::to_owned))
            .or_else(|| self.options.region.clone())
    }

    /// What an answer bears on that is not understood: everything that it names, however deep. A firewall decides about
    /// what it does not name, beside that.
    fn named_in(&self, action: &str, body: &serde_json::Value) -> Bears {
        let service = FIREWALLS.iter().any(|service| action.starts_with(service));
        let (_, own) = action.rsplit_once('.').unwrap_or(("", action));
        if service || FIREWALL_ACTIONS.contains(&own) {
            return Bears::Everything;
        }
        let mut named = Vec::new();
        ids_in(body, &self.draft.document.fragment.network, &mut named);
        if named.is_empty() { Bears::Nothing } else { Bears::On(named) }
    }

    fn not_understood(&mut self) {
        for response in &self.dump.responses {
            if let (None, Ok(body)) = (understood(&response.action), &response.body) {
                let why = Words::new(
                    "this importer does not know the action that the file is named after",
                    "导入器不认识文件名中的接口",
                );
                let bears = self.named_in(&response.action, body);
                let part = (response.file.as_str(), "");
                let help = Words::new("check its name", "请检查文件名");
                self.leave_out(part, Spot::Head, why, help, bears);
            }
        }
    }
}

/// Services that filter what they do not name: Cloud Firewall, the web application firewall, protection from floods.
const FIREWALLS: [&str; 3] = ["cfw.", "waf.", "antiddos."];

/// What they answer, where a file is not named after its service.
const FIREWALL_ACTIONS: [&str; 8] = [
    "DescribeAcLists",
    "DescribeAclRule",
    "DescribeNatAcRule",
    "DescribeVpcAcRule",
    "DescribeEnterpriseSecurityGroupRule",
    "DescribeEnterpriseSecurityGroupRuleList",
    "DescribeFwEdgeIps",
    "DescribeCfwRules",
];

/// The ids of the network that stand anywhere in a value.
fn ids_in(value: &serde_json::Value, network: &Network, found: &mut Vec<Id>) {
    match value {
        serde_json::Value::String(text) => {
            let id = notation::id(text);
            if network.kind_of(id.as_str()).is_some() && !found.contains(&id) {
                found.push(id);
            }
        }
        serde_json::Value::Array(items) => {
            for item in items {
                ids_in(item, network, found);
            }
        }
        serde_json::Value::Object(members) => {
            for member in members.values() {
                ids_in(member, network, found);
            }
        }
        _ => {}
    }
}
