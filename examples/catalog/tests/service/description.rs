//! The service's description of itself.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{Service, request};

const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

async fn document(service: &Service) -> Value {
    service.get("/openapi.json").await.is(StatusCode::OK).body
}

#[tokio::test]
async fn every_route_is_described_and_every_description_is_routed() {
    let service = Service::in_memory();
    let document = document(&service).await;
    let paths = document["paths"].as_object().unwrap();
    for entity in ["users", "addresses", "authors", "books"] {
        assert!(paths.contains_key(&format!("/{entity}")), "{entity}");
        assert!(paths.contains_key(&format!("/{entity}/{{key}}")), "{entity}");
    }
    assert_eq!(paths.len(), 4 * 2 + 3);
    for (path, operations) in paths {
        for method in METHODS {
            let url = path.replace("{key}", "7");
            let answer = service.send(request(method.clone(), &url, None, &Value::Null)).await;
            let is_routed = answer.status != StatusCode::METHOD_NOT_ALLOWED;
            let is_described = operations.get(method.as_str().to_ascii_lowercase()).is_some();
            assert_eq!(is_routed, is_described, "{method} {path}: {answer:?}");
            assert_ne!(answer.body["type"], "urn:bindery:problem:no-such-path", "{path}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_to_a_schema_and_every_operation_has_a_name_of_its_own() {
    let document = document(&Service::in_memory()).await;
    let mut references = BTreeSet::new();
    collect(&document, "$ref", &mut references);
    assert!(references.len() > 12, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let operations = document["paths"].as_object().unwrap().values();
    let operations = operations.flat_map(|path| path.as_object().unwrap().values());
    let ids: Vec<&str> =
        operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
}

#[tokio::test]
async fn the_schemas_say_what_the_entities_say() {
    let document = document(&Service::in_memory()).await;
    assert_eq!(document["openapi"], "3.1.0");
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["NewBook"]["required"], json!(["title", "author_id", "in_print"]));
    let price = &schemas["Book"]["properties"]["price"];
    assert_eq!(price["type"], json!(["number", "string", "null"]));
    assert_eq!(schemas["Book"]["properties"]["id"]["readOnly"], true);
    assert_eq!(schemas["NewBook"]["properties"]["id"], Value::Null);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let service = Service::in_memory();
    service.author("Lem").await;
    let author = service.get("/authors/1").await.body;
    assert_eq!(keys(&schemas["Author"]["properties"]), keys(&author));
}

fn collect(value: &Value, name: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(name).and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| collect(value, name, found));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, name, found)),
        _ => {}
    }
}
