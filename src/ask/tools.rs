//! What can be asked, and with which fields: the long options of the commands.
//!
//! Everybody who asks by name reads this table: HTTP checks requests against it, and assistants get it as schemas.

use serde_json::{Map, Value, json};

use super::wrong::Wrong;
use crate::code::Language;
use crate::diagnostic::{Words, words};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// A text.
    Text,
    /// A text or a number.
    Ports,
    /// A whole number from 1 to this one.
    Number(u64),
    /// Yes or no.
    Flag,
    /// Several texts.
    Texts,
    /// One of some words.
    Word(&'static [&'static str]),
}

/// Whether a question needs a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It does.
    Must,
    /// It does not.
    May,
}

/// A field of a question.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What it is for, in English: what assistants read.
    pub meaning: &'static str,
}

const fn field(name: &'static str, holds: Holds, meaning: &'static str) -> Field {
    Field { name, holds, meaning }
}

/// Every field that some question has.
const FIELDS: [Field; 20] = [
    field("file", Holds::Text, "The scenario file."),
    field("new", Holds::Text, "The scenario file after."),
    field(
        "from",
        Holds::Text,
        "Who opens the connection: an id, an address, `internet`, or a set such as `vpc-a & !sg-b`.",
    ),
    field("to", Holds::Text, "Who is meant, written like `from`."),
    field("service", Holds::Text, "What is sent: tcp:443, udp:53, icmp; everything unless given."),
    field("source_port", Holds::Ports, "Source ports: 1024-65535, or a single one."),
    field(
        "at",
        Holds::Text,
        "Ask after this step, or in this what-if, instead of the base network.",
    ),
    field(
        "by",
        Holds::Word(&["endpoint", "subnet", "vpc", "group"]),
        "What a row and a column stand for; endpoint unless given.",
    ),
    field("collapse", Holds::Flag, "Tell equal rows and equal columns once."),
    field(
        "changes",
        Holds::Texts,
        "Changes in the words of scenario files, e.g. Down(\"ins-1\"); `explain` with code \"format\" lists them.",
    ),
    field(
        "intent",
        Holds::Text,
        "What alone may change: [Gains(from: …, to: …, service: …), Loses(…)].",
    ),
    field("reasons", Holds::Flag, "Also tell what stays blocked, but by something else."),
    field("close", Holds::Flag, "Close the connection instead of opening it."),
    field("limit", Holds::Number(26), "So many fixes, the best ones; 3 unless given, 26 at most."),
    field(
        "certify",
        Holds::Flag,
        "Also give the certificates of the verdicts, under `certificates`: tools/certcheck.py checks them without this program. Those of a change speak of the file under `scenario`, too.",
    ),
    field("vpc", Holds::Text, "Only links to this VPC."),
    field("ip", Holds::Text, "Only links with this address, at linking or now."),
    field("only", Holds::Texts, "Only what has one of these words in it: ids, and expectations."),
    field(
        "code",
        Holds::Text,
        "A code, the id of a rule, or a section, part, field or change of the format; all codes unless given.",
    ),
    field(
        "name",
        Holds::Text,
        "The part between `pathproof.` and `/` of a document's `schema`, or `scenario`; the names of all unless given.",
    ),
];

/// The language of the answer, a field of every question.
const LANG: Field =
    field("lang", Holds::Word(&["en", "zh"]), "The language of what is said in words.");

/// A question by its name.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// The command.
    pub name: &'static str,
    /// What it tells, in English: what assistants read.
    pub meaning: &'static str,
    /// Its fields, beside `lang`.
    fields: &'static [(&'static str, Need)],
}

