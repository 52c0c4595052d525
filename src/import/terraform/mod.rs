//! `terraform show -json` of a plan or a state, as the cloud's provider writes it.
//!
//! A plan is imported as what will be: `planned_values`. Where it does not know an id yet, its configuration says what
//! is referred to; an address that does not exist yet is made up and said to be. Nothing else is made up.
//!
//! | file | what |
//! |---|---|
//! | `raw`, `pulumi`, `data`, `join` | stored states, exported stacks of Pulumi, what data sources have read, several documents as one |
//! | `input`, `reference` | the document, addresses and references |
//! | `config` | the `.tf` files, for what a plan tells only the references of |
//! | `scope`, `resolve`, `many`, `choose`, `block`, `lack` | from an expression to the resource that it means, or why to none |
//! | `place` | private, classic and public addresses, known and stand-in |
//! | `ground`, `acl`, `filter`, `rule`, `machine`, `binding`, `service`, `gateway`, `wan`, `ssl`, `ccn`, `accept`, `publish`, `route` | resource types, one topic a file |
//! | `options` | resources that only set an option of a route, a tunnel or a CCN |
//! | `change` | a plan as the network before and after it, and which resource touches what |
//! | `default` | what the cloud takes where nothing is said |
//! | `ipv6` | CIDRs and addresses of IPv6, further addresses of interfaces |
//! | `private_link` | endpoint services and their endpoints |
//! | `tke` | the machines and pods of clusters |
//! | `attach`, `order` | groups that a resource of their own binds to a machine or a database |
//! | `bears` | what is left out, and what it bears on |
//! | `unread`, `family`, `name` | what is not read: what it names, and whose names do not matter |
//! | `doubt` | what may hang on an address that was made up |

mod accept;
mod acl;
mod attach;
mod bears;
mod binding;
mod block;
mod ccn;
mod change;
mod choose;
mod config;
mod data;
mod default;
mod doubt;
mod family;
mod filter;
mod gateway;
mod ground;
mod input;
mod ipv6;
mod join;
mod lack;
mod machine;
mod many;
mod name;
mod options;
mod order;
mod place;
mod private_link;
mod publish;
mod pulumi;
mod raw;
mod redirection;
mod reference;
mod resolve;
mod route;
mod rule;
mod scope;
mod service;
mod ssl;
mod target_group;
mod tke;
mod unread;
mod wan;

use crate::diagnostic::{Words, words};
use rustc_hash::FxHashMap;

use super::document::Spot;
use super::draft::{Draft, Say};
use super::left::Bears;
use super::note::{ImportError, Imported, Note, Outcome};
use super::report::Counted;
use crate::code::Language;
use crate::id::Id;
use crate::import::notation;
use crate::model::{Kind, Meta, Network};
pub use change::{Action, BeforeAndAfter, Part, ResourceChange, before_and_after};
use input::{Input, Side, get};
pub use join::Strange;
use place::Places;
use resolve::{Lack, Resolved, Unresolved};

/// What the user decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The region of whatever the input gives none for.
    pub region: Option<String>,
    /// The language of the comments in the file.
    pub language: Language,
    /// The files of the configuration that a plan was made of, by their path from its folder.
    pub config: Vec<(String, String)>,
}

/// Imports a plan or a state, or several that stand one after another.
pub fn terraform(json: &str, options: &Options) -> Result<Imported, ImportError> {
    let mut joined = join::one(json)?;
    let unevaluated = config::evaluate(&mut joined.document, &options.config);
    let mut imported = imported(&joined, options);
    imported.notes.extend(told(unevaluated));
    Ok(imported)
}

/// What the configuration does not give for certain; that verdicts hang on it is said where it stands.
fn told(unevaluated: Vec<config::Unevaluated>) -> impl Iterator<Item = Note> {
    unevaluated.into_iter().map(|it| Note {
        outcome: Outcome::Doubtful,
        resource: it.address,
        attribute: it.attribute,
        why: it.why,
        help: None,
    })
}

