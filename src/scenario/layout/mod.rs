//! How a scenario file is laid out: the same text with every line where it belongs.
//!
//! Words, their order and every comment stay. A bracket after which somebody broke the line stays broken; another one
//! goes on one line where it fits. What comes out is compared with what went in, word by word and comment by comment, and
//! nothing is given that differs in anything but blanks and commas.
//!
//! Deliberately not here: files that ron does not read, which are told what is wrong with them instead.

mod print;
mod tree;

use super::slip::token::{Kind, Tokens};
use super::text::{Unreadable, decode, root};
use super::{Diagnostic, Known, Reader, Sources, Texts};

/// What came of laying out a file.
#[derive(Debug)]
pub struct LaidOut {
    /// The text, unless there are mistakes.
    pub text: Option<String>,
    /// Whether it has any field that a scenario has: a file of another program may be well-formed, too.
    pub is_scenario: bool,
    /// The file.
    pub sources: Sources,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// What only a scenario has; a name, everything may have.
const FIELDS: [&str; 6] = ["include", "network", "expect", "steps", "what_if", "lint"];

/// Lays out the text of a file. Lines end as they did.
#[must_use]
pub fn lay_out(path: &str, bytes: Vec<u8>) -> LaidOut {
    let windows = bytes.windows(2).any(|two| two == b"\r\n");
    let mut sources = Sources::default();
    let (text, unreadable) = decode(bytes);
    let file = sources.add(path.to_owned(), text.clone());
    let mut at = Reader::new(Texts::default(), Known::default());
    at.texts.add(file, &text);
    let mut is_scenario = true;
    let laid = if let Some(Unreadable { code, at: place, message, help }) = unreadable {
        let span = at.span(&text[place]);
        let diagnostic = Diagnostic::error(code, span, message);
        at.report(Diagnostic { help, ..diagnostic });
        None
    } else if let Some(fields) = root(&text, &mut at) {
        is_scenario = FIELDS.iter().any(|name| fields.name(name).is_some());
        let laid = tree::Tree::of(&text).map(|tree| print::print(&tree));
        if let Some(laid) = laid.filter(|laid| same(&text, laid)) {
            Some(laid)
        } else {
            at.unusual(&text);
            None
        }
    } else {
        None
    };
    LaidOut {
        text: laid.map(|text| if windows { text.replace('\n', "\r\n") } else { text }),
        is_scenario,
        diagnostics: at.into_diagnostics(),
        sources,
    }
}

impl Reader<'_> {
    /// Reports that a text has something in it that cannot be kept: it stays as it is.
    fn unusual(&mut self, text: &str) {
        let odd = Tokens::of(text).find(|token| matches!(token.kind, Kind::Odd(_)));
        let place = odd.map_or(0..0, |token| token.at);
        self.invalid::<()>(
            &text[place],
            super::Words::new(
                "this cannot be laid out without being changed, so the file stays as it is",
                "无法在不改变内容的前提下排版，文件保持原样",
            ),
        );
    }
}

/// Whether two texts have the same words, brackets and comments in the same order; commas before a closing bracket and
/// blanks do not count.
fn same(before: &str, after: &str) -> bool {
    words(before) == words(after) && comments(before) == comments(after)
}

fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    for token in Tokens::of(text) {
        if matches!(token.kind, Kind::Close(_)) && words.last() == Some(&",") {
            words.pop();
        }
        words.push(&text[token.at]);
    }
    words
}

fn comments(text: &str) -> Vec<&str> {
    let mut end = 0;
    let mut comments = Vec::new();
    let gaps =
        Tokens::of(text).map(|token| token.at).chain(std::iter::once(text.len()..text.len()));
    for at in gaps {
        comments
            .extend(tree::comments(text, end..at.start).into_iter().map(|comment| comment.text));
        end = at.end;
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(text: &str) -> String {
        let laid = lay_out("main.ron", text.as_bytes().to_vec());
        laid.text.unwrap_or_else(|| format!("{:#?}", laid.diagnostics))
    }

    #[test]
    fn lines_go_where_they_belong_and_comments_stay() {
        let text = "// the shop\n\n\n(name:\"a\",   network:( // here\nvpcs:{\n\n  // the first\n\"vpc-a\":(region:\"ap-guangzhou\",cidr:\"10.1.0.0/16\"), // one\n/* two */ \"vpc-b\": (region: \"ap-guangzhou\",\n cidr: \"10.2.0.0/16\")\n// the end\n}),expect:[])\n// bye";
        assert_eq!(
            laid(text),
            "\
// the shop

(
    name: \"a\",
    network: ( // here
        vpcs: {
            // the first
            \"vpc-a\": (region: \"ap-guangzhou\", cidr: \"10.1.0.0/16\"), // one
            /* two */
            \"vpc-b\": (region: \"ap-guangzhou\", cidr: \"10.2.0.0/16\"),
            // the end
        },
    ),
    expect: [],
)
// bye
"
        );
    }

    #[test]
    fn what_fits_goes_on_one_line_and_what_was_broken_stays_broken() {
        assert_eq!(laid("Scenario( name : \"a\" , )"), "Scenario(name: \"a\")\n");
        assert_eq!(laid("Scenario(\nname: \"a\")"), "Scenario(\n    name: \"a\",\n)\n");
        let long = format!(
            "(expect: [Reachable(from: \"{}\", to: \"{}\")])",
            "a".repeat(60),
            "b".repeat(60)
        );
        let told = laid(&long);
        assert!(told.lines().all(|line| line.len() <= 118), "{told}");
        assert_eq!(laid(&told), told);
        assert_eq!(
            laid("(steps: [(\nname: \"x\",)])"),
            "(\n    steps: [(\n        name: \"x\",\n    )],\n)\n"
        );
    }

    #[test]
    fn attributes_raw_strings_and_blank_lines_are_kept() {
        let text =
            "#![enable(implicit_some)]\n(\n    name: r#\"a \"b\" c\"#,\n\n    expect: [],\n)\n";
        assert_eq!(laid(text), text);
        assert_eq!(laid("(\r\n)\r\n"), "()\r\n");
    }

    #[test]
    fn what_is_not_well_formed_is_told_and_not_laid_out() {
        let laid = lay_out("main.ron", b"(name: \"a\" expect: [])".to_vec());
        assert_eq!(laid.text, None);
        assert_eq!(laid.diagnostics.len(), 1);
    }
}
