# The rows that belong to a record.
related-more-than = больше { $count }
related-show-all = показать все
related-show-all-of = Показать все: { $relation }
related-back = Назад: { $label }
related-none = нет