/// Imports plans and states of several texts, each with its name, as one network.
pub fn terraform_all(
    texts: &[(String, String)],
    strange: Strange,
    options: &Options,
) -> Result<Imported, ImportError> {
    Ok(imported(&join::join(texts, strange)?, options))
}

fn imported(joined: &join::Joined, options: &Options) -> Imported {
    let document = &joined.document;
    let mut import = Import::new(document, Side::Final, options);
    import.whole_plan(document);
    import.run();
    for (address, id) in &joined.differing {
        let why = words!(
            "another document tells {id} differently, and that one is taken",
            "另一份文档中的 {id} 与此不同，以那一份为准"
        );
        let id = notation::id(id);
        let bears = Bears::On(vec![id.clone()]);
        let say = Say::of(address.as_str(), why);
        import.draft.leave_open(Spot::Entity(id), say, bears);
    }
    for name in &joined.passed_over {
        let why = Words::new("it is neither a plan nor a state", "它既不是计划也不是状态");
        import.draft.note(Outcome::Assumed, Say::of(name.as_str(), why));
    }
    let resources = import.input.resources.iter();
    let things: Vec<_> = resources.map(|it| (it.kind, it.address)).collect();
    let imported = import.draft.finish();
    Imported { read: Counted::of(things, &imported.notes), ..imported }
}

/// An import while it runs.
struct Import<'j> {
    input: Input<'j>,
    draft: Draft,
    options: &'j Options,
    /// What each resource is in the network; missing if it is not there.
    placed: FxHashMap<usize, Kind>,
    /// Which resource has an id.
    by_id: FxHashMap<Id, usize>,
    /// The entities that a resource is a part of.
    parts: FxHashMap<usize, Vec<Id>>,
    /// The only destinations that the resource at hand bears on; none = all.
    concerns: Vec<ipnet::IpNet>,
    places: Places,
    /// Where endpoints lie that name neither a VPC nor a subnet.
    defaults: FxHashMap<usize, default::DefaultPlace>,
    /// Whether the account is known to have a classic network.
    has_classic: bool,
    /// Endpoints of whose groups the order is not told, with the resource that says so.
    unordered: Vec<(usize, Id)>,
    /// Groups of machines of which the input tells no addresses.
    grown: Vec<tke::Grown>,
    /// Resources of types that are not read as a whole, of which everything is in the file.
    whole: rustc_hash::FxHashSet<usize>,
    /// The route that a resource is: its table and its place there.
    entries: FxHashMap<usize, (Id, usize)>,
}

/// Where something is said: in the place of what is missing, and at what is there.
#[derive(Clone, Debug)]
struct Spots {
    missing: Spot,
    there: Spot,
}

impl Spots {
    /// Of an entity of the network.
    fn entity(kind: Kind, id: &Id) -> Self {
        Self { missing: Spot::Section(kind), there: Spot::Entity(id.clone()) }
    }

    /// Of a part of another entity.
    fn part(spot: Spot) -> Self {
        Self { missing: spot.clone(), there: spot }
    }
}

impl<'j> Import<'j> {
    fn new(document: &'j serde_json::Value, side: Side, options: &'j Options) -> Self {
        Self {
            input: Input::new(document, side),
            draft: Draft { language: options.language, ..Draft::default() },
            options,
            placed: FxHashMap::default(),
            by_id: FxHashMap::default(),
            parts: FxHashMap::default(),
            concerns: Vec::new(),
            places: Places::default(),
            defaults: FxHashMap::default(),
            has_classic: false,
            unordered: Vec::new(),
            grown: Vec::new(),
            whole: rustc_hash::FxHashSet::default(),
            entries: FxHashMap::default(),
        }
    }

