//! New rows, changes, deletions.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::client::{Service, request};

#[tokio::test]
async fn a_row_is_made_read_changed_and_deleted() {
    let service = Service::in_memory();
    let author = service.author("Stanisław Lem").await;
    let book = json!({
        "title": "Solaris", "author_id": author, "isbn": "9780156027601",
        "published_on": "1961-01-01", "price": 12.99, "in_print": true,
    });
    let made = service.post("/books", book).await.is(StatusCode::CREATED);
    assert_eq!(made.header(header::LOCATION), "/books/1");
    assert_eq!(made.header(header::ETAG), "\"1\"");
    let expected = json!({
        "id": 1, "title": "Solaris", "author_id": author, "isbn": "9780156027601",
        "published_on": "1961-01-01", "price": 12.99, "in_print": true, "version": 1,
    });
    assert_eq!(made.body, expected);
    assert_eq!(service.get("/books/1").await.body, expected);

    let change = json!({ "price": "9.50", "isbn": null });
    let changed = service.patch("/books/1", "\"1\"", change).await.is(StatusCode::OK);
    assert_eq!(changed.header(header::ETAG), "\"2\"");
    assert_eq!(changed.body["price"], json!(9.5));
    assert_eq!(changed.body["isbn"], Value::Null);
    assert_eq!(changed.body["title"], "Solaris");
    assert_eq!(service.get("/books/1").await.body, changed.body);

    service.delete("/books/1").await.is(StatusCode::NO_CONTENT);
    service.get("/books/1").await.is_problem(StatusCode::NOT_FOUND, "not-found");
    service.delete("/books/1").await.is_problem(StatusCode::NOT_FOUND, "not-found");
    let change = service.patch("/books/1", "*", json!({ "title": "x" })).await;
    change.is_problem(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn every_entity_is_served_alike() {
    let service = Service::in_memory();
    let user = service.post("/users", json!({ "name": "John Doe", "age": 30 })).await;
    let user = user.is(StatusCode::CREATED);
    assert!(user.body["created_at"].is_string(), "{user:?}");
    let address = json!({ "email_address": "john@example.org", "user_id": user.body["id"] });
    service.post("/addresses", address).await.is(StatusCode::CREATED);
    // What goes with the user.
    service.delete("/users/1").await.is(StatusCode::NO_CONTENT);
    service.get("/addresses/1").await.is_problem(StatusCode::NOT_FOUND, "not-found");
}

#[tokio::test]
async fn a_change_of_a_row_that_another_changed_is_refused_with_both_states() {
    let service = Service::in_memory();
    let author = service.author("Lem").await;
    service.book("Solaris", author, json!(10)).await;
    service.patch("/books/1", "\"1\"", json!({ "price": 11 })).await.is(StatusCode::OK);

    let late = service.patch("/books/1", "\"1\"", json!({ "price": 12 })).await;
    late.is_problem(StatusCode::PRECONDITION_FAILED, "conflict");
    assert_eq!(late.body["fields"], json!(["price"]));
    assert_eq!(late.body["base"], Value::Null);
    assert_eq!(late.body["mine"]["price"], json!(12.0));
    assert_eq!(late.body["theirs"]["price"], json!(11.0));
    assert_eq!(late.body["theirs"]["version"], json!(2));
    assert_eq!(service.get("/books/1").await.body["price"], json!(11.0));

    let late = request(Method::DELETE, "/books/1", Some("\"1\""), &Value::Null);
    service.send(late).await.is_problem(StatusCode::PRECONDITION_FAILED, "conflict");
    let current = request(Method::DELETE, "/books/1", Some("\"2\""), &Value::Null);
    service.send(current).await.is(StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_change_says_which_state_it_is_of() {
    let service = Service::in_memory();
    service.author("Lem").await;
    let change = json!({ "name": "Stanisław Lem" });
    let unsaid = service.send(request(Method::PATCH, "/authors/1", None, &change)).await;
    unsaid.is_problem(StatusCode::PRECONDITION_REQUIRED, "precondition-required");
    let wrong = service.patch("/authors/1", "yesterday", change.clone()).await;
    wrong.is_problem(StatusCode::BAD_REQUEST, "bad-request");
    let any = service.patch("/authors/1", "*", change).await.is(StatusCode::OK);
    assert_eq!(any.body["name"], "Stanisław Lem");
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let service = Service::in_memory();
    let wrong = json!({
        "title": 7, "author_id": "one", "price": 1.999, "in_print": null, "id": 3, "pages": 100,
    });
    let answer = service.post("/books", wrong).await;
    answer.is_problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    let mut fields: Vec<_> =
        answer.body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    fields.sort_by_key(ToString::to_string);
    assert_eq!(fields, ["author_id", "id", "in_print", "pages", "price", "title"]);

    let rules = service.post("/users", json!({ "name": " ", "age": -1 })).await;
    rules.is_problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(rules.body["errors"].as_array().map(Vec::len), Some(2), "{rules:?}");

    let missing = service.post("/authors", json!({})).await;
    missing.is_problem(StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(missing.body["errors"][0]["field"], "name");
}

#[tokio::test]
async fn rows_that_stand_against_a_write_are_told_by_their_fields() {
    let service = Service::in_memory();
    let nobody = json!({ "title": "Solaris", "author_id": 7, "in_print": true });
    let nobody = service.post("/books", nobody).await;
    nobody.is_problem(StatusCode::CONFLICT, "constraint");
    assert_eq!(nobody.body["fields"], json!(["author_id"]));

    let user = service.post("/users", json!({ "name": "John" })).await.body["id"].clone();
    let address = json!({ "email_address": "j@example.org", "user_id": user });
    service.post("/addresses", address.clone()).await.is(StatusCode::CREATED);
    let twice = service.post("/addresses", address).await;
    twice.is_problem(StatusCode::CONFLICT, "constraint");
    assert_eq!(twice.body["fields"], json!(["email_address"]));

    let author = service.author("Lem").await;
    service.book("Solaris", author, Value::Null).await;
    let needed = service.delete(&format!("/authors/{author}")).await;
    needed.is_problem(StatusCode::CONFLICT, "constraint");
    assert_eq!(needed.body["referenced_by"], json!(["books"]));
}

#[tokio::test]
async fn texts_come_back_letter_by_letter() {
    let service = Service::in_memory();
    for name in ["Ångström 𝔘𝔫𝔦", "村上 春樹", "e\u{301} is not é", "👩‍👩‍👧 \"quoted\" \\ </script>"]
    {
        let id = service.author(name).await;
        assert_eq!(service.get(&format!("/authors/{id}")).await.body["name"], name);
    }
}
