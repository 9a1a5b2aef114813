# История: кто что изменил, и как вернуть.
history-actor = Кто
history-when = Когда
history-entity = Таблица
history-every-entity = Всё
history-always = За всё время
history-day = За сутки
history-week = За неделю
history-month = За 30 дней
history-refresh = Прочитать историю заново
history-all = Показать историю всех записей
history-of-row = { $entity } { $name }
history-nobody = неизвестно
history-row = { $when } { $who }: { $what }
history-reading = Читается…
history-empty = С тех пор, как ведётся история, здесь ничего не менялось
history-older = Более ранние изменения
history-more-changes = Ещё из этих изменений
history-inserted = Добавлено
history-updated = Изменено
history-deleted = Удалено
history-updated-where = Изменено по условию
history-deleted-where = Удалено по условию
history-take-back = Вернуть как было: { $what }
history-staged = { $count ->
    [one] Подготовлена { $count } строка, чтобы стать прежней: проверьте и запишите
    [few] Подготовлены { $count } строки, чтобы стать прежними: проверьте и запишите
   *[many] Подготовлено { $count } строк, чтобы стать прежними: проверьте и запишите
}
history-nothing-staged = Ничего не подготовлено
history-conflicts = { $count } с тех пор изменены другими: решите там
history-too-many = Изменений больше { $count }: верните их по одному
history-left-bulk = { $count ->
    [one] { $count } запрос сразу ко многим строкам вернуть нельзя
    [few] { $count } запроса сразу ко многим строкам вернуть нельзя
   *[many] { $count } запросов сразу ко многим строкам вернуть нельзя
}
history-left-already = { $count ->
    [one] { $count } строка уже такая, какой была
    [few] { $count } строки уже такие, какими были
   *[many] { $count } строк уже такие, какими были
}
history-left-gone = { $count ->
    [one] { $count } строка уже удалена
    [few] { $count } строки уже удалены
   *[many] { $count } строк уже удалено
}
history-left-taken = { $count ->
    [one] на месте { $count } удалённой строки теперь другая
   *[many] на месте { $count } удалённых строк теперь другие
}
history-left-no-entity = { $count ->
    [one] { $count } изменение в таблице, которой здесь нет
    [few] { $count } изменения в таблицах, которых здесь нет
   *[many] { $count } изменений в таблицах, которых здесь нет
}
history-left-column = { $count ->
    [one] { $column } в { $count } строке не принимает прежнее значение
   *[many] { $column } в { $count } строках не принимает прежнее значение
}
