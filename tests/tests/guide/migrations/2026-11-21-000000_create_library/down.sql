DROP TABLE book_genres;
DROP TABLE genres;
DROP TABLE reviews;
DROP TABLE books;
DROP TABLE categories;
DROP TABLE biographies;
DROP TABLE authors;
