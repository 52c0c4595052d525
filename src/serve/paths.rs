//! What is answered where: the page and its parts, and `/api/COMMAND`.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response, Sse};
use axum::routing::{get, post};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::Site;
use super::events::Changes;
use crate::ask::{Between, Resident, TOOLS, Tool, Unanswered, Wrong, language, stage_words};
use crate::code::Language;
use crate::diagnostic::{Words, visible, words};

/// So long may a question be.
const LONGEST: usize = 1 << 20;

const PAGE: &str = include_str!("page/index.html");
/// With what it shares with the page of a report.
const SCRIPT: &str = concat!(
    include_str!("../render/page/common.js"),
    include_str!("page/form.js"),
    include_str!("page/app.js")
);
const STYLE: &str = include_str!("page/app.css");
const ICON: &str = include_str!("page/icon.svg");

const JSON: &str = "application/json";

/// Every path.
pub(super) fn routes(site: Arc<Site>) -> Router {
    Router::new()
        .route("/", get(|| async { part("text/html; charset=utf-8", PAGE) }))
        .route("/app.js", get(|| async { part("text/javascript; charset=utf-8", SCRIPT) }))
        .route("/app.css", get(|| async { part("text/css; charset=utf-8", STYLE) }))
        .route("/icon.svg", get(|| async { part("image/svg+xml", ICON) }))
        .route("/picture", get(picture))
        .route("/api/stages", get(|| async { json(StatusCode::OK, &stage_words()) }))
        .route("/api/state", get(state))
        .route("/api/events", get(events))
        .route("/api/source", post(source))
        .route("/api/{command}", post(ask))
        .fallback(nowhere)
        .method_not_allowed_fallback(otherwise)
        .layer(DefaultBodyLimit::max(LONGEST))
        .with_state(site)
}

fn part(kind: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, kind)], text).into_response()
}

async fn ask(
    State(site): State<Arc<Site>>,
    command: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(Path(command)) = command else {
        return nowhere(State(site)).await;
    };
    let given = match fields(body) {
        Ok(given) => given,
        Err((status, message)) => return refusal(status, message, site.resident.language),
    };
    let command_name = command.clone();
    let asked = site.work(move |resident| resident.ask(&command, &given)).await;
    match asked {
        Some(Some(Ok(document))) => json(StatusCode::OK, &document),
        Some(Some(Err(diagnostics))) => json(StatusCode::BAD_REQUEST, &diagnostics),
        Some(None) => {
            let known = TOOLS.iter().map(|tool| tool.name);
            let known = known.collect::<Vec<_>>().join(", ");
            let command = visible(&command_name).into_owned();
            let wrong = Wrong::Asked {
                message: words!("there is no question `{command}`", "没有名为 `{command}` 的问题"),
                help: Some(words!("there are {known}", "可用的问题：{known}")),
            };
            unanswered(StatusCode::NOT_FOUND, &wrong.into(), site.resident.language)
        }
        None => failed(site.resident.language),
    }
}

async fn state(State(site): State<Arc<Site>>) -> Response {
    match site.work(Resident::state).await {
        Some(mut state) => {
            state["lang"] = match site.resident.language {
                Language::English => "en".into(),
                Language::Chinese => "zh".into(),
            };
            json(StatusCode::OK, &state)
        }
        None => failed(site.resident.language),
    }
}

/// A line whenever the files have changed, for as long as the page listens.
async fn events(State(site): State<Arc<Site>>) -> Response {
    Sse::new(Changes::of(&site)).into_response()
}

async fn source(State(site): State<Arc<Site>>, body: Result<Bytes, BytesRejection>) -> Response {
    let given = match fields(body) {
        Ok(given) => given,
        Err((status, message)) => return refusal(status, message, site.resident.language),
    };
    let language = language(&given, site.resident.language);
    let found = site.work(move |resident| {
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        let line = given.get("line").and_then(Value::as_u64).unwrap_or(0);
        let line = usize::try_from(line).unwrap_or(0);
        resident.excerpt(text("file"), text("path").unwrap_or_default(), line)
    });
    match found.await {
        Some(Ok(value)) => json(StatusCode::OK, &value),
        Some(Err(wrong)) => unanswered(StatusCode::BAD_REQUEST, &wrong, language),
        None => failed(language),
    }
}

