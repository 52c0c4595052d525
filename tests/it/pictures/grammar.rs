//! What the texts for Graphviz and Mermaid must look like, line by line: enough to see a quote or a bracket
//! that has slipped through.

/// Checks brackets and quotes of a DOT graph, and that edges name nodes that exist.
pub fn assert_dot(text: &str) {
    let mut depth = 0;
    let mut nodes = Vec::new();
    let mut edges = Vec::new();
    for line in text.lines() {
        let bare = unquoted(line);
        depth += bare.matches('{').count();
        depth -= bare.matches('}').count();
        let words: Vec<&str> = bare.split_whitespace().collect();
        match words[..] {
            [from, "->", to, ..] => edges.extend([from.to_owned(), to.to_owned()]),
            [name, ..] if is_node(name) => nodes.push(name.to_owned()),
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{text}");
    for edge in edges {
        assert!(nodes.contains(&edge), "{edge} is no node:\n{text}");
    }
}

/// A line without its quoted strings; each must end where it began.
fn unquoted(line: &str) -> String {
    let mut bare = String::new();
    let mut letters = line.chars();
    let mut inside = false;
    while let Some(letter) = letters.next() {
        match (inside, letter) {
            (true, '\\') => {
                letters.next().expect("what is escaped");
            }
            (_, '"') => inside = !inside,
            (false, other) => bare.push(other),
            (true, _) => {}
        }
    }
    assert!(!inside, "a quote stays open: {line}");
    bare
}

fn is_node(word: &str) -> bool {
    let number = word.strip_prefix('n');
    // What is known of a container stands in a node of its own.
    let number = number.map(|number| number.strip_suffix('i').unwrap_or(number));
    number.is_some_and(|number| !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()))
}

/// Checks every line of a Mermaid flowchart against the few forms that are written.
pub fn assert_mermaid(text: &str) {
    let mut open = 0;
    let mut known: Vec<&str> = Vec::new();
    let mut links = 0;
    assert!(text.starts_with("%%{init: {"), "{text}");
    assert_eq!(text.lines().nth(1), Some("flowchart LR"));
    for line in text.lines().skip(2) {
        let line = line.trim_start();
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["%%", ..] => assert!(!line.contains(['{', '}']), "{line}"),
            ["subgraph", name, ..] => {
                assert!(is_node(name), "{line}");
                label(line, "[\"", "\"]");
                known.push(name);
                open += 1;
            }
            ["end"] => open -= 1,
            ["class", name, "passed" | "stops"] => assert!(known.contains(&name), "{line}"),
            ["classDef", ..] => {}
            ["linkStyle", number, _] => {
                let number: usize = number.parse().expect("a number");
                assert!(number < links, "{line}");
            }
            [from, "---" | "-.-" | "===" | "-->" | "==>", to] | [from, "-.", "✗", ".->", to] => {
                assert!(known.contains(&from) && known.contains(&to), "{line}");
                links += 1;
            }
            [node, ..] => {
                let name = node.split(['[', '(']).next().expect("a name");
                assert!(is_node(name), "{line}");
                node_label(line);
                known.push(name);
            }
            [] => panic!("an empty line"),
        }
    }
    assert_eq!(open, 0, "{text}");
}

fn node_label(line: &str) {
    let line = line.strip_suffix(":::about").unwrap_or(line);
    let forms = [("([\"", "\"])"), ("[(\"", "\")]"), ("[[\"", "\"]]"), ("[\"", "\"]")];
    let form = forms.iter().find(|(begin, end)| line.contains(begin) && line.ends_with(end));
    let (begin, end) = form.unwrap_or_else(|| panic!("{line}"));
    label(line, begin, end);
}

/// Inside a label stand no quotes and no tags but ours.
fn label(line: &str, begin: &str, end: &str) {
    let (_, rest) = line.split_once(begin).expect("a label");
    let text = rest.strip_suffix(end).expect("its end");
    let text = text.replace("<br/>", "").replace("<b>", "").replace("</b>", "");
    assert!(!text.contains(['"', '<', '>', '[', ']', '{', '}', '`']), "{line}");
}
