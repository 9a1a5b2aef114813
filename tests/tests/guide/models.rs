//! The library that the guide is about.

use persistence::Entity;

pub mod schema {
    diesel::table! {
        authors (id) { id -> BigInt, name -> Text, born -> Nullable<Integer> }
    }

    diesel::table! {
        books (id) {
            id -> BigInt,
            title -> Text,
            year -> Nullable<Integer>,
            pages -> Integer,
            author_id -> BigInt,
            category_id -> Nullable<BigInt>,
            version -> BigInt,
        }
    }

    diesel::table! {
        biographies (id) { id -> BigInt, author_id -> BigInt, body -> Text }
    }

    diesel::table! {
        categories (id) { id -> BigInt, name -> Text, parent_id -> Nullable<BigInt> }
    }

    diesel::table! {
        reviews (id) { id -> BigInt, book_id -> Nullable<BigInt>, stars -> Integer }
    }

    diesel::table! {
        genres (id) { id -> BigInt, name -> Text }
    }

    diesel::table! {
        book_genres (book_id, genre_id) { book_id -> BigInt, genre_id -> BigInt }
    }

    diesel::allow_tables_to_appear_in_same_query!(authors, books);
}
use schema::{authors, biographies, book_genres, books, categories, genres, reviews};

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = authors)]
#[entity(has_many(books: Book.author_id, order = title))] // 1-n
#[entity(has_one(biography: Biography.author_id))] // 1-1
pub struct Author {
    #[entity(key, generated)]
    pub id: i64,
    #[entity(unique)]
    pub name: String,
    pub born: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = books)]
#[entity(has_many(reviews: Review.book_id))]
#[entity(many_to_many(genres: Genre, through = BookGenre(book_id, genre_id), order = name))]
pub struct Book {
    #[entity(key, generated)]
    pub id: i64,
    pub title: String,
    pub year: Option<i32>,
    pub pages: i32,
    #[entity(references(Author, on_delete = restrict))] // n-1: Book::AUTHOR
    pub author_id: i64,
    #[entity(references(Category, on_delete = set_null))]
    pub category_id: Option<i64>,
    #[entity(version)]
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = biographies)]
pub struct Biography {
    #[entity(key, generated)]
    pub id: i64,
    #[entity(unique, references(Author, on_delete = cascade))]
    pub author_id: i64,
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = categories)]
#[entity(has_many(children: Category.parent_id, order = name))]
pub struct Category {
    #[entity(key, generated)]
    pub id: i64,
    pub name: String,
    #[entity(references(Category, on_delete = restrict))] // to itself: Category::PARENT
    pub parent_id: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = reviews)]
pub struct Review {
    #[entity(key, generated)]
    pub id: i64,
    #[entity(references(Book, on_delete = cascade, orphan = delete))]
    pub book_id: Option<i64>,
    pub stars: i32,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = genres)]
#[entity(many_to_many(books: Book, through = BookGenre(genre_id, book_id), order = title))]
pub struct Genre {
    #[entity(key, generated)]
    pub id: i64,
    #[entity(unique)]
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Entity)]
#[entity(table = book_genres)]
pub struct BookGenre {
    #[entity(key, references(Book, on_delete = cascade))]
    pub book_id: i64,
    #[entity(key, references(Genre, on_delete = cascade))]
    pub genre_id: i64,
}
