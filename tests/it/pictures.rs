//! Pictures: nothing overlaps, every format is read by what reads it, and what is drawn is what is configured.

use std::process::{Command, Stdio};
use std::sync::Arc;

use pathproof::code::Language;
use pathproof::diagnostic::Sources;
use pathproof::model::Network;
use pathproof::render::picture::{Layout, Picture, Rect, View, dot, layout, mermaid, picture, svg};
use pathproof::render::scene::Scene;
use pathproof::scenario::{Files, Origins, Scenario, load};
use pathproof::verify::{Budget, Situation, TraceQuestion, TraceReport, base, explain};

use crate::random;
use crate::shipped::{loaded, scenarios};

mod command;
mod folded;
mod grammar;

/// A picture of a situation.
fn drawn(situation: &Situation, asked: Option<&TraceReport>, language: Language) -> Picture {
    viewed(situation, asked, language, &View::Whole)
}

/// The same, folded.
fn viewed(
    situation: &Situation,
    asked: Option<&TraceReport>,
    language: Language,
    view: &View,
) -> Picture {
    let sources = Sources::default();
    let scene = Scene {
        network: &situation.network,
        origins: &*situation.origins,
        sources: asked.map_or(&sources, |report| &report.sources),
        language,
    };
    picture(scene, "a network", asked, view).0
}

/// Every expectation of the base network as a connection to draw.
fn asked(scenario: &Scenario, sources: &Sources) -> Vec<TraceReport> {
    let situation = base(scenario);
    let questions = scenario.base.iter().map(|planned| {
        let expectation = &planned.value;
        TraceQuestion {
            from: (expectation.from.clone(), expectation.from_text.clone()),
            to: (expectation.to.clone(), expectation.to_text.clone()),
            traffic: (expectation.traffic.clone(), expectation.service_text.clone()),
            budget: Budget::default(),
        }
    });
    let reports = questions.filter_map(|asked| explain(&situation, sources.clone(), &asked));
    reports.collect()
}

/// Pictures of everything that is shipped: every network alone, and every expectation drawn through it.
fn each_shipped(mut act: impl FnMut(&str, &Picture)) {
    let mut count = 0;
    for path in scenarios("scenarios") {
        let loaded = loaded(&path);
        let scenario = loaded.scenario.expect("a sound scenario");
        let situation = base(&scenario);
        act(&path, &drawn(&situation, None, Language::Chinese));
        for report in asked(&scenario, &loaded.sources) {
            let name = format!("{path}: {} → {}", report.from, report.to);
            act(&name, &drawn(&situation, Some(&report), Language::English));
            count += 1;
        }
    }
    assert!(count > 300, "{count} connections");
}

fn random_situation(seed: u64) -> Situation {
    Situation::new(Arc::new(random::network(seed)), Arc::new(Origins::default()))
}

/// What must hold of any layout.
fn assert_clean(name: &str, picture: &Picture, layout: &Layout) {
    let (width, height) = layout.size;
    let all = Rect { x: 0, y: 0, width, height };
    for (index, text) in layout.texts.iter().enumerate() {
        assert!(all.holds(text.rect), "{name}: `{}` is cut off", text.text);
        for other in &layout.texts[index + 1..] {
            let apart = !text.rect.overlaps(other.rect);
            assert!(apart, "{name}: `{}` lies on `{}`", text.text, other.text);
        }
    }
    let leaves = (0..picture.blocks.len()).filter(|block| picture.is_leaf(*block));
    let leaves: Vec<usize> = leaves.collect();
    for (index, block) in picture.blocks.iter().enumerate() {
        let rect = layout.blocks[index];
        let around = block.parent.map_or(all, |parent| layout.blocks[parent]);
        assert!(around.holds(rect), "{name}: {:?} leaves its home", block.lines);
        for leaf in &leaves {
            let apart =
                *leaf == index || block.shape.holds() || !rect.overlaps(layout.blocks[*leaf]);
            assert!(apart, "{name}: {:?} lies on another", block.lines);
        }
    }
    let legs = layout.legs.iter().map(|leg| &leg.points);
    for points in layout.wires.iter().chain(legs) {
        assert_clear(name, picture, layout, points);
    }
}

