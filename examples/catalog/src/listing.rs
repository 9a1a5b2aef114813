//! A page of rows as a URL asks for it: filter, sort, place, size.

use axum::extract::Query as UrlQuery;
use axum::http::Uri;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use persistence::{Cursor, EntityMeta, Filter, FilterError, Order, PageStart, Query};
use serde::{Deserialize, Serialize};

use crate::Problem;
use crate::cost::{Cost, FilterLimits};

/// Rows on a page, unless the URL says otherwise.
pub const DEFAULT_LIMIT: u64 = 20;
/// Rows on a page at most.
pub const MAX_LIMIT: u64 = 200;

/// What a URL may say, as it says it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sort: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

/// A page that was asked for, checked against its entity.
#[derive(Clone, Debug)]
pub struct Listing {
    parameters: Parameters,
    filter: Filter,
    order: Order,
    /// Where the page is among the rows.
    pub start: PageStart,
    /// Rows at most.
    pub limit: u64,
    /// Whether all rows that the filter finds are counted.
    pub is_counted: bool,
    is_heavy: bool,
}

/// A place among rows, with the order it is a place in.
#[derive(Deserialize, Serialize)]
struct Token {
    sort: String,
    place: Cursor,
}

impl Listing {
    /// The page that a URL asks for.
    ///
    /// # Errors
    /// 400 that names the parameter, and for a filter or an order the character, or the limit that
    /// the filter is beyond.
    pub fn of_url(meta: &EntityMeta, uri: &Uri, limits: &FilterLimits) -> Result<Self, Problem> {
        let UrlQuery(parameters) = UrlQuery::<Parameters>::try_from_uri(uri)
            .map_err(|error| Problem::bad_request(error.body_text()))?;
        let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let detail = format!("limit: expected a number from 1 to {MAX_LIMIT}, got {limit}");
            return Err(Problem::bad_request(detail));
        }
        let in_parameter = |name: &'static str| {
            move |error: FilterError| Problem::from(error).with("parameter", name.into())
        };
        let filter = parameters.filter.as_deref().unwrap_or_default();
        let filter = Filter::parse(meta, filter).map_err(in_parameter("filter"))?;
        let cost = Cost::of(&filter);
        cost.check(limits)?;
        let order = parameters.sort.as_deref().unwrap_or_default();
        let order = Order::parse(meta, order)
            .and_then(|order| order.resolve(meta))
            .map_err(in_parameter("sort"))?;
        let start = match (&parameters.after, &parameters.before) {
            (None, None) => PageStart::First,
            (Some(after), None) => PageStart::After(place("after", after, &order)?),
            (None, Some(before)) => PageStart::Before(place("before", before, &order)?),
            (Some(_), Some(_)) => {
                return Err(Problem::bad_request("expected after or before, got both"));
            }
        };
        let is_counted = parameters.count.unwrap_or(false);
        let is_heavy = is_counted || cost.is_heavy();
        Ok(Self { parameters, filter, order, start, limit, is_counted, is_heavy })
    }

    /// Which rows.
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Whether the database may have to read many rows for it.
    pub const fn is_heavy(&self) -> bool {
        self.is_heavy
    }

    /// The rows to find.
    pub fn query<E: persistence::Entity>(&self) -> Query<E> {
        let mut query = Query::new();
        query.filter = self.filter.clone();
        query.order = self.order.clone();
        query
    }

    /// The URL of a neighbouring page.
    pub fn url_of(&self, path: &str, start: &PageStart) -> Option<String> {
        let (after, before) = match start {
            PageStart::First | PageStart::Last => (None, None),
            PageStart::After(place) => (self.token(place), None),
            PageStart::Before(place) => (None, self.token(place)),
        };
        let parameters = Parameters { after, before, ..self.parameters.clone() };
        // A value of these types always has a form in a URL.
        Some(format!("{path}?{}", serde_urlencoded::to_string(parameters).ok()?))
    }

    fn token(&self, place: &Cursor) -> Option<String> {
        let token = Token { sort: self.order.to_string(), place: place.clone() };
        Some(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).ok()?))
    }
}

fn place(parameter: &str, text: &str, order: &Order) -> Result<Cursor, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let token: Option<Token> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let Some(token) = token else {
        let detail = format!("{parameter}: expected the cursor of a page, got {text:?}");
        return Err(Problem::bad_request(detail));
    };
    if token.sort != order.to_string() {
        let detail = format!(
            "{parameter}: the cursor belongs to sort={}, and the URL has sort={order}",
            token.sort
        );
        return Err(Problem::bad_request(detail));
    }
    Ok(token.place)
}
