# Одно значение в поле размером с окно.
large-title = { $field } · { $row }
large-take = Применить
large-cancel = Отмена
large-give-up = Отказаться от набранного
large-asks-to-give-up = Набранное ещё не принято
large-format = Разложить по строкам
large-compact = В одну строку
large-load = Загрузить из файла…
large-save = Сохранить в файл…
large-load-now = Загрузить этот файл
large-save-now = Сохранить в этот файл
large-path = Файл
large-size = { $count ->
    [one] { $count } знак
    [few] { $count } знака
   *[other] { $count } знаков
} · { $lines ->
    [one] { $lines } строка
    [few] { $lines } строки
   *[other] { $lines } строк
}
large-too-long = Слишком длинное, чтобы набирать: можно сохранить в файл и загрузить из файла
large-part = Показано начало
large-loaded = Загружено: { $path }
large-saved = Сохранено: { $path }
large-not-loaded = Не удалось загрузить { $path }: { $reason }
large-not-saved = Не удалось сохранить { $path }: { $reason }
large-not-text = это не текст в UTF-8 (байт { $position })
large-not-json = Не JSON, строка { $line }, столбец { $column }: { $reason }
large-picture = Изображение
large-odd = Не значение типа этого столбца: остаётся как есть, пока его не заменит другое
