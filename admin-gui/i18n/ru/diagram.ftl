# The schema diagram.
diagram-counts = { $entities } { $entities ->
    [one] таблица
    [few] таблицы
   *[many] таблиц
} · { $references } { $references ->
    [one] ссылка
    [few] ссылки
   *[many] ссылок
}
diagram-fit = Показать целиком
diagram-zoom-in = Увеличить
diagram-zoom-out = Уменьшить
diagram-keys-only = Только ключи и ссылки
diagram-all-columns = Все столбцы
diagram-more-columns = и ещё { $count }
diagram-on-delete-restrict = Строку, на которую она ссылается, удалить нельзя
diagram-on-delete-cascade = Удаляется вместе со строкой, на которую ссылается
diagram-on-delete-set-null = Становится NULL, когда удаляется строка, на которую ссылается
diagram-entity = { $entity }, { $columns } { $columns ->
    [one] столбец
    [few] столбца
   *[many] столбцов
}
diagram-entity-refers = { $entity }, { $columns } { $columns ->
    [one] столбец
    [few] столбца
   *[many] столбцов
}, ссылается на { $targets }