    /// Says so if Terraform itself calls the plan unfinished. Of a plan for a part of the resources, the others stay as they
    /// are; of one that failed or puts something off, nobody knows what is missing.
    fn whole_plan(&mut self, document: &serde_json::Value) {
        let is = |name: &str, value: bool| get(document, name).as_bool() == Some(value);
        let puts_off = !input::list(get(document, "deferred_changes")).is_empty();
        let (why, bears) = if is("errored", true) {
            let why = Words::new(
                "Terraform could not finish it, so it may lack resources",
                "Terraform 未能完成该计划，可能缺少资源",
            );
            (why, Bears::Everything)
        } else if puts_off {
            let why = Words::new(
                "Terraform puts a part of it off: after it is applied, more is to be planned",
                "Terraform 推迟了其中一部分：应用之后还需继续计划",
            );
            (why, Bears::Everything)
        } else if self.input.is_plan && is("complete", false) {
            let why = Words::new(
                "it is for a part of the resources: the others are taken as they are before it",
                "该计划只针对部分资源：其余资源按计划之前的状态",
            );
            (why, Bears::Nothing)
        } else {
            return;
        };
        let name = Words::new("the plan", "计划");
        let help = Words::new("make the plan anew, for everything", "请重新生成完整的计划");
        let say = Say::of(name.text(self.draft.language), why).help(help);
        self.draft.leave_open(Spot::Head, say, bears);
    }

    /// Everything, each kind after what it refers to.
    fn run(&mut self) {
        self.draft.document.name = None;
        self.vpcs();
        self.route_tables();
        self.network_acls();
        self.quintuples();
        self.subnets();
        self.ipv6_cidrs();
        self.templates();
        self.security_groups();
        self.default_places();
        self.find_places();
        self.instances();
        self.network_interfaces();
        self.more_addresses();
        self.havips();
        self.databases();
        self.load_balancers();
        self.private_links();
        self.attached_groups();
        self.bind_eips();
        self.bind_havips();
        self.pools();
        self.nat_gateways();
        self.peerings();
        self.vpn_gateways();
        self.ssl_servers();
        self.direct_connect_gateways();
        self.ccns();
        self.ccn_options();
        self.ccn_route_tables();
        self.ccn_route_states();
        self.routes();
        self.route_options();
        self.draft.open_forwarders();
        self.ssl_routes();
        self.security_group_rules();
        self.orders();
        self.classic_links();
        self.not_understood();
        self.split_subnets();
    }

    fn network(&mut self) -> &mut Network {
        &mut self.draft.document.fragment.network
    }

    fn of_kind(&self, kind: &str) -> Vec<usize> {
        self.input.of_kind(kind).collect()
    }

    fn of_kinds(&self, kinds: &[&str]) -> Vec<usize> {
        let all = self.input.resources.iter().enumerate();
        all.filter(|(_, resource)| kinds.contains(&resource.kind)).map(|(index, _)| index).collect()
    }

