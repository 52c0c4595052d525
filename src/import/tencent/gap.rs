//! What the files themselves lack: pages, answers that are errors, answers that nobody asked for.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde_json::Value;

use super::answer::{Action, Lacks, understood};
use super::dump::Response;
use super::{Import, collect};
use crate::diagnostic::{Words, words};
use crate::id::Id;
use crate::import::document::Spot;
use crate::import::draft::Say;
use crate::import::left::Bears;
use crate::import::note::Outcome;
use crate::model::{INTERNET, Kind, LoadBalancerNetwork};

/// What the pages of one list have in common: folder, region and owner, and how many the cloud says there are, which
/// tells the lists of two regions apart whose names do not.
type List<'d> = (&'d str, Option<&'d str>, Option<&'d str>, Option<usize>);

/// A list over all its pages.
#[derive(Default)]
struct Pages<'d> {
    /// The things in it, each once.
    things: FxHashSet<&'d String>,
    /// How many there are in the cloud.
    total: usize,
    /// One of its files.
    file: Option<&'d Response>,
}

impl<'d> Import<'d> {
    /// Names everything that is missing from the files.
    pub(super) fn gaps(&mut self) {
        for response in &self.dump.responses {
            if let Err(why) = &response.body {
                self.no_answer(response, why.clone());
            }
            self.strays(response);
        }
        for action in &super::answer::ACTIONS {
            for pages in self.lists(action) {
                let (found, total) = (pages.things.len(), pages.total);
                if let Some(file) = pages.file.filter(|_| found < total) {
                    self.too_few(action, file, (found, total));
                }
            }
        }
        self.lost_files();
        self.without_answers();
    }

    /// Names what was listed without an id, and what was told twice and not alike.
    fn strays(&mut self, response: &'d Response) {
        let Some(action) = understood(&response.action) else {
            return;
        };
        for stray in &response.strays {
            if let Some(id) = &stray.namesake {
                let place = &stray.place;
                let why = words!(
                    "{place} tells it differently: what was told first is in the file",
                    "{place} 的说明与此不同：文件中以先列出的为准"
                );
                let say = Say::of(id.as_str(), why).help(collect(action.name));
                let spot = Spot::Entity(id.clone());
                let bears = Bears::On(vec![id.clone()]);
                self.draft.leave_open(spot, say, bears);
                continue;
            }
            let name = action.id;
            let why = words!("it has no {name}, so nothing can name it", "它没有 {name}，无从指称");
            let bears = match self.lacking(action, response) {
                Bears::Nothing => self.named_in(action.name, &stray.value),
                bears => bears,
            };
            let help = Words::new("collect it again", "请重新采集");
            let part = (stray.place.as_str(), "");
            self.leave_out(part, Spot::Head, why, help, bears);
        }
    }

    fn no_answer(&mut self, response: &'d Response, why: Words) {
        let Some(action) = understood(&response.action) else {
            let help = Words::new("collect it again", "请重新采集");
            let part = (response.file.as_str(), "");
            self.leave_out(part, Spot::Head, why, help, Bears::Nothing);
            return;
        };
        // a service that a region does not have has nothing there
        if why.english().contains("error: UnsupportedRegion") {
            let say = Say::of(response.file.as_str(), why);
            self.draft.note(Outcome::Assumed, say);
            return;
        }
        // the same may have been asked twice
        let mut others = self.dump.answers(&response.action);
        let place = (response.region.as_deref(), response.owner.as_deref());
        let is_same = |other: &Response| {
            (other.region.as_deref(), other.owner.as_deref()) == place && response.owner.is_some()
        };
        if others.any(|other| is_same(other.response)) {
            return;
        }
        let bears = self.lacking(action, response);
        let help = Words::new("collect it again", "请重新采集");
        let part = (response.file.as_str(), "");
        self.leave_out(part, Spot::Head, why, help, bears);
    }