/// A line crosses no leaf and no text.
fn assert_clear(name: &str, picture: &Picture, layout: &Layout, points: &[(i32, i32)]) {
    for pair in points.windows(2) {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
        assert!(x0 == x1 || y0 == y1, "{name}: a line is slanted: {points:?}");
        let line = Rect {
            x: x0.min(x1) + 1,
            y: y0.min(y1) + 1,
            width: ((x1 - x0).abs() - 1).max(1),
            height: ((y1 - y0).abs() - 1).max(1),
        };
        for (block, rect) in layout.blocks.iter().enumerate() {
            let crossed = picture.is_leaf(block) && inner(*rect).overlaps(line);
            assert!(!crossed, "{name}: a line crosses {:?}", picture.blocks[block].lines);
        }
        for text in &layout.texts {
            assert!(!text.rect.overlaps(line), "{name}: a line crosses `{}`", text.text);
        }
    }
}

/// The rectangle without its outline, which lines end at.
fn inner(rect: Rect) -> Rect {
    Rect { x: rect.x + 2, y: rect.y + 2, width: rect.width - 4, height: rect.height - 4 }
}

#[test]
fn nothing_overlaps_in_any_shipped_scenario() {
    each_shipped(|name, picture| {
        assert_clean(name, picture, &layout(picture, Budget::NONE.begin()));
    });
}

#[test]
fn nothing_overlaps_in_random_networks() {
    for seed in 0..40 {
        let picture = drawn(&random_situation(seed), None, Language::English);
        assert_clean(&format!("seed {seed}"), &picture, &layout(&picture, Budget::NONE.begin()));
    }
}

#[test]
fn every_endpoint_and_gateway_of_a_shipped_scenario_is_drawn() {
    for path in scenarios("scenarios") {
        let scenario = loaded(&path).scenario.expect("a sound scenario");
        let situation = base(&scenario);
        let picture = drawn(&situation, None, Language::English);
        let lines = picture.blocks.iter().flat_map(|block| &block.lines);
        let texts: Vec<&str> = lines.map(|line| line.text.as_str()).collect();
        for id in everybody(&situation.network) {
            let named = texts.contains(&id);
            // Of many equal machines the first and the last are named.
            let counted = texts.iter().any(|text| text.contains(" … ") && text.ends_with(')'));
            assert!(named || counted, "{path}: {id} is not drawn");
        }
    }
}

fn everybody(network: &Network) -> Vec<&str> {
    let ids = network.ids().filter(|(_, kind)| {
        use pathproof::model::Kind;
        !matches!(
            kind,
            Kind::Account
                | Kind::RouteTable
                | Kind::NetworkAcl
                | Kind::SecurityGroup
                | Kind::AddressTemplate
                | Kind::AddressTemplateGroup
                | Kind::ServiceTemplate
                | Kind::ServiceTemplateGroup
                | Kind::EdgeFirewall
                | Kind::CcnRouteTable
                | Kind::VpnConnection
                | Kind::DirectConnectTunnel
        )
    });
    ids.map(|(id, _)| id.as_str()).collect()
}

#[test]
fn every_blocker_of_a_connection_is_marked_and_told() {
    let mut marks = 0;
    for path in scenarios("scenarios/classic-link") {
        let loaded = loaded(&path);
        let scenario = loaded.scenario.expect("a sound scenario");
        for report in asked(&scenario, &loaded.sources) {
            let picture = drawn(&base(&scenario), Some(&report), Language::English);
            let journey = picture.journey.as_ref().expect("a journey");
            let words = journey.words.join("\n");
            let lines = picture.blocks.iter().flat_map(|block| &block.lines);
            let drawn = lines.filter(|line| line.text.starts_with('✗'));
            let drawn: Vec<&str> = drawn.map(|line| line.text.as_str()).collect();
            let paths = report.trace.as_ref().map_or(&[][..], |trace| &trace.paths);
            let shown = paths.iter().find(|path| !path.always).or(paths.first());
            let Some(shown) = shown else { continue };
            let back = shown.back.first().into_iter().flatten();
            for (step, hop) in shown.forward.iter().chain(back).zip(1..) {
                let Some(reason) = &step.reason else { continue };
                let mark = format!("✗ {hop} {}", reason.cause.code);
                let marked = drawn.iter().any(|line| line.starts_with(&mark));
                assert!(marked, "{path}: {mark} is not among {drawn:?}");
                assert!(words.contains(&mark), "{path}: {mark} is not in {words}");
                marks += 1;
            }
        }
    }
    assert!(marks > 50, "{marks}");
}

