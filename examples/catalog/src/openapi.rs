//! The service's description as `OpenAPI` 3.1, from the metadata of its entities.

use axum::http::Method;
use persistence::{ColumnMeta, ColumnType, EntityMeta};
use serde_json::{Map, Value, json};

use crate::Policy;
use crate::json::is_filled;
use crate::listing::{DEFAULT_LIMIT, MAX_LIMIT};

/// A description that is being put together.
#[derive(Debug, Default)]
pub struct Document {
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
}

/// What can be done with the rows of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    List,
    Create,
    Read,
    Change,
    Delete,
}

impl Document {
    /// Adds what a method of a path does.
    pub fn add(&mut self, method: &Method, path: &str, operation: Value) {
        let path = self.paths.entry(path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(method.as_str().to_ascii_lowercase(), operation);
        }
    }

    /// Adds the schemas of an entity: its rows, what is sent for a new and a changed one, a page.
    pub fn describe(&mut self, meta: &EntityMeta) {
        let all = |_: &ColumnMeta| true;
        let written = |column: &ColumnMeta| !is_filled(column);
        let needed = |column: &ColumnMeta| written(column) && !column.is_nullable;
        let row = reference(meta.name);
        let url = json!({ "type": ["string", "null"], "format": "uri-reference" });
        let page = json!({
            "type": "object",
            "required": ["items", "previous", "next"],
            "properties": {
                "items": { "type": "array", "items": row },
                "previous": url,
                "next": url,
                "count": { "type": "integer", "description": "All rows the filter finds" },
            },
        });
        self.schemas.extend([
            (meta.name.to_owned(), object(meta, all, all)),
            (format!("New{}", meta.name), object(meta, written, needed)),
            (format!("{}Change", meta.name), object(meta, written, |_| false)),
            (format!("{}Page", meta.name), page),
        ]);
    }

    /// The whole document.
    pub fn into_json(mut self, policy: &Policy) -> Value {
        self.add(&Method::GET, "/openapi.json", status("openapi", "This document"));
        self.schemas.insert("Problem".to_owned(), problem());
        let access = match policy {
            Policy::Open => {
                "There is no authentication: whoever reaches this service may read and change \
                 everything. It belongs behind something that asks who somebody is."
            }
            Policy::Tokens(_) => {
                "Each request bears a token; it says what may be read and written."
            }
        };
        let document = json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Bookshop catalog",
                "version": env!("CARGO_PKG_VERSION"),
                "description": format!("Users, addresses, authors and books. {access}"),
            },
            "paths": self.paths,
            "components": { "schemas": self.schemas },
        });
        match policy {
            Policy::Open => document,
            Policy::Tokens(_) => guarded(document),
        }
    }
}

/// The document of a service that wants a token.
fn guarded(mut document: Value) -> Value {
    let scheme = json!({ "bearer": { "type": "http", "scheme": "bearer" } });
    if let Some(components) = document.get_mut("components") {
        *components = with(components.take(), "securitySchemes", scheme);
    }
    with(document, "security", json!([{ "bearer": [] }]))
}

/// An operation of an entity.
pub fn operation(meta: &EntityMeta, operation: Operation) -> Value {
    let name = meta.name;
    let (id, summary, status, answer) = match operation {
        Operation::List => ("list", "A page of rows", "200", Some(format!("{name}Page"))),
        Operation::Create => ("create", "A new row", "201", Some(name.to_owned())),
        Operation::Read => ("read", "One row", "200", Some(name.to_owned())),
        Operation::Change => ("change", "Changes columns of a row", "200", Some(name.to_owned())),
        Operation::Delete => ("delete", "Deletes a row and what goes with it", "204", None),
    };
    let mut success = json!({ "description": summary });
    if let Some(answer) = answer {
        success = with(success, "content", content("application/json", &reference(&answer)));
    }
    if matches!(operation, Operation::Create | Operation::Read | Operation::Change) {
        let tag = json!({ "description": "The row's version", "schema": { "type": "string" } });
        success = with(success, "headers", json!({ "ETag": tag }));
    }
    let described = json!({
        "operationId": format!("{id}{name}"),
        "tags": [meta.table],
        "summary": summary,
        "parameters": parameters(operation),
        "responses": { status: success, "default": failure() },
    });
    let body = match operation {
        Operation::Create => Some(format!("New{name}")),
        Operation::Change => Some(format!("{name}Change")),
        Operation::List | Operation::Read | Operation::Delete => None,
    };
    let Some(body) = body else { return described };
    let content = content("application/json", &reference(&body));
    with(described, "requestBody", json!({ "required": true, "content": content }))
}

