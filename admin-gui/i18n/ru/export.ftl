# Выбрать, скопировать, выгрузить строки.
export-selected = { $count ->
    [one] Выбрана { $count } строка
    [few] Выбраны { $count } строки
   *[many] Выбрано { $count } строк
}
export-selected-cells = Выбраны ячейки: { $count } × { $columns }
export-sum = { $column }: сумма { $sum } · среднее { $average }
export-no-numbers = складывать нечего: чисел нет
export-adding-up = подсчёт: { $percent } %
export-copying = Копирование: { $percent } %
export-copied = { $count ->
    [one] Скопирована { $count } строка
    [few] Скопированы { $count } строки
   *[many] Скопировано { $count } строк
}
export-not-copied = Системный буфер обмена не принял это: ничего не скопировано
export-too-many = Больше { $limit } строк — слишком много для буфера обмена; выгрузите их в файл
export-cancelled = Отменено: ничего не записано
export-file-failed = Не удалось записать { $path }: { $reason }
export-unfit = Строка { $row }, { $column }: { $problem }
export-title = Выгрузить: { $entity }
export-what = Строки
export-what-selected = Выбранные строки
export-what-filtered = Строки по фильтру
export-what-all = Все строки
export-format = Формат
export-columns = Столбцы
export-columns-all = Все
export-columns-none = Ни одного
export-options = Параметры
export-header = Названия столбцов в первой строке
export-guard = Обезвредить формулы
export-guard-hint = Перед текстами, которые начинаются с = + - @ и которые табличный редактор принял бы за формулы, ставится апостроф
export-path = Файл
export-format-csv = Через запятую. NULL — пустое поле, пустой текст — "".
export-format-tsv = Через табуляцию. NULL — пустое поле, пустой текст — "".
export-format-json = Один массив объектов; NULL — null.
export-format-json-lines = По объекту на строку; NULL — null.
export-format-sql = Команды INSERT для { $engine } в одной транзакции; названия по ссылкам опускаются.
export-format-xlsx = И NULL, и пустой текст — пустые ячейки.
export-format-xlsx-sheets = Лист Excel вмещает 1 048 575 строк: листов будет { $sheets }.
export-no-columns = Выберите хотя бы один столбец
export-no-path = Укажите, куда записать
export-is-folder = Это папка; добавьте имя файла
export-is-database = { $path } — база данных: поверх неё ничего не записывается
export-no-folder = Папки { $folder } нет
export-replaces = Такой файл уже есть и будет заменён
export-new-file = Новый файл
export-busy = Другая выгрузка ещё не закончена
export-start = Выгрузить
export-cancel = Отмена
export-running = Выгрузка: { $name }
export-counting = подсчёт строк …
export-progress = { $percent } % · { $speed } строк/с
export-finishing = файл завершается …
export-done = { $count ->
    [one] Записана { $count } строка
    [few] Записаны { $count } строки
   *[many] Записано { $count } строк
} в { $path } ({ $size })
export-dismiss = Закрыть