#[test]
fn a_drawing_is_well_formed_and_needs_nothing_from_outside() {
    let mut seen = 0;
    each_shipped(|name, picture| {
        // Placing is slow in a test build; every seventh is a fair sample.
        seen += 1;
        if seen % 7 != 0 {
            return;
        }
        let text = svg(picture, Budget::NONE.begin());
        assert_eq!(text, svg(picture, Budget::NONE.begin()), "{name}: other bytes the second time");
        let document =
            roxmltree::Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for node in document.descendants() {
            let tag = node.tag_name().name();
            assert!(!["script", "image", "use", "foreignObject"].contains(&tag), "{name}");
            for attribute in node.attributes() {
                let is_link =
                    attribute.name().contains("href") || attribute.name().starts_with("on");
                assert!(!is_link && !attribute.value().contains("url("), "{name}");
            }
        }
        assert!(!text.contains("@import") && !text.contains("@font-face"), "{name}");
    });
}

/// A network whose names hold all that is special in XML, DOT and Mermaid.
fn odd_network() -> Network {
    let scenario = load("odd.ron", &One(ODD.to_owned())).scenario;
    scenario.expect("a sound scenario").network
}

const ODD: &str = r#"(network: (
    vpcs: { "vpc-<b>": (region: "ap-guangzhou", cidr: "10.1.0.0/16", name: "a \"quoted\" \\ & <name> ]]> {x} \n line") },
    subnets: { "subnet-#1;": (vpc: "vpc-<b>", cidr: "10.1.1.0/24") },
    security_groups: { "sg": (egress: [Accept()]) },
    instances: {
        "ins-[\"x\"]": (subnet: "subnet-#1;", ip: "10.1.1.10", security_groups: ["sg"]),
        "ins-%%'end": (subnet: "subnet-#1;", ip: "10.1.1.11", security_groups: ["sg"]),
        "end": (subnet: "subnet-#1;", ip: "10.1.1.12", security_groups: ["sg"]),
    },
))"#;

/// A single file.
struct One(String);

impl Files for One {
    fn read(&self, _: &str) -> std::io::Result<Vec<u8>> {
        Ok(self.0.as_bytes().to_vec())
    }
}

fn odd() -> Picture {
    let situation = Situation::new(Arc::new(odd_network()), Arc::new(Origins::default()));
    drawn(&situation, None, Language::English)
}

#[test]
fn special_characters_come_through_as_text() {
    let picture = odd();
    assert_clean("odd", &picture, &layout(&picture, Budget::NONE.begin()));
    let text = svg(&picture, Budget::NONE.begin());
    let document = roxmltree::Document::parse(&text).expect("XML");
    let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    for id in ["vpc-<b>", "ins-[\"x\"]", "ins-%%'end", "subnet-#1;"] {
        assert!(texts.contains(&id), "{id}: {texts:?}");
    }
    grammar::assert_dot(&dot(&picture));
    grammar::assert_mermaid(&mermaid(&picture));
}

