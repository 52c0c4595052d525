//! `links`: the linked classic CVMs, as the console lists and searches them (CL-20, CL-21).

use std::net::IpAddr;

use serde_json::{Value, json};

use super::csv::csv_line;
use super::scene::Scene;
use super::screen::width;
use super::style::{DOUBT, FAINT, GOOD, Line, STRONG};
use super::wrap::columns;
use crate::code::Language;
use crate::model::{Place, State};

const SCHEMA: &str = "pathproof.links/1";

/// Which links are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkFilter<'a> {
    /// Only those of this VPC.
    pub vpc: Option<&'a str>,
    /// Only those with this address, at linking or now.
    pub address: Option<IpAddr>,
}

/// One classic CVM linked to a VPC.
struct Link<'a> {
    vpc: &'a str,
    instance: &'a str,
    linked: IpAddr,
    /// The CVM's address and state; none if it is gone.
    now: Option<(IpAddr, State)>,
    region: &'a str,
    place: Option<(&'a str, usize)>,
    short: String,
}

impl Link<'_> {
    /// A link whose CVM has another address now carries nothing (CL-18).
    fn is_live(&self) -> bool {
        self.now.is_some_and(|(address, _)| address == self.linked)
    }

    fn state(&self) -> &'static str {
        match self.now {
            Some((_, State::Running)) => "running",
            Some((_, State::Stopped)) => "stopped",
            Some((_, State::Isolated | State::IsolatedStopped)) => "isolated",
            None => "gone",
        }
    }
}

/// The links that are wanted, in the order of the VPCs in the file and of linking.
fn links<'a>(scene: Scene<'a>, filter: LinkFilter<'_>) -> Vec<Link<'a>> {
    let network = scene.network;
    let wanted = |link: &Link<'_>| {
        filter.vpc.is_none_or(|vpc| vpc == link.vpc)
            && filter.address.is_none_or(|address| {
                link.linked == address || link.now.is_some_and(|(now, _)| now == address)
            })
    };
    let all = network.classic_links.iter().flat_map(|(vpc, links)| {
        links.iter().enumerate().map(move |(index, link)| {
            let instance = network.classic_instances.get(&link.instance);
            let place = scene.find(&Place::item(vpc, "classic_links", index));
            Link {
                vpc: vpc.as_str(),
                instance: link.instance.as_str(),
                linked: link.address,
                now: instance.map(|instance| (instance.ip, instance.state)),
                region: instance.map_or("", |instance| &instance.region),
                place: place.map(|place| (place.path, place.line)),
                short: place.map_or(String::new(), |place| scene.short(place)),
            }
        })
    });
    all.filter(wanted).collect()
}

/// The links as JSON.
#[must_use]
pub fn links_json(scene: Scene<'_>, filter: LinkFilter<'_>) -> Value {
    let links = links(scene, filter);
    let links = links.iter().map(|link| {
        json!({
            "vpc": link.vpc,
            "instance": link.instance,
            "linked_address": link.linked.to_string(),
            "address": link.now.map(|(address, _)| address.to_string()),
            "state": if link.is_live() { "live" } else { "stale" },
            "instance_state": link.state(),
            "region": link.region,
            "file": link.place.map(|(path, _)| path),
            "line": link.place.map(|(_, line)| line),
        })
    });
    let links: Vec<Value> = links.collect();
    json!({ "schema": SCHEMA, "links": links })
}

/// The links for spreadsheets.
#[must_use]
pub fn links_csv(scene: Scene<'_>, filter: LinkFilter<'_>) -> String {
    let heads = [
        "vpc",
        "instance",
        "linked_address",
        "address",
        "state",
        "instance_state",
        "region",
        "file",
        "line",
    ];
    let mut text = csv_line(heads);
    for link in links(scene, filter) {
        let now = link.now.map_or(String::new(), |(now, _)| now.to_string());
        let (file, line) = link.place.unwrap_or_default();
        text += &csv_line([
            link.vpc,
            link.instance,
            &link.linked.to_string(),
            &now,
            if link.is_live() { "live" } else { "stale" },
            link.state(),
            link.region,
            file,
            &line.to_string(),
        ]);
    }
    text
}

