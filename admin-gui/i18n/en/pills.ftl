# Filter pills and their editor.
pill-contains = contains
pill-contains-not = does not contain
pill-starts-with = starts with
pill-ends-with = ends with
pill-is-empty = is empty
pill-is-not-empty = is not empty
pill-is-true = is true
pill-is-false = is false
pill-equals = equals
pill-equals-not = does not equal
pill-less = is less than
pill-at-most = is at most
pill-greater = is greater than
pill-at-least = is at least
pill-between = is between
pill-in-last-days = is in the last … days
pill-last = last
pill-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
pill-any-of = is any of
pill-none-of = is none of
pill-is-null = is NULL
pill-is-not-null = is not NULL
pill-missing = type a value
pill-nothing-chosen = choose a value
pill-wrong-order = should not be smaller than the first value
pill-not-days = should be a number of days: 0, 1, 7 …
pill-add = + filter
pill-or = or
pill-remove = Remove filter: { $condition }
pill-editor = Filter editor
pill-search-columns = Find a column
pill-column = Column
pill-operator = Condition
pill-value = Value
pill-second-value = Second value
pill-days-after = days
pill-list-hint = a, b, "c, d"
pill-add-or = + or
pill-remove-or = Remove this alternative
pill-apply = Apply
