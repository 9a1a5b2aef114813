# Statistics of a column.
statistics-of-all = { $entity }, все строки
statistics-of-filtered = { $entity }, по фильтру
statistics-refresh = Пересчитать статистику
statistics-close = Закрыть статистику
statistics-rows = Строк
statistics-distinct = Различных
statistics-least = Наименьшее
statistics-greatest = Наибольшее
statistics-mean = Среднее
statistics-histogram = Распределение
statistics-frequent = Самые частые значения
statistics-range = { $values }: { $count } { $count ->
    [one] строка
    [few] строки
   *[many] строк
}
