# Миграции и чем база данных отличается от того, что ожидает программа.
migrations-look = Проверить базу данных снова
migrations-looking = Проверяем базу данных …
migrations-run = Выполнить ожидающие
migrations-run-hint = Привести таблицы к тому, что ожидает программа
migrations-revert = Откатить последнюю
migrations-revert-hint = Отменить то, что сделала последняя применённая миграция; данные могут быть потеряны
migrations-stop = Остановить
migrations-stop-hint = Остановиться после миграции, которая выполняется
migrations-none-to-run = Все миграции применены
migrations-none-to-revert = Ни одна миграция не применена, или последняя неизвестна программе
migrations-read-only = Соединение только для чтения
migrations-staged = Есть незаписанные правки, они относятся к таблицам в их нынешнем виде: сначала запишите или отмените их
migrations-committing = Правки записываются
migrations-running = Миграции выполняются
migrations-list = Миграции
migrations-empty = У этой программы нет миграций
migrations-applied = применена
migrations-pending = ожидает
migrations-unknown = неизвестна программе
migrations-pending-count = { $count ->
    [0] все применены
    [one] ожидает { $count } миграция
    [few] ожидают { $count } миграции
   *[other] ожидают { $count } миграций
}
migrations-drift = Отличия от того, что ожидает программа
migrations-fits = Все таблицы такие, как ожидает программа
migrations-harmless = ничему не мешает
migrations-read-only-table = только для чтения
migrations-unreadable-table = нельзя прочитать
migrations-open = Показать строки: { $entity }
migrations-progress-run = Выполняется { $name } ({ $number } из { $all })
migrations-progress-revert = Откатывается { $name }
migrations-ran = Миграции выполнены, последняя из них { $name }
migrations-reverted = Миграция { $name } откачена
migrations-ask-run = { $count ->
    [one] Выполнить { $count } миграцию?
    [few] Выполнить { $count } миграции?
   *[other] Выполнить { $count } миграций?
}
migrations-ask-revert = Откатить последнюю миграцию?
migrations-ask-more = и ещё { $count }
migrations-run-means = Таблицы базы данных изменятся для всех, кто ею пользуется.
migrations-revert-means = Таблицы и столбцы, которые она создала, будут удалены со всем содержимым. Эти данные нельзя будет вернуть.
migrations-ask-run-yes = Выполнить
migrations-ask-revert-yes = Откатить
drift-reason = Таблица { $table } не такая, как ожидает программа, и не записывается: { $drifts }.
drift-reason-unreadable = Таблица { $table } не такая, как ожидает программа, её нельзя ни прочитать целиком, ни записать: { $drifts }.
drift-may-mend = { $count ->
    [one] Это может исправить ожидающая миграция: { $names }.
    [few] Это могут исправить ожидающие миграции: { $names }.
   *[other] Это могут исправить ожидающие миграции: { $names }.
}
drift-show-migrations = Показать миграции
drift-missing-table = нет таблицы { $table }
drift-missing-column = нет столбца { $column }
drift-extra-column = столбец { $column } неизвестен программе
drift-required-column = столбец { $column } обязателен, но неизвестен программе: добавить строку нельзя
drift-other-type = тип столбца { $column } — { $found }, ожидался { $expected }
drift-other-collation = столбец { $column } сравнивается по { $found }: порядок строк может быть другим
drift-not-generated = база данных сама не заполняет столбец { $column }
drift-takes-null = столбец { $column } может быть пустым, чего программа не ожидает
drift-takes-no-null = столбец { $column } не может быть пустым, чего программа не ожидает
drift-no-key = нет первичного ключа, ожидался { $expected }
drift-other-key = первичный ключ — { $found }, ожидался { $expected }
drift-missing-unique = ничто не мешает значениям { $columns } повторяться
drift-missing-reference = ничто не мешает столбцу { $column } ссылаться на несуществующую строку { $table }
drift-other-on-delete = при удалении строки, на которую ссылается { $column }, база данных делает { $found }, ожидалось { $expected }
drift-missing-index = нет индекса по { $column }: удаление и переходы по ссылкам медленные
