//! What stands under a cursor: its meaning, its definition, every mention of it, another name for it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use lsp_types::{
    DocumentSymbol, DocumentSymbolParams, DocumentSymbolResponse, GotoDefinitionParams,
    GotoDefinitionResponse, Hover, HoverContents, HoverParams, Location, MarkupContent, MarkupKind,
    ReferenceParams, RenameParams, SymbolKind, TextDocumentPositionParams, TextEdit, Uri,
    WorkspaceEdit,
};

use super::Server;
use super::cursor::{Cursor, Expected, Token};
use super::document::{definition, id_at, mentions, path_of, uri_of};
use super::position::{Lines, Places};
use crate::code::{Code, Language};
use crate::diagnostic::Sources;
use crate::model::{Key, Locate, Peer, references};
use crate::query::{ListName, RuleRef};
use crate::render::explain::explain_one;
use crate::render::format::{named, record_text};
use crate::render::rule::{rule_name, rule_text};
use crate::scenario::Scenario;
use crate::space::Action;

/// The field that binds security groups.
const GROUPS: &str = "security_groups";

/// So many of those that have a group are named.
const FEW: usize = 8;

/// So many lines of a definition are shown.
const LINES: usize = 14;

/// The id under a cursor, and where it stands.
struct Under<'s> {
    id: String,
    range: Range<usize>,
    path: String,
    scenario: &'s Scenario,
    sources: &'s Sources,
}