#[test]
fn whoever_points_at_something_is_told_what_it_is() {
    let loaded = crate::shipped::loaded("scenarios/estate/today.ron");
    let network = loaded.scenario.expect("a scenario").network;
    let situation = Situation::new(Arc::new(network), Arc::new(Origins::default()));
    let picture = drawn(&situation, None, Language::English);
    let text = svg(&picture, Budget::NONE.begin());
    let document = roxmltree::Document::parse(&text).expect("XML");
    let title = |node: roxmltree::Node<'_, '_>| {
        let mut children = node.children().filter(|it| it.has_tag_name("title"));
        children.next().and_then(|it| it.text().map(str::to_owned))
    };
    let nodes = || document.descendants();
    let blocks = nodes().filter(|it| it.has_tag_name("rect"));
    let told: Vec<String> = blocks.filter_map(title).collect();
    assert_eq!(told.len(), picture.blocks.len());
    for block in &picture.blocks {
        let lines: Vec<&str> = block.lines.iter().map(|line| line.text.as_str()).collect();
        assert!(told.contains(&lines.join(" · ")), "{lines:?}: {told:?}");
    }
    let wires = nodes().filter(|it| it.has_tag_name("path")).filter_map(title);
    let wires: Vec<String> = wires.collect();
    assert_eq!(wires.len(), picture.wires.len());
    assert!(wires.iter().any(|it| it == "lb-shop → ins-web-1"), "{wires:?}");
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that skips has to say so")]
fn graphviz_reads_what_is_written_for_it() {
    let installed = Command::new("dot").arg("-V").output().is_ok();
    if !installed {
        // The grammar below is checked all the same.
        eprintln!("skipped: Graphviz is not installed");
    }
    let mut graphs = vec![dot(&odd())];
    for path in scenarios("scenarios/gateways") {
        let loaded = loaded(&path);
        let scenario = loaded.scenario.expect("a sound scenario");
        let reports = asked(&scenario, &loaded.sources);
        let picture = drawn(&base(&scenario), reports.first(), Language::Chinese);
        graphs.push(dot(&picture));
    }
    for graph in graphs {
        grammar::assert_dot(&graph);
        if installed {
            assert_graphviz(&graph);
        }
    }
}

fn assert_graphviz(graph: &str) {
    use std::io::Write;
    let mut dot = Command::new("dot")
        .arg("-Tplain")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dot starts");
    let mut input = dot.stdin.take().expect("its input");
    input.write_all(graph.as_bytes()).expect("dot reads");
    drop(input);
    let output = dot.wait_with_output().expect("dot ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    let syntax = errors.contains("syntax") || errors.contains("rror");
    assert!(output.status.success() && !syntax, "{errors}\n{graph}");
}

#[test]
fn mermaid_has_the_lines_of_its_grammar() {
    each_shipped(|name, picture| {
        let text = mermaid(picture);
        assert_eq!(text, mermaid(picture), "{name}: other text the second time");
        grammar::assert_mermaid(&text);
    });
}

#[test]
fn two_hundred_endpoints_are_few_boxes() {
    let picture = drawn(&estate(10, 20), None, Language::English);
    let machines = picture.blocks.iter().filter(|block| {
        let mut lines = block.lines.iter();
        lines.any(|line| line.text.starts_with("ins-"))
    });
    assert_eq!(machines.count(), 10);
    let layout = layout(&picture, Budget::NONE.begin());
    assert_clean("an estate", &picture, &layout);
    assert!(layout.size.0 < 4000 && layout.size.1 < 4000, "{:?}", layout.size);
}

/// So many subnets of so many equal machines.
fn estate(subnets: usize, machines: usize) -> Situation {
    let homes = (0..subnets).map(|subnet| {
        format!("\"subnet-{subnet}\": (vpc: \"vpc-a\", cidr: \"10.1.{subnet}.0/24\"),")
    });
    let all = (0..subnets).flat_map(|subnet| (0..machines).map(move |machine| (subnet, machine)));
    let all = all.map(|(subnet, machine)| {
        let ip = format!("10.1.{subnet}.{}", machine + 10);
        format!(
            "\"ins-{subnet}-{machine}\": (subnet: \"subnet-{subnet}\", ip: \"{ip}\", \
             security_groups: [\"sg\"]),"
        )
    });
    let text = format!(
        "(network: (vpcs: {{ \"vpc-a\": (region: \"ap-guangzhou\", cidr: \"10.1.0.0/16\") }}, \
         security_groups: {{ \"sg\": (egress: [Accept()]) }}, \
         subnets: {{ {} }}, instances: {{ {} }}))",
        homes.collect::<String>(),
        all.collect::<String>()
    );
    let loaded = load("estate.ron", &One(text));
    base(&loaded.scenario.expect("a sound scenario"))
}

#[test]
fn lines_of_two_balancers_can_be_told_apart() {
    let drawn = crate::cli::run(&["graph", "scenarios/estate/today.ron"]);
    let lines = |class: &str| drawn.out.matches(&format!("<path class=\"line {class}\"")).count();
    assert!(lines("target") > 1, "{}", drawn.out);
    assert!(lines("target second") > 1, "{}", drawn.out);
}
