//! What may stand at a cursor: fields, words, ids, codes, actions.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, CompletionParams, CompletionResponse,
    CompletionTextEdit, Documentation, TextEdit,
};

use super::Server;
use super::cursor::{Cursor, Expected, Token};
use super::document::id_at;
use super::position::Lines;
use crate::code::{Code, Language};
use crate::model::{Change, Kind, Network};
use crate::render::format::{Record, named, record};

/// Services that are asked for most.
const SERVICES: [&str; 8] =
    ["all", "icmp", "tcp:22", "tcp:80", "tcp:443", "tcp:3306", "tcp:6379", "udp:53"];

/// So many things are offered at once; the editor asks again when more is written.
const MOST: usize = 300;

/// What may be written, how, and what it means.
struct Offer {
    label: String,
    text: String,
    kind: CompletionItemKind,
    detail: String,
    meaning: String,
    /// Offered before others.
    first: bool,
}

impl Offer {
    fn word(label: &str, kind: CompletionItemKind) -> Self {
        Self {
            label: label.to_owned(),
            text: label.to_owned(),
            kind,
            detail: String::new(),
            meaning: String::new(),
            first: false,
        }
    }
}

impl Server<'_, '_> {
    pub(super) fn complete(&self, asked: &CompletionParams) -> Option<CompletionResponse> {
        let at = &asked.text_document_position;
        let (path, text) = self.text(&at.text_document.uri)?;
        let lines = Lines::of(text);
        let byte = lines.byte(at.position);
        let cursor = Cursor::at(text, byte);
        let in_text = matches!(cursor.token, Some(Token::Text(_)));
        let expected = cursor.expected();
        let replaced = match (&cursor.token, &expected) {
            // Of a selector only the part under the cursor is written anew.
            (Some(Token::Text(string)), Expected::Value(kind)) if kind == "selector" => {
                id_at(text, string.clone(), byte).unwrap_or(byte..byte)
            }
            (Some(token), _) => token.range(),
            (None, _) => byte..byte,
        };
        let offers = match expected {
            Expected::Field(..) if in_text => Vec::new(),
            Expected::Field(record, written) => fields(&record, &written, self.session.language),
            Expected::Value(kind) => {
                let known = self.files.get(&path).and_then(|open| open.good.as_ref());
                let asked = known.and_then(|known| known.asked.as_ref());
                let network = asked.map(|asked| &*asked.situation.network);
                values(&kind, network, self.session.language)
            }
            Expected::Nothing => Vec::new(),
        };
        let written = text.get(replaced.start..byte).unwrap_or_default();
        let (offers, is_incomplete) = few(offers, written);
        let range = lines.range(replaced);
        let items = offers.into_iter().map(|offer| {
            let quoted = offer.text.starts_with('"');
            let bare = offer.text.trim_matches('"').to_owned();
            let new_text = if in_text && quoted { bare } else { offer.text };
            CompletionItem {
                sort_text: Some(format!("{}{}", u8::from(!offer.first), offer.label)),
                label: offer.label,
                kind: Some(offer.kind),
                detail: Some(offer.detail).filter(|it| !it.is_empty()),
                documentation: Some(Documentation::String(offer.meaning)),
                text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, new_text))),
                ..CompletionItem::default()
            }
        });
        Some(CompletionResponse::List(CompletionList { is_incomplete, items: items.collect() }))
    }
}

/// Of many offers those that have what is written in them, and whether that leaves any out.
fn few(mut offers: Vec<Offer>, written: &str) -> (Vec<Offer>, bool) {
    if offers.len() <= MOST {
        return (offers, false);
    }
    let written = written.to_lowercase();
    offers.retain(|offer| offer.label.to_lowercase().contains(&written));
    offers.truncate(MOST);
    (offers, true)
}

fn fields(record: &Record, written: &[String], language: Language) -> Vec<Offer> {
    let mut fields = record.fields.iter();
    let open = fields.by_ref().filter(|field| !written.iter().any(|it| it == field.name));
    let offers = open.map(|field| Offer {
        text: format!("{}: ", field.name),
        detail: field.kind.replace("record ", ""),
        meaning: field.meaning.text(language).to_owned(),
        first: field.required,
        ..Offer::word(field.name, CompletionItemKind::FIELD)
    });
    offers.collect()
}

/// What may be written as a value of a type, in the notation of the format.
fn values(kind: &str, network: Option<&Network>, language: Language) -> Vec<Offer> {
    let words = |words: &[&str]| -> Vec<Offer> {
        let words = words.iter();
        words.map(|word| Offer::word(word, CompletionItemKind::ENUM_MEMBER)).collect()
    };
    let quoted = |label: &str, kind, detail: &str| Offer {
        text: format!("\"{label}\""),
        detail: detail.to_owned(),
        ..Offer::word(label, kind)
    };
    match kind {
        "bool" => words(&["true", "false"]),
        "expectation" => records_of(&["Reachable", "Unreachable", "Partial"], language),
        "change" => records_of(&Change::ACTIONS, language),
        "code" => {
            let codes = Code::ALL.iter().filter(|code| code.can_be_because());
            let codes = codes.map(|code| Offer {
                meaning: code.meaning(language).to_owned(),
                ..quoted(code.name(), CompletionItemKind::CONSTANT, "")
            });
            codes.collect()
        }
        "service" | "listener service" => {
            let services = SERVICES.iter();
            let services = services.map(|it| quoted(it, CompletionItemKind::VALUE, ""));
            services.collect()
        }
        _ => {
            let mut offers: Vec<Offer> = ids(kind, network)
                .map(|(id, kind)| {
                    let told = kind.one().text(language).to_owned();
                    quoted(id, CompletionItemKind::REFERENCE, &told)
                })
                .collect();
            if kind == "selector" {
                let told = quoted("internet", CompletionItemKind::KEYWORD, "");
                offers.push(told);
            }
            let is_choice = kind.contains('/') && !kind.contains(' ');
            if is_choice {
                offers.extend(words(&kind.split('/').collect::<Vec<_>>()));
            }
            if kind == "record ingress rule"
                || kind == "record egress rule"
                || kind == "record acl rule"
            {
                offers.extend(words(&["Accept", "Drop"]));
            }
            offers
        }
    }
}

fn records_of(names: &[&str], language: Language) -> Vec<Offer> {
    let offers = names.iter().map(|name| {
        let found = named(name);
        let told = found.map(|it| it.meaning.text(language).to_owned());
        let one = found.map(|it| it.one.text(language).to_owned());
        Offer {
            text: format!("{name}("),
            detail: one.unwrap_or_default(),
            meaning: told.unwrap_or_default(),
            ..Offer::word(name, CompletionItemKind::CLASS)
        }
    });
    offers.collect()
}

/// The ids that a type takes: `id of vpcs, subnets`, any id, or whatever a selector names.
fn ids<'n>(kind: &str, network: Option<&'n Network>) -> impl Iterator<Item = (&'n str, Kind)> {
    let sections: Option<Vec<Record>> = kind.split_once("id of ").map(|(_, sections)| {
        let names = sections.split([',', ' ']).filter(|name| !name.is_empty());
        names.filter_map(record).collect()
    });
    let all = sections.is_none() && matches!(kind, "id" | "selector");
    let wanted = move |kind: Kind| {
        let one = kind.one();
        let sections = sections.iter().flatten();
        let mut same = sections.filter(|section| section.one.english() == one.english());
        all || same.next().is_some()
    };
    let ids = network.into_iter().flat_map(Network::ids);
    let ids = ids.filter(move |(_, kind)| wanted(*kind));
    ids.map(|(id, kind)| (id.as_str(), kind))
}
