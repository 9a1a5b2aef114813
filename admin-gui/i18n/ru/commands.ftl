# Names of actions: menus, palette, key hints.
command-new = Создать
command-open = Открыть запись
command-open-reference = Перейти к связанной записи
command-save = Сохранить
command-delete = Удалить
command-copy = Копировать ячейку
command-filter = Фильтр
command-search = Быстрый поиск
command-clear-filter = Сбросить фильтр
command-refresh = Обновить
command-previous-entity = Предыдущая сущность
command-next-entity = Следующая сущность
command-close = Закрыть
command-switch-theme = Тёмная или светлая тема
command-switch-language = Сменить язык
