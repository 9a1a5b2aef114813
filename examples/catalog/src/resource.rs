//! The handlers of every entity: list, create, read, change, delete.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use persistence::{
    Conflict, Draft, Entity, Error, Filter, Page, PrimaryKey, Record, RecordKey, Repository, Value,
};
use serde_json::{Map, json};

use crate::access::Rights;
use crate::cost::FilterLimits;
use crate::json::{apply, object};
use crate::listing::Listing;
use crate::shop::Bookshop;
use crate::{Problem, Shares, Shop};

type Answer = Result<Response, Problem>;

/// `GET /books`: a page of rows, with links to its neighbours.
pub async fn list<E: Entity>(
    State(shop): State<Shop>,
    Extension(rights): Extension<Rights>,
    Extension(limits): Extension<FilterLimits>,
    Extension(shares): Extension<Shares>,
    uri: Uri,
) -> Answer
where
    dyn Bookshop: Repository<E>,
{
    let listing = Arc::new(Listing::of_url(E::meta(), &uri, &limits)?);
    rights.check_filter(E::meta(), listing.filter())?;
    let _turn = if listing.is_heavy() { Some(shares.heavy().await?) } else { None };
    let asked = Arc::clone(&listing);
    let (page, count) = shop
        .read(move |shop| {
            let query = asked.query::<E>();
            // A stored value that is not of its column's type hides no row.
            let page: Page<Record> =
                Repository::<E>::record_page(shop, &query, &asked.start, asked.limit)?;
            let is_counted = asked.is_counted;
            let count = is_counted.then(|| Repository::<E>::count(shop, &query.filter));
            Ok((page, count.transpose()?))
        })
        .await?;

    let items: Vec<_> = page.rows.iter().map(|row| object(E::meta(), row)).collect();
    let url = |start| listing.url_of(uri.path(), start);
    let previous = page.previous.as_ref().and_then(url);
    let next = page.next.as_ref().and_then(url);
    let mut body = json!({ "items": items, "previous": previous, "next": next });
    if let (Some(count), Some(body)) = (count, body.as_object_mut()) {
        body.insert("count".to_owned(), count.into());
    }
    let links = [("prev", previous), ("next", next)];
    let links = links
        .iter()
        .filter_map(|(relation, url)| Some(format!("<{}>; rel=\"{relation}\"", url.as_ref()?)));
    let links = HeaderValue::from_str(&links.collect::<Vec<_>>().join(", "));
    let mut response = Json(body).into_response();
    if let Some(links) = links.ok().filter(|links| !links.is_empty()) {
        response.headers_mut().insert(header::LINK, links);
    }
    Ok(response)
}

/// `POST /books`: a new row.
pub async fn create<E: Entity>(
    State(shop): State<Shop>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer
where
    dyn Bookshop: Repository<E>,
{
    let mut row = Record(vec![Value::Null; E::meta().columns.len()]);
    apply::<E>(&members(&headers, body)?, &mut row)?;
    let draft = E::Draft::from_record(row)?;
    let row: E = shop.write(move |shop| shop.insert(draft.clone())).await?;
    let location = format!("/{}/{}", E::meta().table, row.key().to_record_key());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], one(&row)).into_response())
}

/// `GET /books/7`: one row.
pub async fn read<E: Entity>(State(shop): State<Shop>, Path(key): Path<String>) -> Answer
where
    dyn Bookshop: Repository<E>,
{
    let key = key_of::<E>(&key)?;
    let row: E = shop.read(move |shop| stored(shop, &key)).await?;
    Ok(one(&row).into_response())
}

