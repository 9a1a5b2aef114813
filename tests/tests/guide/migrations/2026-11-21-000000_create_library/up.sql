CREATE TABLE authors (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    born INTEGER
);

CREATE TABLE biographies (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    author_id BIGINT NOT NULL UNIQUE REFERENCES authors (id) ON DELETE CASCADE,
    body TEXT NOT NULL
);

CREATE TABLE categories (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    parent_id BIGINT REFERENCES categories (id)
);
CREATE INDEX categories_parent ON categories (parent_id);

CREATE TABLE books (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    year INTEGER,
    pages INTEGER NOT NULL,
    author_id BIGINT NOT NULL REFERENCES authors (id),
    category_id BIGINT REFERENCES categories (id) ON DELETE SET NULL,
    version BIGINT NOT NULL
);
CREATE INDEX books_author ON books (author_id);
CREATE INDEX books_category ON books (category_id);

CREATE TABLE reviews (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    book_id BIGINT REFERENCES books (id) ON DELETE CASCADE,
    stars INTEGER NOT NULL
);
CREATE INDEX reviews_book ON reviews (book_id);

CREATE TABLE genres (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE book_genres (
    book_id BIGINT NOT NULL REFERENCES books (id) ON DELETE CASCADE,
    genre_id BIGINT NOT NULL REFERENCES genres (id) ON DELETE CASCADE,
    PRIMARY KEY (book_id, genre_id)
);
CREATE INDEX book_genres_genre ON book_genres (genre_id);