/// An operation that says how the service is.
pub fn status(id: &str, summary: &str) -> Value {
    let content = content("application/json", &json!({ "type": "object" }));
    json!({
        "operationId": id,
        "summary": summary,
        "responses": {
            "200": { "description": summary, "content": content },
            "default": failure(),
        },
    })
}

fn parameters(operation: Operation) -> Value {
    let text = |name: &str, description: &str| {
        let schema = json!({ "type": "string" });
        json!({ "name": name, "in": "query", "description": description, "schema": schema })
    };
    let if_match = |required: bool| {
        json!({
            "name": "If-Match", "in": "header", "required": required,
            "description": "The ETag of the row as it was read; * for any",
            "schema": { "type": "string" },
        })
    };
    let key = json!({
        "name": "key", "in": "path", "required": true, "schema": { "type": "integer" },
    });
    match operation {
        Operation::List => json!([
            text("filter", "Which rows: price > 10 and author.name ~ \"Lem\"; how much it may have is limited"),
            text("sort", "In which order: -published_on,title"),
            text("after", "The rows after this cursor, from a page's next"),
            text("before", "The rows before this cursor, from a page's previous"),
            {
                "name": "limit", "in": "query", "description": "Rows at most",
                "schema": {
                    "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT,
                },
            },
            {
                "name": "count", "in": "query",
                "description": "Whether all rows that the filter finds are counted",
                "schema": { "type": "boolean", "default": false },
            },
        ]),
        Operation::Create => json!([]),
        Operation::Read => json!([key]),
        Operation::Change => json!([key, if_match(true)]),
        Operation::Delete => json!([key, if_match(false)]),
    }
}

fn object(
    meta: &EntityMeta,
    has: impl Fn(&ColumnMeta) -> bool,
    needs: impl Fn(&ColumnMeta) -> bool,
) -> Value {
    let columns = || meta.columns.iter().filter(|column| has(column));
    let properties: Map<String, Value> =
        columns().map(|column| (column.name.to_owned(), schema(column))).collect();
    let required: Vec<&str> =
        columns().filter(|column| needs(column)).map(|column| column.name).collect();
    json!({ "type": "object", "properties": properties, "required": required })
}

fn schema(column: &ColumnMeta) -> Value {
    let (kind, more) = match column.column_type {
        ColumnType::Bool => (json!("boolean"), json!({})),
        ColumnType::Integer { bits: 64 } => (json!("integer"), json!({ "format": "int64" })),
        ColumnType::Integer { .. } => (json!("integer"), json!({ "format": "int32" })),
        ColumnType::Float => (json!("number"), json!({ "format": "double" })),
        // Text where a JSON number does not keep the digits.
        ColumnType::Decimal { .. } => (json!(["number", "string"]), json!({})),
        ColumnType::Enum { variants } => (json!("string"), json!({ "enum": variants })),
        ColumnType::Date => (json!("string"), json!({ "format": "date" })),
        ColumnType::Time => (json!("string"), json!({ "format": "time" })),
        ColumnType::Timestamp => {
            (json!("string"), json!({ "description": "Date and time, UTC: 2024-12-31T23:59:59" }))
        }
        ColumnType::Uuid => (json!("string"), json!({ "format": "uuid" })),
        ColumnType::Json => return json!({}),
        _ => (json!("string"), json!({})),
    };
    let mut kinds = match kind {
        Value::Array(kinds) => kinds,
        kind => vec![kind],
    };
    let mut schema = more;
    if column.is_nullable {
        kinds.push("null".into());
        if let Some(variants) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            variants.push(Value::Null);
        }
    }
    let kind = match kinds.as_slice() {
        [kind] => kind.clone(),
        _ => kinds.into(),
    };
    let schema = with(schema, "type", kind);
    if is_filled(column) { with(schema, "readOnly", true.into()) } else { schema }
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "RFC 9457; further members by type",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": { "type": "string", "format": "uri" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "field": { "type": "string" },
                        "message": { "type": "string" },
                    },
                },
            },
            "fields": { "type": "array", "items": { "type": "string" } },
            "column": { "type": "integer", "description": "Where a filter is wrong, from 1" },
        },
    })
}

fn failure() -> Value {
    let content = content("application/problem+json", &reference("Problem"));
    json!({ "description": "What is wrong", "content": content })
}

fn content(kind: &str, schema: &Value) -> Value {
    json!({ kind: { "schema": schema } })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// An object with one more member.
fn with(mut object: Value, member: &str, value: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
    object
}