impl Server<'_, '_> {
    fn under(&self, at: &TextDocumentPositionParams) -> Option<Under<'_>> {
        let (path, text) = self.text(&at.text_document.uri)?;
        let byte = Lines::of(text).byte(at.position);
        let Some(Token::Text(string)) = Cursor::at(text, byte).token else {
            return None;
        };
        let range = id_at(text, string, byte)?;
        // A part of another file knows what that one knows.
        let known = self.files.values().filter_map(|open| open.good.as_ref());
        let known = known.filter(|known| known.holds(&path));
        let id = &text[range.clone()];
        let mut found = known.filter_map(|known| {
            let asked = known.asked.as_ref()?;
            definition(&asked.scenario, id).map(|_| (&*asked.scenario, &asked.sources))
        });
        let (scenario, sources) = found.next()?;
        Some(Under { id: id.to_owned(), range, path, scenario, sources })
    }

    pub(super) fn hover(&self, asked: &HoverParams) -> Option<Hover> {
        let at = &asked.text_document_position_params;
        let (_, text) = self.text(&at.text_document.uri)?;
        let lines = Lines::of(text);
        let cursor = Cursor::at(text, lines.byte(at.position));
        let range = cursor.token.as_ref()?.range();
        let said = self.meaning(&cursor, text, at)?;
        Some(Hover {
            contents: HoverContents::Markup(MarkupContent {
                kind: MarkupKind::Markdown,
                value: said,
            }),
            range: Some(lines.range(range)),
        })
    }

    fn meaning(
        &self,
        cursor: &Cursor,
        text: &str,
        at: &TextDocumentPositionParams,
    ) -> Option<String> {
        let language = self.session.language;
        let token = cursor.token.as_ref()?;
        let word = text.get(token.range())?;
        if let Token::Word(_) = token {
            if let Some((record, field)) = cursor.field(text) {
                let kind = field.kind.replace("record ", "");
                let mut parts = vec![
                    format!("**{}**: {kind}", field.name),
                    field.meaning.text(language).to_owned(),
                ];
                if !field.default.is_empty() {
                    parts.push(match language {
                        Language::English => format!("Unless given: `{}`", field.default),
                        Language::Chinese => format!("默认：`{}`", field.default),
                    });
                }
                parts.push(record.rules.join(" "));
                parts.retain(|part| !part.is_empty());
                return Some(parts.join("\n\n"));
            }
            let rule = matches!(word, "Accept" | "Drop").then(|| self.rule(at));
            if let Some(rule) = rule.flatten() {
                return Some(rule);
            }
            return Some(block(&record_text(named(word)?, language)));
        }
        if let Some(code) = Code::from_name(word)
            && matches!(cursor.expected(), Expected::Value(kind) if kind == "code")
        {
            return Some(block(&explain_one(code, language)));
        }
        let under = self.under(at)?;
        let place = definition(under.scenario, &under.id)?;
        let kind = under.scenario.network.kind_of(&under.id)?;
        let source = under.sources.get(place.file)?;
        let start = source.text.get(..place.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
        let shown: Vec<&str> = source.text.get(start..)?.lines().take(LINES).collect();
        let shown = entry(&shown);
        let (_, line, _) = under.sources.place(place)?;
        let one = kind.one().text(language).to_owned();
        Some(format!("**{}**: {one}, {}:{line}\n\n```ron\n{shown}\n```", under.id, source.path))
    }

    /// The rule under a cursor in words, with who has its group, and who has the one that it names.
    fn rule(&self, at: &TextDocumentPositionParams) -> Option<String> {
        let language = self.session.language;
        let (path, text) = self.text(&at.text_document.uri)?;
        let byte = u32::try_from(Lines::of(text).byte(at.position)).ok()?;
        let known = self.files.values().filter_map(|open| open.good.as_ref());
        let asked = known.filter_map(|known| known.asked.as_ref());
        // Places are those of the text that was read.
        let mut files = asked.filter_map(|asked| {
            let mut files = asked.sources.iter().zip(0_u32..);
            let own = files.find(|(file, _)| file.file == path && *file.text == *text)?;
            Some((asked, own.1))
        });
        let (asked, file) = files.next()?;
        let network = &asked.situation.network;
        let origins = asked.situation.origins.remembering();
        let groups = network.security_groups.iter();
        let groups = groups.map(|(id, it)| (id, [it.ingress.len(), it.egress.len()]));
        let acls = network.network_acls.iter();
        let acls = acls.map(|(id, it)| (id, [it.ingress.len(), it.egress.len()]));
        let lists = groups.chain(acls).flat_map(|(id, [ingress, egress])| {
            let ingress = (0..ingress).map(move |index| (id, ListName::Ingress, index));
            ingress.chain((0..egress).map(move |index| (id, ListName::Egress, index)))
        });
        let mut all = lists.map(|(owner, list, index)| RuleRef {
            owner: owner.clone(),
            list,
            index,
            action: Action::Accept,
        });
        let rule = all.find(|rule| {
            let span = origins.locate(&rule.place());
            span.is_some_and(|span| span.file == file && (span.start..=span.end).contains(&byte))
        })?;
        let name = rule_name(&rule);
        let mut parts = vec![format!("**{name}**: {}", rule_text(network, &rule, language)?)];
        let group = network.security_groups.get(&rule.owner);
        let own = group.map(|_| rule.owner.clone());
        let rules = group.map(|group| match rule.list {
            ListName::Ingress => &group.ingress,
            ListName::Egress => &group.egress,
        });
        let peer = rules.and_then(|rules| match &rules.get(rule.index)?.peer {
            Peer::SecurityGroup(id) => Some(id.clone()),
            _ => None,
        });
        let all = references(network);
        for id in own.into_iter().chain(peer) {
            let bound = all.iter().filter(|it| it.id == id);
            let bound = bound.filter(|it| it.place.path.first() == Some(&Key::Field(GROUPS)));
            let names: Vec<&str> = bound.map(|it| it.place.id.as_str()).collect();
            let few = names.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
            let count = names.len();
            let more = if count > FEW { " …" } else { "" };
            parts.push(match language {
                Language::English => format!("{count} have {id}: {few}{more}"),
                Language::Chinese => format!("{count} 个绑定了 {id}：{few}{more}"),
            });
        }
        Some(parts.join("\n\n"))
    }

    pub(super) fn definition(
        &self,
        asked: &GotoDefinitionParams,
    ) -> Option<GotoDefinitionResponse> {
        let under = self.under(&asked.text_document_position_params)?;
        let place = definition(under.scenario, &under.id)?;
        let location = Places::of(under.sources).location(place)?;
        Some(GotoDefinitionResponse::Scalar(location))
    }

    pub(super) fn references(&self, asked: &ReferenceParams) -> Option<Vec<Location>> {
        let under = self.under(&asked.text_document_position)?;
        let mut found = Vec::new();
        for (uri, text, places) in self.mentioned(&under) {
            let lines = Lines::of(&text);
            let places = places.into_iter();
            found.extend(places.map(|place| Location::new(uri.clone(), lines.range(place))));
        }
        Some(found)
    }

    /// Every mention of an id in the files of its scenario, those that are free text left out.
    fn mentioned(&self, under: &Under<'_>) -> Vec<(Uri, Arc<str>, Vec<Range<usize>>)> {
        let files = under.sources.iter().filter_map(|source| {
            let open = self.desk.texts.get(&source.file);
            let text = Arc::clone(open.unwrap_or(&source.text));
            let places = mentions(&text, &under.id);
            Some((uri_of(&source.file)?, text, places))
        });
        files.filter(|(_, _, places)| !places.is_empty()).collect()
    }

    pub(super) fn rename(&self, asked: &RenameParams) -> Result<Option<WorkspaceEdit>, String> {
        let language = self.session.language;
        let say = |english: &str, chinese: &str| match language {
            Language::English => english.to_owned(),
            Language::Chinese => chinese.to_owned(),
        };
        let Some(under) = self.under(&asked.text_document_position) else {
            return Err(say("no id stands here", "此处没有 ID"));
        };
        let new = asked.new_name.trim();
        let whole = id_at(new, 0..new.len(), 0) == Some(0..new.len());
        if !whole {
            return Err(say(
                "an id is made of letters, digits, `-`, `_` and `.`",
                "ID 由字母、数字、`-`、`_` 和 `.` 组成",
            ));
        }
        if new != under.id && under.scenario.network.kind_of(new).is_some() {
            return Err(say("something else has that id", "该 ID 已被占用"));
        }
        let mut changes: BTreeMap<String, (Uri, Vec<TextEdit>)> = BTreeMap::new();
        for (uri, text, places) in self.mentioned(&under) {
            let lines = Lines::of(&text);
            let edits = places.into_iter().map(|it| TextEdit::new(lines.range(it), new.to_owned()));
            changes.insert(uri.as_str().to_owned(), (uri, edits.collect()));
        }
        let own = changes.values().flat_map(|(_, edits)| edits).count();
        if own == 0 || under.range.is_empty() || under.path.is_empty() {
            return Err(say("nothing is to be renamed", "没有可重命名的内容"));
        }
        Ok(Some(WorkspaceEdit::new(changes.into_values().collect())))
    }

    /// Every thing of a file by its id.
    pub(super) fn symbols(&self, asked: &DocumentSymbolParams) -> Option<DocumentSymbolResponse> {
        let path = path_of(&asked.text_document.uri)?;
        let asked = self.files.get(&path)?.good.as_ref()?.asked.as_ref()?;
        let scenario = &asked.scenario;
        let places = Places::of(&asked.sources);
        let language = self.session.language;
        let mut symbols: Vec<DocumentSymbol> = scenario
            .network
            .ids()
            .filter_map(|(id, kind)| {
                let place = definition(scenario, id.as_str())?;
                let range = places.range(place)?;
                let detail = kind.one().text(language).to_owned();
                let is_own = places.is_in(place, &path);
                is_own.then(|| symbol(id.to_string(), detail, range))
            })
            .collect();
        symbols.sort_by_key(|symbol| symbol.range.start);
        Some(DocumentSymbolResponse::Nested(symbols))
    }
}

#[expect(deprecated, reason = "the type still has the field")]
fn symbol(name: String, detail: String, range: lsp_types::Range) -> DocumentSymbol {
    DocumentSymbol {
        name,
        detail: Some(detail),
        kind: SymbolKind::OBJECT,
        tags: None,
        deprecated: None,
        range,
        selection_range: range,
        children: None,
    }
}

/// The lines of an entry: up to where its brackets are closed.
fn entry(lines: &[&str]) -> String {
    let mut deep = 0_i32;
    let mut shown = Vec::new();
    for line in lines {
        shown.push(*line);
        for letter in line.bytes() {
            deep += match letter {
                b'(' | b'[' | b'{' => 1,
                b')' | b']' | b'}' => -1,
                _ => 0,
            };
        }
        if deep <= 0 {
            break;
        }
    }
    shown.join("\n")
}

fn block(text: &str) -> String {
    format!("```text\n{}\n```", text.trim_end())
}
