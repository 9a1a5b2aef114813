//! Pages of rows.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::client::{Answer, Service};

/// What a query's text is in a URL.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |encoded, byte| format!("{encoded}%{byte:02X}"))
}

fn titles(answer: &Answer) -> Vec<&str> {
    let items = answer.body["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap()).collect()
}

async fn stocked() -> Service {
    let service = Service::in_memory();
    let lem = service.author("Stanisław Lem").await;
    let other = service.author("Станислав Другой").await;
    for (number, price) in [Some(20), None, Some(5), Some(20), Some(11)].iter().enumerate() {
        let author = if number == 3 { other } else { lem };
        service.book(&format!("Book {number}"), author, json!(price)).await;
    }
    service
}

#[tokio::test]
async fn a_url_filters_through_relations_sorts_and_counts() {
    let service = stocked().await;
    let filter = encoded("price > 10 and author.name ~ \"lem\"");
    let page = service.get(&format!("/books?filter={filter}&sort=-price,title&count=true")).await;
    let page = page.is(StatusCode::OK);
    assert_eq!(titles(&page), ["Book 0", "Book 4"]);
    assert_eq!(page.body["count"], json!(2));
    assert_eq!(page.body["next"], Value::Null);
    assert_eq!(page.body["previous"], Value::Null);
    let page = service.get(&format!("/books?filter={}", encoded("author.name ~ \"ДРУГОЙ\""))).await;
    assert_eq!(titles(&page), ["Book 3"]);
}

#[tokio::test]
async fn the_links_walk_all_rows_there_and_back() {
    let service = stocked().await;
    // Two books share a price and one has none.
    let all = ["Book 0", "Book 3", "Book 4", "Book 2", "Book 1"];
    let mut url = "/books?sort=-price,title&limit=2".to_owned();
    let mut walked = Vec::new();
    let last = loop {
        let page = service.get(&url).await.is(StatusCode::OK);
        walked.extend(titles(&page).into_iter().map(str::to_owned));
        match page.body["next"].as_str() {
            Some(next) => {
                assert!(page.header(header::LINK).contains(&format!("<{next}>; rel=\"next\"")));
                url = next.to_owned();
            }
            None => break page,
        }
    };
    assert_eq!(walked, all);
    let back = service.get(last.body["previous"].as_str().unwrap()).await;
    assert_eq!(titles(&back), ["Book 4", "Book 2"]);
}

#[tokio::test]
async fn what_a_url_gets_wrong_is_named() {
    let service = stocked().await;
    let wrong = |query: &str| {
        let (service, url) = (service.clone(), format!("/books?{query}"));
        async move { service.get(&url).await }
    };
    let filter = wrong(&format!("filter={}", encoded("price > 10 and titel ~ \"x\""))).await;
    filter.is_problem(StatusCode::BAD_REQUEST, "filter");
    assert_eq!(filter.body["parameter"], "filter");
    assert_eq!(filter.body["column"], json!(16));
    assert!(filter.body["detail"].as_str().unwrap().contains("did you mean `title`"));

    let sort = wrong("sort=-published_on,colour").await;
    sort.is_problem(StatusCode::BAD_REQUEST, "filter");
    assert_eq!(sort.body["parameter"], "sort");

    for query in [
        "limit=0",
        "limit=201",
        "limit=many",
        "page=2",
        "after=x",
        "after=e30",
        "count=perhaps",
        "filter=price&filter=id",
    ] {
        wrong(query).await.is_problem(StatusCode::BAD_REQUEST, "bad-request");
    }
}

#[tokio::test]
async fn a_cursor_is_of_its_own_order_only() {
    let service = stocked().await;
    let page = service.get("/books?sort=title&limit=2").await;
    let next = page.body["next"].as_str().unwrap();
    service.get(next).await.is(StatusCode::OK);
    let other = next.replace("sort=title", "sort=-title");
    service.get(&other).await.is_problem(StatusCode::BAD_REQUEST, "bad-request");
    let of_another_entity = next.replace("/books", "/users").replace("sort=title", "sort=name");
    let answer = service.get(&of_another_entity).await;
    answer.is_problem(StatusCode::BAD_REQUEST, "bad-request");
}
