# The overview.
overview-note = { $entities } { $entities ->
    [one] таблица
    [few] таблицы
   *[many] таблиц
}
overview-refresh = Пересчитать всё
overview-refresh-section = Пересчитать: { $section }
overview-rows = Строки
overview-growth = Рост
overview-nulls = Незаполненные значения
overview-computing = вычисляется…
overview-no-rows = Строк пока нет
overview-growth-spoken = { $entity }: { $count } { $count ->
    [one] строка создана
    [few] строки созданы
   *[many] строк создано
} с { $first } по { $last }
