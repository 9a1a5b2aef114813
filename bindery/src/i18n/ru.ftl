# Как называются таблицы и столбцы книжного магазина.
entity-authors = Авторы
    .one = автор
column-authors-id = №
column-authors-name = Имя
column-authors-born_on = Дата рождения
column-authors-biography = Биография
column-authors-version = Версия

entity-books = Книги
    .one = книга
column-books-id = №
column-books-title = Название
column-books-author_id = Автор
column-books-isbn = ISBN
column-books-published_on = Издана
column-books-price = Цена
column-books-in_print = В продаже
column-books-version = Версия

entity-users = Пользователи
    .one = пользователь
column-users-id = №
column-users-name = Имя
column-users-age = Возраст
column-users-created_at = Зарегистрирован
column-users-version = Версия

entity-addresses = Адреса
    .one = адрес
column-addresses-id = №
column-addresses-email_address = Электронная почта
column-addresses-user_id = Пользователь
column-addresses-version = Версия

# Что говорят правила магазина.
rule-between = должно быть от { $least } до { $most }, а не { $value }
rule-price = должно быть не меньше 0, а не { $value }
rule-date = должен быть год с 1 по 9999, а не { $value }
rule-separators = пишется без разделителей: { $plain }
rule-at-missing = должен содержать @, например name@example.org
rule-at-twice = должен содержать только один знак @
rule-local-part = перед @ должно быть от 1 до { $most } символов, без точки в начале, в конце и без двух точек подряд
rule-domain = после @ должен быть домен, например example.org
rule-empty = не может быть пустым
rule-length = { $most ->
    [one] не более { $most } символа
   *[other] не более { $most } символов
}, сейчас { $count }
rule-nul = не может содержать символ NUL, он на позиции { $position }
rule-character = не может содержать { $character }
rule-isbn-length = должно быть 10 или 13 цифр, сейчас { $count }
rule-isbn-digit = { $character } на позиции { $position } — не цифра
rule-isbn-prefix = 13 цифр должны начинаться с 978 или 979
rule-isbn-check-digit = контрольная цифра должна быть { $digit }
