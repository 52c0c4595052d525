//! A question by the name of its command, with its fields as JSON, and the document that answers it.

use serde_json::{Map, Value};

use super::Terms;
use super::asked::Asked;
use super::certificate::{WHATIF, certified, certified_expectations, certified_side, only_of_base};
use super::connection::{Between, reach_document, reach_of, trace_document, trace_of};
use super::difference::{Asking, Compared, Two, compare, difference_document};
use super::fix::{fix_document, fix_of};
use super::matrix::{BY, matrix_document, matrix_of};
use super::resident::{Book, Resident};
use super::told::{link_filter, links_document, lint_of, list_document};
use super::tools::{Tool, language};
use super::words::{explain_document, schema_document};
use super::wrong::{Unanswered, Wrong};
use crate::code::Language;
use crate::diagnostic::{Words, visible, words};
use crate::lint::Switches;
use crate::render::check_json::run_json;
use crate::render::lint::lint_json;
use crate::render::list::list_json;
use crate::verify::{By, Depth, Goal, Summary};

/// The field that asks for certificates, and the one that they stand in.
pub const CERTIFY: &str = "certify";
/// See [`CERTIFY`].
pub const CERTIFICATES: &str = "certificates";

/// The scenario that certificates of changes speak of.
pub const SCENARIO: &str = "scenario";

/// What a question came to: the document of the command, or `pathproof.diagnostics/1`.
pub type Answer = Result<Value, Value>;

/// The fields of a question.
struct Given<'a>(&'a Map<String, Value>);

