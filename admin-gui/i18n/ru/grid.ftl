# The grid: header, cells, filter pills, paging.
grid-yes = да
grid-no = нет
grid-follow-reference = Ctrl-щелчок открывает запись
grid-header-hint = Щелчок сортирует, Shift-щелчок добавляет к сортировке
grid-no-match = Ничего не найдено
grid-empty = Строк пока нет
grid-failed = Не удалось прочитать строки
grid-retry = Повторить
grid-searching = Поиск: { $percent } % · найдено: { $found }
grid-reading = Чтение …
grid-stop = Остановить
grid-stopped = Поиск остановлен: просмотрены не все строки
grid-go-on = Продолжить
grid-select-row = Выбрать строку { $row }
grid-select-all = Выбрать все строки
