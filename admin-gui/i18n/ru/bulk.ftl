# Изменение столбца во многих строках.
bulk-title = { $entity }: изменить строки
bulk-rows = Строки
bulk-selected = выбранные
bulk-filtered = все по этому фильтру
bulk-all = все
bulk-column = Столбец
bulk-deed = Изменение
bulk-set = Задать значение
bulk-clear = Очистить
bulk-default = Задать значение по умолчанию
bulk-replace = Заменить текст
bulk-calculate = Пересчитать
bulk-shift = Сдвинуть во времени
bulk-value = Значение
bulk-find = Найти
bulk-with = заменить на
bulk-ignore-case = Не различать прописные и строчные
bulk-whole-words = Только слово целиком
bulk-number = Число
bulk-operator = Как пересчитать
bulk-add = Прибавить
bulk-subtract = Вычесть
bulk-multiply = Умножить на
bulk-percent = Прибавить процент
bulk-amount = На сколько
bulk-unit = Чего
bulk-amount-hint = Со знаком минус — назад
bulk-minutes = минуты
bulk-hours = часы
bulk-days = дни
bulk-weeks = недели
bulk-months = месяцы
bulk-years = годы
bulk-preview = Здесь будет видно, какими станут первые строки.
bulk-new-row = новая строка
bulk-no-number = Введите число, например 10 или -2,5
bulk-no-amount = Введите целое число, например 7 или -1
bulk-find-too-long = Искомый текст слишком длинный
bulk-no-date = получилась бы дата не из годов от 1 до 9999
bulk-changes = { $count ->
    [one] Изменится { $count } строка
    [few] Изменятся { $count } строки
   *[many] Изменятся { $count } строк
}
bulk-same = { $count ->
    [one] { $count } останется прежней
   *[many] { $count } останутся прежними
}
bulk-refused = { $count ->
    [one] { $count } изменить нельзя
   *[many] { $count } изменить нельзя
}
bulk-deleted = { $count ->
    [one] { $count } отмечена к удалению и не меняется
   *[many] { $count } отмечены к удалению и не меняются
}
bulk-leave-out = { $count ->
    [one] Оставить { $count } строку как есть и изменить остальные
    [few] Оставить { $count } строки как есть и изменить остальные
   *[many] Оставить { $count } строк как есть и изменить остальные
}
bulk-looking = Просматриваются все строки: { $percent } %
bulk-staging = Строки меняются: { $percent } %
bulk-stage = { $count ->
    [0] Изменить строки
    [one] Изменить { $count } строку
    [few] Изменить { $count } строки
   *[many] Изменить { $count } строк
}
bulk-cancel = Отмена
bulk-not-written = До сохранения ничего не записывается.
bulk-staged = { $count ->
    [one] Изменена { $count } строка, ещё не сохранена
    [few] Изменены { $count } строки, ещё не сохранены
   *[many] Изменено { $count } строк, ещё не сохранены
}
bulk-left-out = осталось как было: { $count }
bulk-straight = Больше { $limit } строк не ждут сохранения: они записываются сразу, одной транзакцией. Отменить это нельзя.
bulk-straight-history = Каждое изменение есть в истории.
bulk-straight-staged = Есть другие несохранённые изменения: сначала сохраните их или откажитесь от них.
bulk-write = { $count ->
    [0] Записать строки сейчас
    [one] Записать { $count } строку сейчас
    [few] Записать { $count } строки сейчас
   *[many] Записать { $count } строк сейчас
}
bulk-writing = Строки записываются: { $percent } %
bulk-stop = Остановить
bulk-stopped = Остановлено: ничего не записано
bulk-written = { $count ->
    [one] Изменена и сохранена { $count } строка
    [few] Изменены и сохранены { $count } строки
   *[many] Изменено и сохранено { $count } строк
}
bulk-not-changed = Ничего не записано: { $reason }
bulk-unknown = Неизвестно, изменены ли строки: { $reason }. Посмотрите таблицу, прежде чем менять их ещё раз
bulk-nothing-open = { $entity }: нет столбца, который можно изменить