impl<'a> Given<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn must(&self, name: &str) -> &'a str {
        self.text(name).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let all = self.0.get(name).and_then(Value::as_array).into_iter();
        let all = all.flatten().filter_map(Value::as_str);
        all.map(str::to_owned).collect()
    }

    fn service(&self) -> &'a str {
        self.text("service").unwrap_or("all")
    }

    /// Source ports, which may be written as a number.
    fn ports(&self) -> Option<String> {
        match self.0.get("source_port")? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

impl Resident {
    /// Answers a question by the name of its command; `None` = there is no such command.
    #[must_use]
    pub fn ask(&self, command: &str, given: &Map<String, Value>) -> Option<Answer> {
        let tool = Tool::named(command)?;
        let language = language(given, self.language);
        let wrong = tool.wrong(given);
        let answer = if wrong.is_empty() {
            self.answer(tool.name, &Given(given), language)
        } else {
            Err(Unanswered(wrong))
        };
        Some(answer.map_err(|unanswered| unanswered.document(language)))
    }

    fn terms(&self) -> Terms {
        Terms { budget: self.budget, today: (self.today)() }
    }

    fn answer(
        &self,
        command: &str,
        given: &Given<'_>,
        language: Language,
    ) -> Result<Value, Unanswered> {
        match command {
            "explain" => return explain_document(given.text("code"), language),
            "schema" => return schema_document(given.text("name"), language),
            "check" => return self.check(given, language),
            "list" => return self.list(given, language),
            "lint" => return self.lint(given, language),
            "diff" => return self.diff(given, language),
            _ => {}
        }
        let book = self.book(given.text("file"))?;
        let asked = book.asked(given.text("at"))?;
        match command {
            "trace" => self.trace(&book, &asked, given, language),
            "reach" => self.reach(&asked, given, language),
            "matrix" => self.matrix(&asked, given, language),
            "whatif" => self.whatif(&book, &asked, given, language),
            "fix" => self.fix(&asked, given, language),
            _ => links(&book, &asked, given, language),
        }
    }

    fn trace(
        &self,
        book: &Book,
        asked: &Asked,
        given: &Given<'_>,
        language: Language,
    ) -> Result<Value, Unanswered> {
        let ports = given.ports();
        let between = between(given, ports.as_deref());
        let report = trace_of(asked, between, self.budget)?;
        let mut document = trace_document(asked, &report, language);
        if given.flag(CERTIFY) {
            let of = (asked, given.text("at"));
            let found = certified(of, between, &*self.digests(book)?, self.budget)?;
            document[CERTIFICATES] = found.documents().into();
        }
        Ok(document)
    }

    fn reach(
        &self,
        asked: &Asked,
        given: &Given<'_>,
        language: Language,
    ) -> Result<Value, Unanswered> {
        let ends = (given.text("from"), given.text("to"));
        if ends == (None, None) {
            return Err(Wrong::asked(Words::new(
                "`reach` needs one of the fields `from` and `to`",
                "`reach` 需要字段 `from` 或 `to`",
            ))
            .into());
        }
        let ports = given.ports();
        let sent = (given.service(), ports.as_deref());
        let found = reach_of(asked, ends, sent, self.budget)?;
        Ok(reach_document(asked, &found, language))
    }

    fn matrix(
        &self,
        asked: &Asked,
        given: &Given<'_>,
        language: Language,
    ) -> Result<Value, Unanswered> {
        let word = given.text("by").unwrap_or("endpoint");
        let by = BY.iter().find(|(_, known)| *known == word);
        let (by, word) = by.copied().unwrap_or((By::Endpoint, "endpoint"));
        let ports = given.ports();
        let service = given.service();
        let collapse = given.flag("collapse");
        let by = if collapse { by.to_collapse() } else { by };
        let matrix = matrix_of(asked, by, (service, ports.as_deref()), &self.terms())?;
        let text = matrix_document(asked, &matrix, (word, service), collapse, language);
        serde_json::from_str(&text).map_err(|error| {
            Wrong::Bug(words!("the matrix is no JSON: {error}", "矩阵不是有效的 JSON：{error}"))
                .into()
        })
    }

    fn whatif(
        &self,
        book: &Book,
        asked: &Asked,
        given: &Given<'_>,
        language: Language,
    ) -> Result<Value, Unanswered> {
        let certify = given.flag(CERTIFY);
        if certify && given.text("at").is_some() {
            return Err(Wrong::asked(only_of_base()).into());
        }
        let two = Two::by_changes(asked, &changes(given), language)?;
        let (mut document, compared) = self.compared(&two, asked, given, language)?;
        if certify {
            let (after, digests, scenario) = self.beside(book, &two.written)?;
            let own = self.digests(book)?;
            let before = certified_side((asked, None), &compared.found, &own, self.budget);
            let of = (&after, Some(WHATIF));
            let after = certified_side(of, &compared.found, &digests, self.budget);
            document[SCENARIO] = scenario;
            document[CERTIFICATES] = [before.documents(), after.documents()].concat().into();
        }
        Ok(document)
    }

    fn diff(&self, given: &Given<'_>, language: Language) -> Result<Value, Unanswered> {
        let old = self.book(given.text("file"))?.asked(None)?;
        let new = self.book(given.text("new"))?.asked(given.text("at"))?;
        let two = Two::of_files(&old, &new, language);
        let (mut document, compared) = self.compared(&two, &old, given, language)?;
        if given.flag(CERTIFY) {
            let mut documents = Vec::new();
            for (name, asked, at) in [("file", &old, None), ("new", &new, given.text("at"))] {
                let digests = self.digests(&*self.book(given.text(name))?)?;
                let found = certified_side((asked, at), &compared.found, &digests, self.budget);
                documents.extend(found.documents());
            }
            document[CERTIFICATES] = documents.into();
        }
        Ok(document)
    }

    fn compared(
        &self,
        two: &Two,
        asked: &Asked,
        given: &Given<'_>,
        language: Language,
    ) -> Result<(Value, Compared), Unanswered> {
        let ports = given.ports();
        let asking = Asking {
            intent: given.text("intent").map(|text| ("intent", text)),
            depth: if given.flag("reasons") { Depth::Reasons } else { Depth::Connectivity },
            source_port: ports.as_deref(),
        };
        let compared = compare(two, Some(asked), &asking, &self.terms())?;
        Ok((difference_document(two, &compared, language), compared))
    }

    fn fix(
        &self,
        asked: &Asked,
        given: &Given<'_>,
        language: Language,
    ) -> Result<Value, Unanswered> {
        let limit = given.0.get("limit").and_then(Value::as_u64).unwrap_or(3);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let goal = if given.flag("close") { Goal::Close } else { Goal::Open };
        let ports = given.ports();
        let between = between(given, ports.as_deref());
        let asked = asked.changed(&changes(given), language)?;
        let found = fix_of(&asked, between, (goal, limit), &self.terms())?;
        Ok(fix_document(&asked, &found, between, goal, language))
    }

    fn check(&self, given: &Given<'_>, language: Language) -> Result<Value, Unanswered> {
        let books = match given.text("file") {
            Some(_) => vec![self.book(given.text("file"))?],
            None => self.books(),
        };
        let today = (self.today)();
        let mut whole = Summary::default();
        let mut files = Vec::new();
        for book in &books {
            let (value, summary) = book.checked(&today, (self.budget, language));
            whole.count(&summary);
            files.push(value);
        }
        let mut document = run_json(&files, &whole);
        if given.flag(CERTIFY) {
            let mut documents = Vec::new();
            for book in books.iter().filter(|book| book.is_usable()) {
                let asked = book.asked(None)?;
                let of = (&*asked.scenario, asked.base());
                let digests = self.digests(book)?;
                let found = certified_expectations(of, &digests, |_| true, self.budget);
                documents.extend(found.documents());
            }
            document[CERTIFICATES] = documents.into();
        }
        Ok(document)
    }

    fn list(&self, given: &Given<'_>, language: Language) -> Result<Value, Unanswered> {
        let books = match given.text("file") {
            Some(_) => vec![self.book(given.text("file"))?],
            None => self.books(),
        };
        let words = given.texts("only").into_iter();
        let words: Vec<String> = words.map(|word| word.to_lowercase()).collect();
        let files =
            books.iter().map(|book| list_document(&book.path, book.read(), &words, language));
        Ok(list_json(&files.collect::<Vec<_>>()))
    }

    fn lint(&self, given: &Given<'_>, language: Language) -> Result<Value, Unanswered> {
        let book = self.book(given.text("file"))?;
        let at = given.text("at");
        let switches = Switches(Vec::new());
        let path = visible(&book.path).into_owned();
        let report = lint_of(path, book.read(), (at, self.budget), &switches)?;
        Ok(lint_json(&[report], language))
    }
}

/// The changes of a question, with the names that they have on the command line.
fn changes(given: &Given<'_>) -> Vec<(String, String)> {
    let texts = given.texts("changes").into_iter().zip(1..);
    let named = texts.map(|(text, number)| (format!("--change #{number}"), text));
    named.collect()
}

fn between<'a>(given: &Given<'a>, source_port: Option<&'a str>) -> Between<'a> {
    Between {
        from: given.must("from"),
        to: given.must("to"),
        service: given.service(),
        source_port,
    }
}

fn links(
    book: &Book,
    asked: &Asked,
    given: &Given<'_>,
    language: Language,
) -> Result<Value, Unanswered> {
    let address = given.text("ip").map(|text| {
        text.parse()
            .map_err(|_| Wrong::asked(words!("`{text}` is no IP address", "`{text}` 不是 IP 地址")))
    });
    let filter = link_filter(asked, &book.path, given.text("vpc"), address.transpose()?)?;
    Ok(links_document(asked, filter, language))
}
