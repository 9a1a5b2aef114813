# Statistics of a column.
statistics-of-all = { $entity }, all rows
statistics-of-filtered = { $entity }, filtered rows
statistics-refresh = Compute the statistics anew
statistics-close = Close the statistics
statistics-rows = Rows
statistics-distinct = Distinct
statistics-least = Least
statistics-greatest = Greatest
statistics-mean = Mean
statistics-histogram = Distribution
statistics-frequent = Most frequent values
statistics-range = { $values }: { $count } { $count ->
    [one] row
   *[other] rows
}