/// The links as a table, and how many there are.
#[must_use]
pub fn links_text(scene: Scene<'_>, filter: LinkFilter<'_>) -> String {
    let links = links(scene, filter);
    let language = scene.language;
    if links.is_empty() {
        return match language {
            Language::English => "no linked classic CVM\n".to_owned(),
            Language::Chinese => "没有关联的基础网络云服务器\n".to_owned(),
        };
    }
    let mut rows: Vec<[String; 8]> = links.iter().map(|link| row(link, language)).collect();
    let heads = match language {
        Language::English => {
            ["VPC", "classic CVM", "linked as", "is now", "link", "CVM", "region", ""]
        }
        Language::Chinese => {
            ["私有网络", "云服务器", "关联时 IP", "当前 IP", "关联", "状态", "地域", ""]
        }
    };
    let mut heads = heads;
    let mut widths = widest(&heads, &rows);
    let mut paths = links.iter().map(|link| link.place.map(|(path, _)| path));
    let first = paths.next().flatten();
    let one_file = first.is_some() && paths.all(|path| path == first);
    // Where all stand in one file, its name below is enough.
    let brief =
        one_file && scene.shortened().is_some() && widths.iter().sum::<usize>() + 14 > width();
    if brief {
        heads[7] = match language {
            Language::English => "line",
            Language::Chinese => "行",
        };
        for (link, row) in links.iter().zip(&mut rows) {
            row[7] = link.place.map_or(String::new(), |(_, line)| line.to_string());
        }
        widths = widest(&heads, &rows);
    }
    let mut text = line(&heads.map(str::to_owned), &widths, |_| STRONG);
    for (link, row) in links.iter().zip(&rows) {
        let live = if link.is_live() { GOOD } else { DOUBT };
        text += &line(row, &widths, |column| match column {
            4 => live,
            7 => FAINT,
            _ => anstyle::Style::new(),
        });
    }
    text.push('\n');
    text += &tally(&links, language);
    if let Some(path) = scene.shortened() {
        let path = match language {
            Language::English => format!("in {path}"),
            Language::Chinese => format!("文件 {path}"),
        };
        text += &Line::default().styled(FAINT, &path).end();
    }
    text
}

/// How wide each column is.
fn widest(heads: &[&str; 8], rows: &[[String; 8]]) -> [usize; 8] {
    let mut widths = heads.map(columns);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(columns(cell));
        }
    }
    widths
}

fn row(link: &Link<'_>, language: Language) -> [String; 8] {
    let (live, state) = match (link.is_live(), link.state(), language) {
        (true, state, Language::English) => ("live", state),
        (false, state, Language::English) => ("stale", state),
        (live, state, Language::Chinese) => {
            let live = if live { "有效" } else { "已失效" };
            let state = match state {
                "running" => "运行中",
                "stopped" => "已关机",
                "isolated" => "已隔离",
                _ => "已销毁",
            };
            (live, state)
        }
    };
    [
        link.vpc.to_owned(),
        link.instance.to_owned(),
        link.linked.to_string(),
        link.now.map_or("-".to_owned(), |(now, _)| now.to_string()),
        live.to_owned(),
        state.to_owned(),
        link.region.to_owned(),
        link.short.clone(),
    ]
}

fn line(
    cells: &[String; 8],
    widths: &[usize; 8],
    style: impl Fn(usize) -> anstyle::Style,
) -> String {
    let mut line = Line::default();
    let mut column = 0;
    for (index, (cell, width)) in cells.iter().zip(widths).enumerate() {
        line = line.blank_to(column).styled(style(index), cell);
        column += width + 2;
    }
    line.end()
}

fn tally(links: &[Link<'_>], language: Language) -> String {
    let stale = links.iter().filter(|link| !link.is_live()).count();
    let mut vpcs: Vec<&str> = links.iter().map(|link| link.vpc).collect();
    vpcs.dedup();
    let many = |count: usize, word: &str| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {word}{plural}")
    };
    match language {
        Language::English => {
            format!("{} to {}, {stale} stale\n", many(links.len(), "link"), many(vpcs.len(), "VPC"))
        }
        Language::Chinese => {
            format!("共 {} 条关联，{} 个私有网络，其中 {stale} 条已失效\n", links.len(), vpcs.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{address, network, origins, plain, sources};
    use super::*;

    fn with(language: Language, told: impl FnOnce(Scene<'_>) -> String) -> String {
        told(Scene { network: &network(), origins: &*origins(), sources: &sources(), language })
    }

    #[test]
    fn links_are_a_table_and_stale_ones_are_marked() {
        let all = LinkFilter::default();
        let english = with(Language::English, |scene| links_text(scene, all));
        insta::assert_snapshot!(plain(&english), @r"
        VPC       classic CVM  linked as  is now     link   CVM      region
        vpc-shop  ins-tom      10.60.5.7  10.60.5.7  live   running  ap-guangzhou  shop.ron:23
        vpc-shop  ins-ann      10.60.5.8  10.60.5.9  stale  running  ap-guangzhou  shop.ron:23

        2 links to 1 VPC, 1 stale
        ");
        let chinese = with(Language::Chinese, |scene| links_text(scene, all));
        assert!(plain(&chinese).contains("已失效"), "{chinese}");
    }

    #[test]
    fn a_link_is_found_by_its_old_and_by_its_new_address() {
        for ip in ["10.60.5.8", "10.60.5.9"] {
            let filter = LinkFilter { address: Some(address(ip)), ..LinkFilter::default() };
            let json = with(Language::English, |scene| links_json(scene, filter).to_string());
            assert!(json.contains("ins-ann") && json.contains("stale"), "{json}");
            assert!(!json.contains("ins-tom"), "{json}");
        }
    }

    #[test]
    fn of_another_vpc_there_is_none() {
        let filter = LinkFilter { vpc: Some("vpc-none"), ..LinkFilter::default() };
        let text = with(Language::English, |scene| links_text(scene, filter));
        assert_eq!(text, "no linked classic CVM\n");
    }
}
