//! `pathproof graph` as people and scripts call it.

const LINK: &str = "scenarios/classic-link/primary-cidr-only.ron";

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    crate::page::run(arguments, "")
}

#[test]
fn a_drawing_goes_to_standard_output_unless_a_file_is_named() {
    let (code, svg, errors) = run(&["graph", LINK]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let document = roxmltree::Document::parse(&svg).expect("XML");
    assert_eq!(document.root_element().tag_name().name(), "svg");

    let folder = std::env::temp_dir().join(format!("pathproof-graph-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("link.svg");
    let path = file.to_str().expect("a path");
    let (code, out, errors) = run(&["graph", LINK, "-o", path]);
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert_eq!(errors, format!("wrote {path}\n"));
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), svg);
    let (_, _, errors) = run(&["graph", LINK, "-o", path, "-q"]);
    assert_eq!(errors, "");
    std::fs::remove_dir_all(&folder).expect("to tidy up");
}

#[test]
fn each_format_is_its_own() {
    for (format, begins) in [("svg", "<?xml"), ("dot", "digraph"), ("mermaid", "%%{init")] {
        let (code, out, errors) = run(&["graph", LINK, "--format", format]);
        assert_eq!(code, Some(0), "{errors}");
        assert!(out.starts_with(begins), "{format}: {out}");
    }
    let (code, _, errors) = run(&["graph", LINK, "--format", "json"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("svg, dot, mermaid"), "{errors}");
    let (code, _, errors) = run(&["trace", LINK, "--from", "a", "--to", "b", "--format", "svg"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("text, json"), "{errors}");
}

#[test]
fn a_connection_is_told_below_its_picture_in_both_languages() {
    let asked = ["graph", LINK, "--from", "TomCVM", "--to", "ins-new", "--service", "tcp:22"];
    let (code, svg, _) = run(&asked);
    assert_eq!(code, Some(0));
    assert!(svg.contains("UNREACHABLE"), "{svg}");
    assert!(svg.contains("✗ 2 classic-link-secondary-cidr"), "{svg}");
    let (_, svg, _) = run(&[&asked[..], &["--lang", "zh"]].concat());
    assert!(svg.contains("不可达") && svg.contains("基础网络"), "{svg}");
}

#[test]
fn a_step_is_drawn_under_its_own_title() {
    let path = "scenarios/classic-link/detach.ron";
    let (code, before, _) = run(&["graph", path]);
    assert_eq!(code, Some(0));
    let (code, after, _) = run(&["graph", path, "--at", "a single one"]);
    assert_eq!(code, Some(0));
    assert!(after.contains("— a single one</text>"), "{after}");
    let links = |svg: &str| svg.matches("line classic-link").count();
    assert!(links(&after) < links(&before), "a link is gone");
}

#[test]
fn a_balancer_is_joined_with_what_it_sends_to() {
    let path = "scenarios/changes/load-balancer-targets.ron";
    let (_, none, _) = run(&["graph", path]);
    assert_eq!(none.matches("line target").count(), 0, "it has no target yet");
    let shop = "scenarios/estate/today.ron";
    let (code, svg, _) = run(&["graph", shop]);
    assert_eq!(code, Some(0));
    // Two web servers, two application servers, two old ones, and the legend.
    assert_eq!(svg.matches("class=\"line target").count(), 7, "{svg}");
    let (_, dot, _) = run(&["graph", shop, "--format", "dot"]);
    assert_eq!(dot.matches("dir=forward, style=solid").count(), 6, "{dot}");
    let (_, mermaid, _) = run(&["graph", shop, "--format", "mermaid"]);
    assert_eq!(mermaid.matches(" --> ").count(), 6, "{mermaid}");
    let around = ["graph", shop, "--around", "lb-shop", "--format", "mermaid"];
    let (_, around, _) = run(&around);
    assert!(around.contains("ins-web-1"), "its targets stand around it: {around}");
}

#[test]
fn what_cannot_be_drawn_is_refused_with_two() {
    for (arguments, word) in [
        (&["graph", "no-such.ron"][..], "no-such.ron"),
        (&["graph", LINK, "--from", "TomCVM"][..], "--to"),
        (&["graph", LINK, "--from", "nobody", "--to", "ins-new"][..], "nobody"),
        (&["graph", LINK, "--from", "ins-new", "--to", "ins-new"][..], "nobody is meant"),
        (&["graph", LINK, "--at", "never"][..], "never"),
        (&["graph", LINK, "--around", "ins-neww"][..], "did you mean"),
        (&["graph", LINK, "--around", "sg-open"][..], "a security group"),
        (&["graph", LINK, "--around", "ins-new", "--whole"][..], "--whole"),
    ] {
        let (code, out, errors) = run(arguments);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(errors.contains(word), "{errors}");
    }
    let (code, _, errors) = run(&["graph", LINK, "-o", "/no/such/folder/x.svg"]);
    assert_eq!(code, Some(3));
    assert!(errors.contains("cannot be written"), "{errors}");
}

#[test]
fn what_is_folded_is_said_with_what_unfolds_it() {
    let file = std::env::temp_dir().join(format!("pathproof-large-{}.ron", std::process::id()));
    let path = file.to_str().expect("a path");
    let size = ["--instances", "3000", "--vpcs", "40", "--groups", "200"];
    let generate = [&["generate"], &size[..], &["-o", path]].concat();
    assert_eq!(run(&generate).0, Some(0));
    let (code, few, errors) = run(&["graph", path, "--format", "dot"]);
    assert_eq!(code, Some(0));
    assert!(errors.contains("--around ID"), "{errors}");
    let (_, all, errors) = run(&["graph", path, "--format", "dot", "--whole"]);
    assert!(!errors.contains("--around"), "{errors}");
    assert!(all.lines().count() > 2 * few.lines().count());
    let vpc = |line: &&str| line.contains("vpc-");
    assert!(few.lines().any(|line| vpc(&line) && line.contains(" subnet")), "{few}");
    let (_, near, errors) = run(&["graph", path, "--format", "dot", "--around", "vpc-2"]);
    assert_eq!(errors, "");
    assert!(near.lines().count() < all.lines().count());
    std::fs::remove_file(&file).expect("to tidy up");
}
