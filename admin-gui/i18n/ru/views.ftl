# Сохранённые представления.
views-section = Представления
views-open = Открыть
views-rename = Переименовать
views-update = Обновить по показанному
views-delete = Удалить
views-deleted = Представление «{ $name }» удалено
views-name = Название представления
views-without-entity = Таблицы { $table } больше нет
