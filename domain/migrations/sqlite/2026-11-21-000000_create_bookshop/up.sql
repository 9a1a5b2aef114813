CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    age INTEGER,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT users_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT users_age_in_range CHECK (age BETWEEN 0 AND 150),
    CONSTRAINT users_version_positive CHECK (version >= 1)
);

CREATE TABLE addresses (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    email_address TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT addresses_email_address_unique UNIQUE (email_address),
    CONSTRAINT addresses_email_address_length CHECK (length(email_address) BETWEEN 3 AND 254),
    CONSTRAINT addresses_version_positive CHECK (version >= 1),
    CONSTRAINT addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX addresses_user_id_index ON addresses (user_id);

CREATE TABLE authors (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    born_on DATE,
    biography TEXT,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT authors_name_length CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT authors_biography_length CHECK (length(biography) <= 100000),
    CONSTRAINT authors_version_positive CHECK (version >= 1)
);

CREATE INDEX authors_name_index ON authors (name);

CREATE TABLE books (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    title TEXT NOT NULL,
    author_id BIGINT NOT NULL,
    isbn TEXT,
    published_on DATE,
    price BIGINT,
    in_print BOOLEAN NOT NULL DEFAULT TRUE,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT books_isbn_unique UNIQUE (isbn),
    CONSTRAINT books_title_length CHECK (length(title) BETWEEN 1 AND 500),
    CONSTRAINT books_isbn_length CHECK (length(isbn) IN (10, 13)),
    CONSTRAINT books_price_not_negative CHECK (price >= 0),
    CONSTRAINT books_in_print_boolean CHECK (in_print IN (0, 1)),
    CONSTRAINT books_version_positive CHECK (version >= 1),
    CONSTRAINT books_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE RESTRICT
);

CREATE INDEX books_author_id_index ON books (author_id);
CREATE INDEX books_title_index ON books (title);
CREATE INDEX books_published_on_index ON books (published_on);
