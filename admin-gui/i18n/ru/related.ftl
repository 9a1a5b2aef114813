# The rows that belong to a record.
related-more-than = больше { $count }
related-show-all = показать все
related-show-all-of = Показать все: { $relation }
related-back = Назад: { $label }
related-none = нет
related-unfold = Изменять здесь: { $relation }
related-fold = Только список: { $relation }
related-add = Добавить в «{ $relation }»
related-open = Открыть { $row }
related-delete = Удалить { $row }
related-keep = Оставить { $row }
related-no-rows = Пока нет