    /// The lists that the files hold of an action, as far as the cloud says how long they are.
    fn lists(&self, action: &'static Action) -> Vec<Pages<'d>> {
        let mut lists: BTreeMap<List<'d>, Pages<'d>> = BTreeMap::new();
        for answer in self.dump.answers(action.name) {
            let Some(total) = answer.number("TotalCount") else {
                continue;
            };
            let total = usize::try_from(total).unwrap_or(0);
            let response = answer.response;
            let folder = response.file.rsplit_once('/').map_or("", |(folder, _)| folder);
            let (region, owner) = (response.region.as_deref(), response.owner.as_deref());
            let is_told = region.is_some() || owner.is_some();
            let key = (folder, region, owner, (!is_told).then_some(total));
            let pages = lists.entry(key).or_default();
            pages.total = pages.total.max(total);
            pages.file = pages.file.or(Some(response));
            // a page that moved while it was read tells a thing twice
            pages.things.extend(&response.listed);
        }
        lists.into_values().collect()
    }

    fn too_few(&mut self, action: &Action, file: &'d Response, (found, total): (usize, usize)) {
        let stem = file.file.strip_suffix(".json").unwrap_or(&file.file);
        let (name, page) = stem.rsplit_once('.').unwrap_or((stem, ""));
        let is_page = !page.is_empty() && page.bytes().all(|digit| digit.is_ascii_digit());
        let name = if is_page { name } else { stem };
        let action_name = action.name;
        let why = words!(
            "{action_name} holds {found} of {total}: pages are missing",
            "{action_name} 只含 {total} 项中的 {found} 项：缺少分页"
        );
        let help = Words::new(
            "collect every page, as `tools/collect.sh` does",
            "请采集全部分页，例如用 `tools/collect.sh`",
        );
        let bears = self.lacking(action, file);
        self.leave_out((name, "TotalCount"), Spot::Head, why, help, bears);
    }

    /// What may be other than the file says while a part of an answer is missing.
    fn lacking(&self, action: &Action, response: &Response) -> Bears {
        let network = &self.draft.document.fragment.network;
        let is_here = |vpc: &Id| {
            let of = network.vpcs.get(vpc).map(|vpc| vpc.region.as_str());
            response.region.is_none() || of == response.region.as_deref()
        };
        let vpcs: Vec<Id> = network.vpcs.keys().filter(|vpc| is_here(vpc)).cloned().collect();
        let bears = match action.lacks {
            Lacks::Named | Lacks::Nothing => Bears::Nothing,
            Lacks::Routing => Bears::Routing(vpcs),
            Lacks::Internet => Bears::On(vec![Id::from(INTERNET)]),
            // machines tell their own addresses; who else has one does not
            Lacks::Endpoints if action.name == "DescribeAddresses" => {
                Bears::On(self.may_have_eip())
            }
            Lacks::Endpoints => {
                let subnets = network.subnets.iter();
                let subnets = subnets.filter(|(_, subnet)| vpcs.contains(&subnet.vpc));
                let subnets: Vec<Id> = subnets.map(|(id, _)| id.clone()).collect();
                let groups = network.security_groups.keys().cloned();
                Bears::Missing(vpcs.iter().cloned().chain(subnets).chain(groups).collect())
            }
            Lacks::Of(kind) => {
                let all = network.ids().filter(|(_, own)| *own == kind);
                let all = all.map(|(id, _)| id.clone());
                let owner = response.owner.as_ref();
                Bears::On(owner.map_or_else(|| all.collect(), |it| self.owner_of(kind, it)))
            }
        };
        match &bears {
            // nothing of the kind is in the files
            Bears::On(ids) | Bears::Routing(ids) | Bears::Missing(ids) if ids.is_empty() => {
                Bears::Nothing
            }
            _ => bears,
        }
    }

    /// The entity that a file is named after; a table of a CCN is a part of that.
    fn owner_of(&self, kind: Kind, owner: &str) -> Vec<Id> {
        let network = &self.draft.document.fragment.network;
        if kind == Kind::CcnRouteTable {
            let ccns = network.ccns.iter();
            let mut ccns = ccns.filter(|(_, ccn)| ccn.route_tables.contains_key(owner));
            return ccns.next().map(|(id, _)| id.clone()).into_iter().collect();
        }
        let id = crate::import::notation::id(owner);
        network.kind_of(id.as_str()).map(|_| id).into_iter().collect()
    }

    fn may_have_eip(&self) -> Vec<Id> {
        let network = &self.draft.document.fragment.network;
        let balancers = network.load_balancers.iter().filter(|(_, balancer)| {
            matches!(balancer.network, LoadBalancerNetwork::Internal { .. })
        });
        let interfaces = network.network_interfaces.keys();
        let all = interfaces.chain(network.havips.keys());
        all.chain(balancers.map(|(id, _)| id)).cloned().collect()
    }

    /// What the collector says that it has asked for, and is not there.
    fn lost_files(&mut self) {
        for (file, manifest) in &self.dump.manifests {
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
            if manifest.get("finished").and_then(Value::as_bool) == Some(false) {
                let why = Words::new(
                    "collecting was interrupted: not everything was asked for",
                    "采集被中断：有内容尚未查询",
                );
                let help = Words::new("run the collector again", "请重新运行采集脚本");
                self.leave_out((file, "finished"), Spot::Head, why, help, Bears::Everything);
            }
            let answers = manifest.get("answers").and_then(Value::as_array);
            for answer in answers.into_iter().flatten() {
                let name = answer.get("file").and_then(Value::as_str).unwrap_or_default();
                let path =
                    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
                if self.dump.responses.iter().any(|it| it.file == path) {
                    continue;
                }
                let why = words!("{name} is not there any more", "{name} 已不存在");
                let lost = Response::lost(&path);
                let bears = match understood(&lost.action) {
                    Some(action) => self.lacking(action, &lost),
                    None => Bears::Nothing,
                };
                self.leave_out((file, name), Spot::Head, why, collect(name), bears);
            }
        }
    }

    /// Entities of which a part is told only by an answer of its own, and it is not there.
    fn without_answers(&mut self) {
        let network = &self.draft.document.fragment.network;
        let own = network.load_balancers.keys();
        let balancers: Vec<Id> =
            own.chain(network.classic_load_balancers.keys()).cloned().collect();
        for id in balancers {
            // of the old kind it was said
            if !self.is_old(id.as_str()) {
                self.must_be_told(&id, "DescribeTargets", "listeners");
            }
        }
        let network = &self.draft.document.fragment.network;
        let by_route = network.vpn_gateways.iter().filter(|(_, gateway)| {
            let mut connections = gateway.connections.iter();
            connections.any(|connection| connection.policies.is_empty())
        });
        let by_route: Vec<Id> = by_route.map(|(id, _)| id.clone()).collect();
        for id in by_route {
            self.must_be_told(&id, "DescribeVpnGatewayRoutes", "routes");
        }
        let ccns: Vec<Id> = self.network().ccns.keys().cloned().collect();
        for id in ccns {
            self.members_told(&id);
            if self.answer_of("DescribeCcnRoutes", id.as_str()) {
                continue;
            }
            let why = Words::new(
                "the states of its routes are not in the files: they are computed",
                "文件中没有其路由状态：此处为计算结果",
            );
            let say =
                Say::of(id.as_str(), why).help(collect(&format!("DescribeCcnRoutes.{id}.json")));
            self.draft.say(Outcome::Assumed, Spot::Entity(id), say);
        }
    }

    fn is_old(&self, balancer: &str) -> bool {
        let balancers = self.dump.all("DescribeLoadBalancers", "LoadBalancerSet");
        let mut own = balancers.iter().filter(|it| it.text("LoadBalancerId") == Some(balancer));
        own.any(|it| it.number("Forward") == Some(0))
    }

    /// Whether an answer about an entity is there: its file is named after it, or it names the entity itself.
    pub(super) fn answer_of(&self, action: &str, id: &str) -> bool {
        self.dump.responses.iter().any(|response| {
            response.action == action
                && (response.owner.as_deref() == Some(id)
                    || response.owner.is_none() && response.body.is_ok())
        })
    }

    fn must_be_told(&mut self, id: &Id, action: &str, what: &str) {
        if self.answer_of(action, id.as_str()) {
            return;
        }
        let why = words!("its {what} are not in the files", "文件中没有其 {what}");
        let help = collect(&format!("{action}.{id}.json"));
        let bears = Bears::On(vec![id.clone()]);
        self.leave_out((id.as_str(), what), Spot::Entity(id.clone()), why, help, bears);
    }

    /// Whether as many have joined a CCN as the cloud counts.
    fn members_told(&mut self, ccn: &Id) {
        let ccns = self.dump.all("DescribeCcns", "CcnSet");
        let mut own = ccns.iter().filter(|it| it.text("CcnId") == Some(ccn.as_str()));
        let count = own.find_map(|it| it.number("InstanceCount")).unwrap_or(0);
        let members = self.dump.all("DescribeCcnAttachedInstances", "InstanceSet");
        let own = members
            .iter()
            .filter(|it| it.text("CcnId").or(it.response.owner.as_deref()) == Some(ccn.as_str()));
        let mut ids: Vec<&str> = own.map(|it| it.words("InstanceId")).collect();
        ids.sort_unstable();
        ids.dedup();
        let found = ids.len();
        if i64::try_from(found).is_ok_and(|found| found >= count) {
            return;
        }
        let why = words!(
            "{found} of its {count} members are in the files",
            "文件中只有其 {count} 个成员中的 {found} 个"
        );
        let help = collect("DescribeCcnAttachedInstances.json");
        let vpcs = self.network().vpcs.keys().cloned().collect();
        let part = (ccn.as_str(), "InstanceCount");
        let spot = Spot::Entity(ccn.clone());
        self.leave_out(part, spot, why, help, Bears::Routing(vpcs));
    }
}
