# The query log.
query-log-count = { $count ->
    [one] { $count } запрос
    [few] { $count } запроса
   *[many] { $count } запросов
}
query-log-filter = Фильтр запросов
query-log-slow-only = Медленные
query-log-clear = Забыть все запросы
query-log-time = Время
query-log-duration = Длился
query-log-rows = Строк
query-log-statement = Запрос
query-log-row = { $took }: { $statement }
query-log-empty = Запросов ещё не было
query-log-no-match = Подходящих запросов нет
query-log-close = Закрыть запрос
query-log-copy = Скопировать запрос
query-log-plan = План
query-log-no-plan = Плана нет: запрос не читает страницу строк
query-log-plan-waiting = Запрашивается план…
query-log-sorts = Строки сортируются без индекса
query-log-scans = Просматриваются все строки: для фильтра нет индекса
query-log-sorts-and-scans = Все строки просматриваются и сортируются: подходящего индекса нет
query-log-copy-index = Скопировать запрос, который создаёт индекс
query-log-values = Значения
query-log-values-hint = С этого момента и пока окно открыто, запоминаются значения параметров; они могут быть личными
query-log-hidden-values = Значения не запомнены: включите «Значения» и повторите запрос
query-log-unwritable-value = Одно из значений нельзя записать в SQL
query-log-cut = Запрос длиннее, чем запоминается
query-log-ascii-case = Собственные функции SQLite различают регистр только латинских букв без диакритики
query-log-foreign-keys = sqlite3 проверяет внешние ключи только после PRAGMA foreign_keys = ON
