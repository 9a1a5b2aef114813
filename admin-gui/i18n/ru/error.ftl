# Что пошло не так — словами, которые подсказывают, что делать.
error-not-found = Нет записи { $entity }, где { $wanted }.
error-multiple-found = Записей { $entity }, где { $wanted }, больше одной.
error-invalid = Запись нарушает собственные правила: { $problems }
error-not-unique = У другой записи те же значения: { $columns }.
error-still-referenced = На неё ещё ссылаются записи: { $tables }.
error-reference = Она ссылается на несуществующую запись, или на неё ссылается другая: { $message }
error-no-such-reference = { $columns }: запись, на которую указывает ссылка, не существует.
error-required = { $columns }: нужно заполнить.
error-check = Нарушено правило базы данных { $rule }.
error-changed-meanwhile = Запись { $key } тем временем изменил кто-то другой.
error-deleted-meanwhile = Запись { $key } тем временем удалил кто-то другой.
error-filter = Фильтр не подходит: { $message }
error-retryable = База данных была занята, попробуйте ещё раз. ({ $message })
error-unavailable = Не удаётся подключиться к { $target }: { $message }
error-read-only = { $target } доступна только для чтения.
error-schema = База данных не подходит: { $message }
error-corrupt = База данных повреждена: { $message }
error-data = Значение нельзя использовать: { $message }
error-cancelled = Отменено.
error-other = База данных сообщает: { $message }
error-not-permitted = { $table }: вам нельзя { $action ->
    [view] видеть строки
    [add] добавлять строки
    [delete] удалять строки или то, что удаляется вместе с ними
   *[change] менять строки
}
error-column-not-permitted = { $table }: вам нельзя { $action ->
    [view] видеть «{ $column }», искать и сортировать по нему
   *[change] менять «{ $column }»
}
