# Загрузить строки: из файлов и из буфера обмена.
import-title = Загрузить в «{ $entity }»
import-file = Файл
import-paste = Из буфера обмена
import-paste-hint = Строки, скопированные из таблицы или текста; можно и Ctrl V
import-from-clipboard = Содержимое буфера обмена
import-from-file = Из файла
import-no-source-hint = CSV, JSON, JSON Lines или XLSX с названиями столбцов; файл можно перетащить в окно
import-looking = Читаем …
import-seen = { $format } · { $count } { $count ->
    [one] столбец
    [few] столбца
   *[many] столбцов
}
import-sheet = Лист
import-no-file = Такого файла нет
import-unreadable = Не удалось прочитать: { $reason }
import-empty = Пусто; ожидались названия столбцов
import-no-sheet = Листа { $name } нет; есть { $sheets }
import-taking = Строки
import-insert = Добавить
import-insert-hint = Каждая строка — новая
import-update = Изменить
import-update-hint = Имеющиеся строки изменяются, прочие отклоняются;
import-upsert = Изменить или добавить
import-upsert-hint = Имеющиеся строки изменяются, прочие добавляются;
import-found-by = находятся по:
import-columns = Столбцы
import-goes-into = { $column }: куда
import-nowhere = Не загружать
import-by-key = { $column } (ключ)
import-by-label = { $column } (по названию)
import-spelling = Запись
import-numbers = Числа
import-dates = Даты
import-null = NULL
import-null-hint = Что, кроме пустого поля, означает NULL
import-no-columns = Выберите столбец хотя бы для одного столбца файла
import-twice = Два столбца попадают в «{ $column }»
import-missing = Ничто не попадает в: { $columns }
import-nothing-to-find-by = Строки находятся по { $columns }: выберите для этого столбцы
import-how = До { $count } строк откладываются: до сохранения их можно посмотреть и отменить; если их больше или новые строки приходят со своими ключами, они записываются сразу, всё или ничего.
import-check = Проверить
import-check-hint = Пробует всё и ничего не записывает
import-start = Загрузить
import-cancel = Отмена
import-close = Закрыть
import-stop = Остановить
import-checking = Проверка …
import-running = Загрузка …
import-progress = { $percent } %
import-outcome = Итог
import-checked = Из { $count } { $count ->
    [one] строки
   *[other] строк
} было бы: { $counts }
import-written = Записано: { $counts }
import-staged = Отложено: { $counts }
import-inserted = { $count ->
    [one] { $count } добавлена
   *[other] { $count } добавлено
}
import-updated = { $count ->
    [one] { $count } изменена
   *[other] { $count } изменено
}
import-unchanged = { $count } без изменений
import-rejected = { $count ->
    [one] { $count } отклонена
   *[other] { $count } отклонено
}
import-nothing = строк нет
import-line = Строка { $line }: { $reason }
import-more = … и ещё { $count }
import-saved = Отклонённые строки с причинами сохранены в { $path }
import-cancelled = Остановлено: ничего не записано
import-unknown = Неизвестно, записаны ли строки: { $reason }. Посмотрите таблицу, прежде чем загружать их снова
import-unfit = Столбцы не подходят: { $reason }
import-not-saved = Отклонённые строки не удалось сохранить в { $path }, поэтому ничего не записано: { $reason }
reason-value = { $column }: «{ $value }» — { $expected }
reason-no-key = { $column }: нет записи ({ $entity }) с ключом { $key }
reason-no-label = { $column }: нет записи ({ $entity }) с названием «{ $label }»
reason-other-label = { $column }: запись { $key } ({ $entity }) называется не «{ $label }»
reason-several-labels = { $column }: несколько записей ({ $entity }) называются «{ $label }»; укажите один из ключей { $keys }
reason-taken = { $columns }: занято записью { $key } ({ $entity })
reason-taken-line = { $columns }: занято строкой { $line }
reason-not-found = { $columns }: нет записи ({ $entity }) со значением { $values }
reason-nothing-to-find = { $columns }: пусто, а по этому находятся строки
reason-again = { $columns }: строка { $line } о той же записи
reason-field-count = Полей { $found } вместо { $expected }
reason-unclosed-quote = Кавычка, открывающая поле { $field }, не закрыта
reason-error-cell = В ячейке { $cell } ошибка { $error }
reason-unknown-name = Ни в одной из первых { $count } строк нет «{ $name }»
reason-line = Не удалось прочитать: { $problem }
