DROP TABLE books;
DROP TABLE authors;
DROP TABLE addresses;
DROP TABLE users;
