# The overview.
overview-note = { $entities } { $entities ->
    [one] сущность
    [few] сущности
   *[many] сущностей
}
overview-refresh = Пересчитать всё
overview-refresh-section = Пересчитать: { $section }
overview-rows = Строки
overview-growth = Рост
overview-nulls = Незаполненные значения
overview-computing = вычисляется…
overview-no-rows = Строк пока нет
