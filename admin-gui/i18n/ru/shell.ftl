# The window around it all: top bar, navigation, status bar, settings.
shell-entities = Таблицы
shell-no-entities = Нет ни одной таблицы
shell-local = локально
shell-read-write = чтение и запись
shell-read-only = только чтение
shell-read-only-reason = Соединение только для чтения
shell-production = боевая база
shell-new = Создать
shell-filter-hint = Фильтр: price > 10 and title ~ "дюна"
shell-clear-order = Вернуть обычный порядок
shell-rows-of = строки { $first }–{ $last } из { $total }
shell-rows = строки { $first }–{ $last }
shell-no-rows = строк нет
shell-milliseconds = { $time } мс
shell-saved = Сохранено
shell-actions = Действия
shell-action-running = { $name } …
shell-action-done = { $name }: { $count } { $count ->
    [one] строка
    [few] строки
   *[many] строк
}
shell-action-too-many = Строк больше, чем { $limit }: выберите меньше.
shell-record-gone = Этой записи больше нет
record-failed = Не удалось прочитать запись
shell-broke-off = Работа неожиданно прервалась: { $message }
shell-worker-stopped = Фоновый поток базы данных остановился и запущен снова
shell-database = База данных
page-diagram = Схема
page-overview = Обзор
page-history = История
page-query-log = Журнал запросов
page-migrations = Миграции
pane-close = Закрыть: { $title }
pane-unsaved = не сохранено
palette-hint = Таблица, запись, действие …
palette-row-hint = Номер строки
palette-nothing = Ничего не подходит
palette-row = Строка { $row }
palette-of = из { $total }
palette-looking = Поиск записей …
closing-title = Сохранить изменения в { $count } { $count ->
    [one] записи
   *[other] записях
}?
closing-and-more = и ещё { $count }
closing-discard = Не сохранять
closing-cancel = Отмена
