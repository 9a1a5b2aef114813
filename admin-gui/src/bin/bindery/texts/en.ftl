entity-books = Books
    .one = Book
entity-authors = Authors
    .one = Author
entity-users = Users
    .one = User
entity-addresses = Addresses
    .one = Address

column-books-id = ID
column-books-title = Title
column-books-author_id = Author
column-books-isbn = ISBN
column-books-published_on = Published
column-books-price = Price
column-books-in_print = In print
column-books-version = Version

column-authors-id = ID
column-authors-name = Name
column-authors-born_on = Born
column-authors-biography = Biography
column-authors-version = Version

column-users-id = ID
column-users-name = Name
column-users-age = Age
column-users-created_at = Created
column-users-version = Version

column-addresses-id = ID
column-addresses-email_address = E-mail address
column-addresses-user_id = User
column-addresses-version = Version
