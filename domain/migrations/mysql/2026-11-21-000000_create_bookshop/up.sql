CREATE TABLE users (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    age INTEGER,
    created_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT users_name_length CHECK (CHAR_LENGTH(name) BETWEEN 1 AND 200),
    CONSTRAINT users_age_in_range CHECK (age BETWEEN 0 AND 150),
    CONSTRAINT users_version_positive CHECK (version >= 1)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE addresses (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email_address VARCHAR(254) NOT NULL,
    user_id BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT addresses_email_address_unique UNIQUE (email_address),
    CONSTRAINT addresses_email_address_length CHECK (CHAR_LENGTH(email_address) BETWEEN 3 AND 254),
    CONSTRAINT addresses_version_positive CHECK (version >= 1),
    INDEX addresses_user_id_index (user_id),
    CONSTRAINT addresses_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE authors (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(200) NOT NULL,
    born_on DATE,
    -- TEXT ends at 65,535 bytes, which 100,000 characters outgrow.
    biography MEDIUMTEXT,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT authors_name_length CHECK (CHAR_LENGTH(name) BETWEEN 1 AND 200),
    CONSTRAINT authors_biography_length CHECK (CHAR_LENGTH(biography) <= 100000),
    CONSTRAINT authors_version_positive CHECK (version >= 1),
    INDEX authors_name_index (name)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE books (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    title VARCHAR(500) NOT NULL,
    author_id BIGINT NOT NULL,
    isbn VARCHAR(13),
    published_on DATE,
    price BIGINT,
    in_print BOOLEAN NOT NULL DEFAULT TRUE,
    version BIGINT NOT NULL DEFAULT 1,
    CONSTRAINT books_isbn_unique UNIQUE (isbn),
    CONSTRAINT books_title_length CHECK (CHAR_LENGTH(title) BETWEEN 1 AND 500),
    CONSTRAINT books_isbn_length CHECK (CHAR_LENGTH(isbn) IN (10, 13)),
    CONSTRAINT books_price_not_negative CHECK (price >= 0),
    CONSTRAINT books_in_print_boolean CHECK (in_print IN (0, 1)),
    CONSTRAINT books_version_positive CHECK (version >= 1),
    INDEX books_author_id_index (author_id),
    INDEX books_title_index (title),
    INDEX books_published_on_index (published_on),
    CONSTRAINT books_author_id_fkey FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE RESTRICT
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
