# What the bookshop's entities and columns are called.
entity-authors = Authors
    .one = author
column-authors-id = Id
column-authors-name = Name
column-authors-born_on = Born
column-authors-biography = Biography
column-authors-version = Version

entity-books = Books
    .one = book
column-books-id = Id
column-books-title = Title
column-books-author_id = Author
column-books-isbn = ISBN
column-books-published_on = Published
column-books-price = Price
column-books-in_print = In print
column-books-version = Version

entity-users = Users
    .one = user
column-users-id = Id
column-users-name = Name
column-users-age = Age
column-users-created_at = Joined
column-users-version = Version

entity-addresses = Addresses
    .one = address
column-addresses-id = Id
column-addresses-email_address = E-mail address
column-addresses-user_id = User
column-addresses-version = Version

# What its rules say, word for word; other languages translate them by these.
rule-between = should be from { $least } to { $most }, is { $value }
rule-price = should be 0 or more, is { $value }
rule-date = should be in the years 1 to 9999, is { $value }
rule-separators = should be written without separators: { $plain }
rule-at-missing = should contain an @, like name@example.org
rule-at-twice = should contain only one @
rule-local-part = should have 1 to { $most } characters before the @, no dot first, last or twice in a row
rule-domain = should have a domain after the @, like example.org
rule-empty = should not be empty
rule-length = should have at most { $most } characters, has { $count }
rule-nul = should not contain a NUL character, has one at position { $position }
rule-character = should not contain { $character }
rule-isbn-length = should have 10 or 13 digits, has { $count }
rule-isbn-digit = { $character } at position { $position } is not a digit
rule-isbn-prefix = 13 digits should begin with 978 or 979
rule-isbn-check-digit = check digit should be { $digit }