    fn address(&self, resource: usize) -> &'j str {
        self.input.resources[resource].address
    }

    /// The id in the cloud, or the address of what does not exist yet.
    fn id(&self, resource: usize) -> Id {
        match self.input.text(resource, "id") {
            Some(id) => notation::id(&id),
            None => notation::id(self.address(resource)),
        }
    }

    /// What an entity carries beside its fields. Beside an id of the cloud, the address is its name.
    fn meta(&self, resource: usize, names: &[&str]) -> Meta {
        let name = match self.input.text(resource, "id") {
            Some(_) => Some(self.address(resource).to_owned()),
            None => names.iter().find_map(|name| self.input.text(resource, name)),
        };
        let tags = self.input.known(resource, "tags").as_object();
        let tags = tags.into_iter().flatten().filter_map(|(key, value)| {
            let value = value.as_str()?;
            (!key.trim().is_empty()).then(|| (key.clone(), value.to_owned()))
        });
        Meta { account: None, name, tags: tags.collect() }
    }

    /// The same for what is no endpoint.
    fn plain_meta(&self, resource: usize) -> Meta {
        Meta { tags: std::collections::BTreeMap::new(), ..self.meta(resource, &["name"]) }
    }

    /// Says that a resource is in the file. An id means one thing: of two resources that have it, one is there.
    fn place(&mut self, resource: usize, kind: Kind) {
        self.placed.insert(resource, kind);
        let id = self.id(resource);
        if let Some(first) = self.by_id.insert(id.clone(), resource) {
            let first = self.address(first);
            let why = words!("{first} has the id {id}, too", "{first} 的 ID 也是 {id}");
            let help = Words::new("keep one of them", "请只保留其一");
            let say = Say::of(self.address(resource), why).help(help);
            let bears = Bears::On(vec![id.clone()]);
            self.draft.leave_open(Spot::Entity(id), say, bears);
        }
        self.imported(resource);
    }

    fn imported(&mut self, resource: usize) {
        self.draft.imported(self.address(resource));
    }

    /// Says that a resource is in the file as a part of an entity.
    fn joins(&mut self, resource: usize, owner: &Id) {
        self.belongs(resource, owner);
        self.imported(resource);
    }

    fn belongs(&mut self, resource: usize, owner: &Id) {
        let owners = self.parts.entry(resource).or_default();
        if !owners.contains(owner) {
            owners.push(owner.clone());
        }
    }

    fn doubt(&mut self, resource: usize, spot: &Spot, why: Words) {
        let say = Say::of(self.address(resource), why);
        self.draft.say(Outcome::Doubtful, spot.clone(), say);
    }

    fn assumed(&mut self, resource: usize, attribute: &str, spot: &Spot, because: Option<Words>) {
        if let Some(because) = because {
            let say = Say::of(self.address(resource), because);
            let say = if attribute.is_empty() { say } else { say.at(attribute) };
            self.draft.say(Outcome::Assumed, spot.clone(), say);
        }
    }

    /// A resource that an attribute means and that is in the network; `Err` was said, `Ok(None)` = not set.
    fn may(
        &mut self,
        resource: usize,
        attribute: &str,
        kinds: &[&str],
        spots: &Spots,
    ) -> Result<Option<usize>, ()> {
        let resolved = self.input.one(resource, attribute, kinds);
        self.settle(resource, attribute, resolved, spots)
    }

    /// Says what is to be said about a resolved attribute.
    fn settle(
        &mut self,
        resource: usize,
        attribute: &str,
        resolved: resolve::One,
        spots: &Spots,
    ) -> Result<Option<usize>, ()> {
        match resolved {
            Ok(None) => Ok(None),
            Ok(Some(Resolved { value, because })) => {
                if self.placed.contains_key(&value) {
                    self.assumed(resource, attribute, &spots.there, because);
                    return Ok(Some(value));
                }
                let why = Self::hangs_on(self.address(value));
                self.left_out(resource, attribute, &spots.missing, why);
                Err(())
            }
            Err(why) => {
                self.left_out(resource, attribute, &spots.missing, why);
                Err(())
            }
        }
    }

    /// The same for an attribute that must be set.
    fn must(
        &mut self,
        resource: usize,
        attribute: &str,
        kinds: &[&str],
        spots: &Spots,
    ) -> Option<usize> {
        match self.may(resource, attribute, kinds, spots) {
            Ok(Some(index)) => Some(index),
            Ok(None) => {
                let why = Unresolved {
                    lack: Lack::Meaning,
                    why: Words::new("it is not set", "未设置"),
                    help: Words::new("set it", "请设置"),
                };
                self.left_out(resource, attribute, &spots.missing, why);
                None
            }
            Err(()) => None,
        }
    }

    fn hangs_on(address: &str) -> Unresolved {
        Unresolved {
            lack: Lack::Presence,
            why: words!("{address} is left out", "{address} 未导入"),
            help: Words::new("see there", "见该处"),
        }
    }

    /// What cannot be read.
    fn unreadable(why: Words) -> Unresolved {
        Unresolved {
            lack: Lack::Meaning,
            why,
            help: Words::new("write it into the file by hand", "请手工写入文件"),
        }
    }
}