/// `PATCH /books/7`: changes the columns in the body, where the row is still the one that
/// `If-Match` names.
pub async fn change<E: Entity>(
    State(shop): State<Shop>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answer
where
    dyn Bookshop: Repository<E>,
{
    let key = key_of::<E>(&key)?;
    let Some(expected) = Expected::of(&headers)? else {
        return Err(Problem::new(
            StatusCode::PRECONDITION_REQUIRED,
            "precondition-required",
            "Which state of the row is meant is not said",
            "send If-Match with the ETag of the row as it was read, or * for any",
        ));
    };
    let members = members(&headers, body)?;
    let row: E = shop
        .write(move |shop| {
            let theirs: E = stored(shop, &key)?;
            let mut mine = theirs.to_record();
            apply::<E>(&members, &mut mine)?;
            if !expected.fits(&theirs) {
                return Err(conflict(Some(mine), &theirs));
            }
            shop.update_from(&theirs, E::from_record(mine)?)
        })
        .await?;
    Ok(one(&row).into_response())
}

/// `DELETE /books/7`: deletes the row, and what goes with it; where `If-Match` is sent, only the
/// row it names.
pub async fn delete<E: Entity>(
    State(shop): State<Shop>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Answer
where
    dyn Bookshop: Repository<E>,
{
    let key = key_of::<E>(&key)?;
    let expected = Expected::of(&headers)?;
    shop.write(move |shop| {
        let (Some(Expected::Version(version)), Some(column)) = (&expected, version_column::<E>())
        else {
            return Repository::<E>::delete(shop, &key);
        };
        let row = Filter::key(E::meta(), &key.to_record_key());
        let row = row.and(Filter::equals(column, Value::Integer(*version)));
        match Repository::<E>::delete_where(shop, &row)? {
            0 => Err(conflict(None, &stored::<E>(shop, &key)?)),
            _ => Ok(()),
        }
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The row that a request wants to find as it knows it.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Any,
    Version(i64),
}

impl Expected {
    fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Some(Self::Any));
        }
        let version = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let version = version.and_then(|version| version.parse().ok()).ok_or_else(|| {
            Problem::bad_request(format!("If-Match: expected an ETag of a row or *, got {text}"))
        })?;
        Ok(Some(Self::Version(version)))
    }

    fn fits<E: Entity>(self, row: &E) -> bool {
        match (self, version(row)) {
            (Self::Version(expected), Some(version)) => expected == version,
            _ => true,
        }
    }
}

fn version<E: Entity>(row: &E) -> Option<i64> {
    row.value(E::meta().version?).as_integer()
}

fn version_column<E: Entity>() -> Option<&'static str> {
    Some(E::meta().columns.get(E::meta().version?)?.name)
}

fn conflict<E: Entity>(mine: Option<Record>, theirs: &E) -> Error {
    Conflict {
        entity: E::meta().name,
        key: theirs.key().to_record_key(),
        base: None,
        mine,
        theirs: Some(theirs.to_record()),
    }
    .into()
}

/// The row with that primary key.
fn stored<E: Entity>(shop: &mut (dyn Bookshop + 'static), key: &E::Key) -> persistence::Result<E>
where
    dyn Bookshop: Repository<E>,
{
    Repository::<E>::find(shop, key)?.ok_or_else(|| Error::NotFound {
        entity: E::meta().name,
        wanted: Filter::key(E::meta(), &key.to_record_key()).to_string(),
    })
}

/// A row as the answer, with its version as the `ETag`.
fn one<E: Entity>(row: &E) -> impl IntoResponse {
    let mut headers = HeaderMap::new();
    let tag = version(row).map(|version| HeaderValue::from_str(&format!("\"{version}\"")));
    if let Some(Ok(tag)) = tag {
        headers.insert(header::ETAG, tag);
    }
    (headers, Json(object(E::meta(), &row.to_record())))
}

/// The primary key in a path; a text that is none names no row.
fn key_of<E: Entity>(text: &str) -> Result<E::Key, Problem> {
    let column = E::meta().key_columns().next();
    column
        .and_then(|column| column.column_type.parse(text).ok())
        .and_then(|value| E::Key::from_record_key(RecordKey(vec![value])).ok())
        .ok_or_else(|| {
            Error::NotFound { entity: E::meta().name, wanted: format!("the key {text:?}") }.into()
        })
}

/// The members of the object that a request brings.
fn members(
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Map<String, serde_json::Value>, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !["application/json", "application/merge-patch+json"].contains(&kind) {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "The body is of another type",
            format!("expected application/json, got {kind:?}"),
        ));
    }
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The body is too large",
            rejection.body_text(),
        ),
        _ => Problem::bad_request(rejection.body_text()),
    })?;
    serde_json::from_slice(&body)
        .map_err(|error| Problem::bad_request(format!("expected a JSON object: {error}")))
}