/// The names of the fields that an assistant needs no word about are those of the commands.
pub const TOOLS: [Tool; 12] = [
    Tool {
        name: "check",
        meaning: "Run the expectations of a scenario file: which hold, which do not, and why.",
        fields: &[("file", Need::May), ("certify", Need::May)],
    },
    Tool {
        name: "trace",
        meaning: "Explain one connection, hop by hop, there and back, with every blocker and the file and line of each.",
        fields: &[
            ("file", Need::May),
            ("from", Need::Must),
            ("to", Need::Must),
            ("service", Need::May),
            ("source_port", Need::May),
            ("at", Need::May),
            ("certify", Need::May),
        ],
    },
    Tool {
        name: "reach",
        meaning: "Tell exactly which packets work between two sets of ends, and what blocks the others. One of `from` and `to` is enough.",
        fields: &[
            ("file", Need::May),
            ("from", Need::May),
            ("to", Need::May),
            ("service", Need::May),
            ("source_port", Need::May),
            ("at", Need::May),
        ],
    },
    Tool {
        name: "whatif",
        meaning: "Tell exactly what changes would open and close, and which expectations they break. Nothing is changed.",
        fields: &[
            ("file", Need::May),
            ("changes", Need::Must),
            ("intent", Need::May),
            ("reasons", Need::May),
            ("source_port", Need::May),
            ("at", Need::May),
            ("certify", Need::May),
        ],
    },
    Tool {
        name: "diff",
        meaning: "Tell exactly what two scenario files let through differently: `file` before, `new` after.",
        fields: &[
            ("file", Need::May),
            ("new", Need::Must),
            ("intent", Need::May),
            ("reasons", Need::May),
            ("source_port", Need::May),
            ("at", Need::May),
            ("certify", Need::May),
        ],
    },
    Tool {
        name: "matrix",
        meaning: "Tell everybody to everybody: one verdict for every pair of endpoints, subnets, VPCs or groups.",
        fields: &[
            ("file", Need::May),
            ("by", Need::May),
            ("service", Need::May),
            ("source_port", Need::May),
            ("collapse", Need::May),
            ("at", Need::May),
        ],
    },
    Tool {
        name: "lint",
        meaning: "Tell what is legal and still looks wrong.",
        fields: &[("file", Need::May), ("at", Need::May)],
    },
    Tool {
        name: "fix",
        meaning: "Find the smallest changes that open a connection, or close it, each with its exact side effect.",
        fields: &[
            ("file", Need::May),
            ("from", Need::Must),
            ("to", Need::Must),
            ("service", Need::May),
            ("source_port", Need::May),
            ("close", Need::May),
            ("limit", Need::May),
            ("changes", Need::May),
            ("at", Need::May),
        ],
    },
    Tool {
        name: "explain",
        meaning: "Tell what a code, a rule of the cloud, or a section or change of the format means.",
        fields: &[("code", Need::May)],
    },
    Tool {
        name: "links",
        meaning: "List the classic CVMs that are linked to VPCs.",
        fields: &[("file", Need::May), ("vpc", Need::May), ("ip", Need::May), ("at", Need::May)],
    },
    Tool {
        name: "list",
        meaning: "List what a file asks, stage by stage, and the ids in its network by kind.",
        fields: &[("file", Need::May), ("only", Need::May)],
    },
    Tool {
        name: "schema",
        meaning: "The JSON schema of a document, or of scenario files.",
        fields: &[("name", Need::May)],
    },
];

impl Tool {
    /// The tool of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TOOLS.iter().find(|tool| tool.name == name)
    }

    /// Its fields.
    pub fn fields(&self) -> impl Iterator<Item = (&'static Field, Need)> {
        let own = self.fields.iter().filter_map(|(name, need)| {
            let field = FIELDS.iter().find(|field| field.name == *name)?;
            Some((field, *need))
        });
        own.chain([(&LANG, Need::May)])
    }

    /// The JSON schema of its fields. Who serves no files of his own needs to be told which file is meant.
    #[must_use]
    pub fn schema(&self, file: Need) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (field, need) in self.fields() {
            let mut told = holds_schema(field.holds);
            told["description"] = field.meaning.into();
            properties.insert(field.name.into(), told);
            if need == Need::Must || (field.name == "file" && file == Need::Must) {
                required.push(field.name);
            }
        }
        let whole = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        match whole {
            Value::Object(whole) => whole,
            _ => Map::new(),
        }
    }

    /// What is wrong with the fields of a question.
    #[must_use]
    pub fn wrong(&self, given: &Map<String, Value>) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for (name, value) in given {
            let mut fields = self.fields();
            match fields.find(|(field, _)| field.name == name) {
                Some((field, _)) if fits(field.holds, value) => {}
                Some((field, _)) => wrong.push(Wrong::asked(unfit(field))),
                None => {
                    let names: Vec<_> = self.fields().map(|(field, _)| field.name).collect();
                    let (tool, names) = (self.name, names.join(", "));
                    wrong.push(Wrong::Asked {
                        message: words!(
                            "`{tool}` has no field `{name}`",
                            "`{tool}` 没有字段 `{name}`"
                        ),
                        help: Some(words!("it has {names}", "可用字段：{names}")),
                    });
                }
            }
        }
        let missing = self.fields().filter(|(field, need)| {
            *need == Need::Must && given.get(field.name).is_none_or(Value::is_null)
        });
        wrong.extend(missing.map(|(field, _)| {
            let (tool, name) = (self.name, field.name);
            Wrong::asked(words!("`{tool}` needs the field `{name}`", "`{tool}` 需要字段 `{name}`"))
        }));
        wrong
    }
}

