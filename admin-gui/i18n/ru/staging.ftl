# Подготовленное: изменено и ещё не записано.
staged-rows = { $count ->
    [one] Изменена { $count } строка
    [few] Изменены { $count } строки
   *[many] Изменено { $count } строк
}
staged-outside = из них вне этого фильтра: { $count } · показать
staged-is-committing = Запись …
staged-committed = { $count ->
    [one] Сохранена { $count } строка
    [few] Сохранены { $count } строки
   *[many] Сохранено { $count } строк
}
staged-was = В базе: { $value }
staged-conflict = Тем временем изменено другими на { $now }
staged-gone = Тем временем строка удалена другими
staged-obstacles = { $count ->
    [one] { $count } строку нельзя сохранить как есть
    [few] { $count } строки нельзя сохранить как есть
   *[many] { $count } строк нельзя сохранить как есть
}
staged-filled-in = Значение «{ $column }» заполняет база данных
staged-key = «{ $column }» — ключ строки, он не меняется
staged-not-all = Выберите строки по одной или блок ячеек
staged-fill-what = Сначала выберите блок ячеек: верхняя ячейка заполнит остальные
staged-paste-beyond = Отсюда нет { $count } строк, или они ещё не прочитаны: прокрутите вниз
staged-paste-wider = Отсюда нет { $count } столбцов
staged-committing = Изменения сохраняются; повторите чуть позже
review-title = { $count ->
    [one] { $count } запрос
    [few] { $count } запроса
   *[many] { $count } запросов
}
review-more = и ещё { $count }; копируются все
review-copy = Копировать
staged-not-kept = Изменения хранятся только в этом окне: { $reason }
staged-recovered = { $count ->
    [one] Восстановлена { $count } изменённая и не сохранённая строка
    [few] Восстановлены { $count } изменённые и не сохранённые строки
   *[many] Восстановлено { $count } изменённых и не сохранённых строк
}
staged-lost = { $count ->
    [one] для { $count } значения больше нет столбца
   *[many] для { $count } значений больше нет столбцов
}
staged-not-recovered = Изменённое и не сохранённое не удалось прочитать: { $reason }
staged-was-not-committed = Соединение прервано, ничего не сохранено: сохраните снова
staged-commit-unknown = Неизвестно, сохранены ли изменения: те же строки записали другие. Проверьте их, прежде чем сохранять снова
staged-others = { $count ->
    [one] В { $count } другом окне есть несохранённые изменения этой базы
    [few] В { $count } других окнах есть несохранённые изменения этой базы
   *[many] В { $count } других окнах есть несохранённые изменения этой базы
}
