# Что удаляется вместе с записью.
deletion-title-one = Удалить «{ $label }»? ({ $entity })
deletion-title-many = { $entity }: удалить { $count ->
    [one] { $count } запись
    [few] { $count } записи
   *[many] { $count } записей
}?
deletion-looking = Выясняется, что удалится вместе с этим…
deletion-plan-failed = Не удалось выяснить, что удалится вместе с этим: { $reason }
deletion-nothing-else = Больше ничто на { $count ->
    [one] неё
   *[other] них
} не ссылается.
deletion-changed = С тех пор { $count ->
    [one] её
   *[many] их
} изменил кто-то другой; здесь то, что есть теперь.
deletion-as-tree = Показать деревом
deletion-deleting = Удаление…
deletion-too-many = За один раз можно удалить не больше { $limit } записей; сузьте фильтр
deletion-in-the-way = Эти строки ссылаются на них и не дают удалить
deletion-goes-along = Удалятся вместе с этим
deletion-loses-reference = Останутся, но их ссылка станет NULL
deletion-line = { $entity }: { $count }
deletion-line-column = { $entity }, { $column }: { $count }
deletion-at-least = не менее { $count }
deletion-and-more = { $named } · и ещё { $count }
deletion-blocked = Сначала удалите или измените то, что мешает.
deletion-delete = Удалить
deletion-cancel = Отмена