fn holds_schema(holds: Holds) -> Value {
    match holds {
        Holds::Text => json!({ "type": "string" }),
        Holds::Ports => json!({ "type": ["string", "integer"] }),
        Holds::Number(most) => json!({ "type": "integer", "minimum": 1, "maximum": most }),
        Holds::Flag => json!({ "type": "boolean" }),
        Holds::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Holds::Word(known) => json!({ "enum": known }),
    }
}

/// Whether a value is what a field holds; null is as good as nothing.
fn fits(holds: Holds, value: &Value) -> bool {
    value.is_null()
        || match holds {
            Holds::Text => value.is_string(),
            Holds::Ports => value.is_string() || value.is_u64(),
            Holds::Number(most) => {
                value.as_u64().is_some_and(|number| (1..=most).contains(&number))
            }
            Holds::Flag => value.is_boolean(),
            Holds::Texts => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
            Holds::Word(known) => value.as_str().is_some_and(|word| known.contains(&word)),
        }
}

fn unfit(field: &Field) -> Words {
    let name = field.name;
    match field.holds {
        Holds::Text => words!("`{name}` is a text", "`{name}` 应为字符串"),
        Holds::Ports => words!(
            "`{name}` is a port or a range of ports, as in \"1024-65535\"",
            "`{name}` 应为端口或端口范围，如 \"1024-65535\""
        ),
        Holds::Number(most) => words!(
            "`{name}` is a whole number from 1 to {most}",
            "`{name}` 应为 1 到 {most} 的整数"
        ),
        Holds::Flag => words!("`{name}` is true or false", "`{name}` 应为 true 或 false"),
        Holds::Texts => words!("`{name}` is a list of texts", "`{name}` 应为字符串列表"),
        Holds::Word(known) => {
            let known = known.join(", ");
            words!("`{name}` is one of {known}", "`{name}` 应为其中之一：{known}")
        }
    }
}

/// The language that a question asks for.
#[must_use]
pub fn language(given: &Map<String, Value>, otherwise: Language) -> Language {
    match given.get(LANG.name).and_then(Value::as_str) {
        Some("zh") => Language::Chinese,
        Some("en") => Language::English,
        _ => otherwise,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_one_of_some_tool_and_every_tool_has_known_fields() {
        for tool in &TOOLS {
            assert_eq!(tool.fields().count(), tool.fields.len() + 1, "{}", tool.name);
        }
        for field in &FIELDS {
            let mut tools = TOOLS.iter();
            let used = tools.any(|tool| tool.fields.iter().any(|(name, _)| *name == field.name));
            assert!(used, "{}", field.name);
        }
    }

    #[test]
    fn a_question_is_told_all_that_is_wrong_with_it() {
        let given = json!({ "form": "a", "to": 7, "service": null, "lang": "fr" });
        let Value::Object(given) = given else { unreachable!("an object") };
        let tool = Tool::named("trace").expect("a tool");
        let told: Vec<String> = tool
            .wrong(&given)
            .iter()
            .flat_map(|wrong| wrong.told(Language::English))
            .map(|told| told["message"].to_string())
            .collect();
        assert_eq!(
            told,
            [
                "\"`trace` has no field `form`\"",
                "\"`to` is a text\"",
                "\"`lang` is one of en, zh\"",
                "\"`trace` needs the field `from`\"",
            ]
        );
    }
}
