//! Who may read and write what: an example of such a layer, with bearer tokens from a file.
//!
//! Without tokens there is no authentication at all: whoever reaches the service may read and
//! change everything.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use persistence::{EntityMeta, Filter, OnDelete};

use crate::{Problem, routes};

/// Letters of a token at least: what can be guessed is none.
const SHORTEST: usize = 16;
/// What anybody may see.
const OPEN: [&str; 3] = ["/health", "/ready", "/openapi.json"];

/// Who may do what, by the token that a request bears.
#[derive(Clone, Debug, Default)]
pub enum Policy {
    /// Everybody everything.
    #[default]
    Open,
    /// Whoever bears one of these tokens what it allows, nobody else anything.
    Tokens(Tokens),
}

/// Tokens, and what they allow.
#[derive(Clone, Default)]
pub struct Tokens(Arc<[(String, Rights)]>);

/// What a request may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// Who bears the token, for logs and bounds.
    pub name: Arc<str>,
    read: Tables,
    write: Tables,
}

/// Tables by name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tables {
    All,
    Only(BTreeSet<String>),
}

impl Tables {
    fn parse(names: &str) -> Result<Self, String> {
        if names == "*" {
            return Ok(Self::All);
        }
        let names: BTreeSet<String> = names.split(',').map(str::to_owned).collect();
        match names.iter().find(|name| routes::metas().iter().all(|meta| meta.table != **name)) {
            Some(unknown) => Err(format!("there is no table {unknown:?}")),
            None => Ok(Self::Only(names)),
        }
    }

    fn has(&self, table: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(table),
        }
    }
}

impl Tokens {
    /// Reads tokens, one a line: who bears it, the token, what it allows.
    ///
    /// ```
    /// use catalog::Tokens;
    /// let text = "# the shop's window\nwindow 0123456789abcdef read=books,authors\n\
    ///             stock fedcba9876543210 read=* write=books";
    /// assert!(Tokens::parse(text).is_ok());
    /// let error = Tokens::parse("window secret read=*").unwrap_err();
    /// assert_eq!(error, "line 1: the token has less than 16 letters");
    /// ```
    ///
    /// # Errors
    /// The line that is wrong, and why, without its token.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate();
        let lines = lines.map(|(number, line)| (number + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let tokens: Result<_, String> = lines
            .map(|(number, line)| {
                token(line).map_err(|message| format!("line {number}: {message}"))
            })
            .collect();
        tokens.map(Self)
    }

    fn rights(&self, request: &Request) -> Option<&Rights> {
        let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, given) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        // All of them are looked at, and all of their letters: how long that takes tells nothing.
        let mut found = None;
        for (token, rights) in self.0.iter() {
            if is_equal(token.as_bytes(), given.trim().as_bytes()) {
                found = Some(rights);
            }
        }
        found
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(_, rights)| rights)).finish()
    }
}

fn token(line: &str) -> Result<(String, Rights), String> {
    let mut words = line.split_whitespace();
    let (Some(name), Some(token)) = (words.next(), words.next()) else {
        return Err("expected a name, a token, read=… and write=…".to_owned());
    };
    if token.len() < SHORTEST {
        return Err(format!("the token has less than {SHORTEST} letters"));
    }
    let nothing = || Tables::Only(BTreeSet::new());
    let mut rights = Rights { name: name.into(), read: nothing(), write: nothing() };
    for word in words {
        match word.split_once('=') {
            Some(("read", tables)) => rights.read = Tables::parse(tables)?,
            Some(("write", tables)) => rights.write = Tables::parse(tables)?,
            _ => return Err("expected read=… or write=… behind the token".to_owned()),
        }
    }
    Ok((token.to_owned(), rights))
}

fn is_equal(one: &[u8], other: &[u8]) -> bool {
    let difference = one.iter().zip(other).fold(0, |difference, (a, b)| difference | (a ^ b));
    one.len() == other.len() && difference == 0
}

impl Rights {
    /// Everything, as where nobody asks who somebody is.
    #[must_use]
    pub fn all() -> Self {
        Self { name: "".into(), read: Tables::All, write: Tables::All }
    }

    /// Whether rows of a table may be read; who may write them may.
    fn may_read(&self, table: &str) -> bool {
        self.read.has(table) || self.write.has(table)
    }

    /// Checks that a filter looks only at rows that may be read: it tells of those it leads to.
    ///
    /// # Errors
    /// 403 that names the table.
    pub fn check_filter(&self, meta: &EntityMeta, filter: &Filter) -> Result<(), Problem> {
        match filter {
            Filter::And(filters) | Filter::Or(filters) => {
                filters.iter().try_for_each(|filter| self.check_filter(meta, filter))
            }
            Filter::Not(filter) => self.check_filter(meta, filter),
            Filter::Related { relation, filter }
            | Filter::RelatedCount { relation, filter, .. } => {
                let Some(relation) = meta.relation(relation) else { return Ok(()) };
                let target = relation.target.meta();
                if !self.may_read(target.table) {
                    return Err(forbidden("read", target.table));
                }
                self.check_filter(target, filter)
            }
            _ => Ok(()),
        }
    }

    fn check(&self, method: &Method, table: &str) -> Result<(), Problem> {
        if matches!(*method, Method::GET | Method::HEAD) {
            return if self.may_read(table) { Ok(()) } else { Err(forbidden("read", table)) };
        }
        let mut tables = BTreeSet::from([table]);
        if *method == Method::DELETE {
            with_what_goes_along(&mut tables);
        }
        match tables.into_iter().find(|table| !self.write.has(table)) {
            Some(table) => Err(forbidden("write", table)),
            None => Ok(()),
        }
    }
}

/// Adds the tables whose rows a deletion deletes or changes, too.
fn with_what_goes_along(tables: &mut BTreeSet<&str>) {
    loop {
        let before = tables.len();
        for meta in routes::metas() {
            let goes_along = meta.columns.iter().filter_map(|column| column.references.as_ref());
            let mut goes_along =
                goes_along.filter(|reference| reference.on_delete != OnDelete::Restrict);
            if goes_along.any(|reference| tables.contains(reference.entity.meta().table)) {
                tables.insert(meta.table);
            }
        }
        if tables.len() == before {
            return;
        }
    }
}

fn forbidden(what: &str, table: &str) -> Problem {
    let detail = format!("the token does not allow to {what} {table}");
    Problem::new(StatusCode::FORBIDDEN, "forbidden", "This is not allowed", detail)
}

/// Answers only what the bearer of a request's token may do.
pub async fn checked(State(policy): State<Policy>, mut request: Request, next: Next) -> Response {
    let rights = match &policy {
        Policy::Open => Rights::all(),
        Policy::Tokens(_) if OPEN.contains(&request.uri().path()) => Rights::all(),
        Policy::Tokens(tokens) => {
            let Some(rights) = tokens.rights(&request) else { return unauthorized() };
            let table = request.uri().path().split('/').nth(1).unwrap_or_default();
            // Paths that lead nowhere are told to be such.
            let is_table = routes::metas().iter().any(|meta| meta.table == table);
            if let Err(problem) = rights.check(request.method(), table)
                && is_table
            {
                return problem.into_response();
            }
            rights.clone()
        }
    };
    request.extensions_mut().insert(rights);
    next.run(request).await
}

fn unauthorized() -> Response {
    let detail = "send a token that this service knows: Authorization: Bearer …";
    let title = "Who sends this is not known";
    let problem = Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", title, detail);
    let mut response = problem.into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