async fn picture(
    State(site): State<Arc<Site>>,
    given: Result<Query<Given>, QueryRejection>,
) -> Response {
    let given = match given {
        Ok(Query(Given(given))) => given,
        Err(error) => {
            let message = unreadable(&error.body_text());
            return refusal(StatusCode::BAD_REQUEST, message, site.resident.language);
        }
    };
    let language = language(&given, site.resident.language);
    // A picture is one of a trace.
    let wrong = Tool::named("trace").map_or_else(Vec::new, |tool| tool.wrong(&given));
    if !wrong.is_empty() {
        return unanswered(StatusCode::BAD_REQUEST, &Unanswered(wrong), language);
    }
    let drawn = site.work(move |resident| {
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        let between = Between {
            from: text("from").unwrap_or_default(),
            to: text("to").unwrap_or_default(),
            service: text("service").unwrap_or("all"),
            source_port: text("source_port"),
        };
        resident.picture((text("file"), text("at")), between, language)
    });
    match drawn.await {
        Some(Ok(svg)) => ([(CONTENT_TYPE, "image/svg+xml")], svg).into_response(),
        Some(Err(wrong)) => unanswered(StatusCode::BAD_REQUEST, &wrong, language),
        None => failed(language),
    }
}

async fn nowhere(State(site): State<Arc<Site>>) -> Response {
    let message = Words::new("there is nothing here", "此处没有内容");
    refusal(StatusCode::NOT_FOUND, message, site.resident.language)
}

async fn otherwise(State(site): State<Arc<Site>>) -> Response {
    let message = Words::new(
        "questions are sent with POST, the page is fetched with GET",
        "提问用 POST，页面用 GET",
    );
    refusal(StatusCode::METHOD_NOT_ALLOWED, message, site.resident.language)
}

/// The fields of a question; nothing is as good as none.
fn fields(body: Result<Bytes, BytesRejection>) -> Result<Map<String, Value>, (StatusCode, Words)> {
    let body = body.map_err(|error| (error.status(), unreadable(&error.body_text())))?;
    if body.is_empty() {
        return Ok(Map::new());
    }
    let given = serde_json::from_slice::<Given>(&body);
    given.map(|Given(given)| given).map_err(|error| {
        let message =
            words!("a question is an object in JSON: {error}", "问题应为 JSON 对象：{error}");
        (StatusCode::BAD_REQUEST, message)
    })
}

/// The fields of a question, none of them twice: one would count and the other be lost.
struct Given(Map<String, Value>);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Given;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("fields")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
                let mut given = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    let told = visible(&name).into_owned();
                    if given.insert(name, value).is_some() {
                        return Err(A::Error::custom(format!("`{told}` is given twice")));
                    }
                }
                Ok(Given(given))
            }
        }
        deserializer.deserialize_map(Reading)
    }
}

fn unreadable(error: &str) -> Words {
    words!("the question cannot be read: {error}", "无法读取问题：{error}")
}

fn json(status: StatusCode, value: &Value) -> Response {
    (status, [(CONTENT_TYPE, JSON)], value.to_string()).into_response()
}

fn unanswered(status: StatusCode, wrong: &Unanswered, language: Language) -> Response {
    json(status, &wrong.document(language))
}

/// A request that is not answered, as `pathproof.diagnostics/1`.
pub(super) fn refusal(status: StatusCode, message: Words, language: Language) -> Response {
    unanswered(status, &Wrong::asked(message).into(), language)
}

fn failed(language: Language) -> Response {
    let message = Words::new(
        "pathproof failed: this is a bug, and other questions are answered still",
        "pathproof 出错：这是程序缺陷，其他问题仍可继续提问",
    );
    refusal(StatusCode::INTERNAL_SERVER_ERROR, message, language)
}
