entity-books = Книги
    .one = Книга
entity-authors = Авторы
    .one = Автор
entity-users = Пользователи
    .one = Пользователь
entity-addresses = Адреса
    .one = Адрес

column-books-id = ID
column-books-title = Название
column-books-author_id = Автор
column-books-isbn = ISBN
column-books-published_on = Издана
column-books-price = Цена
column-books-in_print = В продаже
column-books-version = Версия

column-authors-id = ID
column-authors-name = Имя
column-authors-born_on = Дата рождения
column-authors-biography = Биография
column-authors-version = Версия

column-users-id = ID
column-users-name = Имя
column-users-age = Возраст
column-users-created_at = Создан
column-users-version = Версия

column-addresses-id = ID
column-addresses-email_address = Электронная почта
column-addresses-user_id = Пользователь
column-addresses-version = Версия
