# Условия фильтра и их редактор.
pill-contains = содержит
pill-contains-not = не содержит
pill-starts-with = начинается с
pill-ends-with = заканчивается на
pill-is-empty = пусто
pill-is-not-empty = не пусто
pill-is-true = да
pill-is-false = нет
pill-equals = равно
pill-equals-not = не равно
pill-less = меньше
pill-at-most = не больше
pill-greater = больше
pill-at-least = не меньше
pill-between = между
pill-in-last-days = за последние … дней
pill-last = за последние
pill-days = { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[many] { $days } дней
}
pill-any-of = одно из
pill-none-of = ни одно из
pill-is-null = NULL
pill-is-not-null = не NULL
pill-missing = введите значение
pill-nothing-chosen = выберите значение
pill-wrong-order = не должно быть меньше первого значения
pill-not-days = должно быть число дней: 0, 1, 7 …
pill-add = + условие
pill-or = или
pill-remove = Убрать условие: { $condition }
pill-editor = Редактор условия
pill-search-columns = Найти столбец
pill-column = Столбец
pill-operator = Условие
pill-value = Значение
pill-second-value = Второе значение
pill-days-after = дней
pill-list-hint = а, б, "в, г"
pill-add-or = + или
pill-remove-or = Убрать этот вариант
pill-apply = Применить
