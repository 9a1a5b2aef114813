# Changing a column in many rows.
bulk-title = { $entity }: change rows
bulk-rows = Rows
bulk-selected = selected
bulk-filtered = all of this filter
bulk-all = all
bulk-column = Column
bulk-deed = Change
bulk-set = Set to a value
bulk-clear = Clear
bulk-default = Set to the default
bulk-replace = Replace text
bulk-calculate = Calculate
bulk-shift = Move in time
bulk-value = Value
bulk-find = Find
bulk-with = replace with
bulk-ignore-case = Ignore capital letters
bulk-whole-words = Whole words only
bulk-number = Number
bulk-operator = How it is calculated
bulk-add = Add
bulk-subtract = Subtract
bulk-multiply = Multiply by
bulk-percent = Add percent
bulk-amount = By
bulk-unit = Of what
bulk-amount-hint = A minus moves back
bulk-minutes = minutes
bulk-hours = hours
bulk-days = days
bulk-weeks = weeks
bulk-months = months
bulk-years = years
bulk-preview = The first rows are shown here as they would be.
bulk-new-row = new row
bulk-no-number = Type a number, such as 10 or -2.5
bulk-no-amount = Type a whole number, such as 7 or -1
bulk-find-too-long = The text to find is too long
bulk-no-date = would not be a date of the years 1 to 9999
bulk-changes = { $count ->
    [one] { $count } row changes
   *[other] { $count } rows change
}
bulk-same = { $count ->
    [one] { $count } stays the same
   *[other] { $count } stay the same
}
bulk-refused = { $count ->
    [one] { $count } cannot change
   *[other] { $count } cannot change
}
bulk-deleted = { $count ->
    [one] { $count } is to be deleted and stays out
   *[other] { $count } are to be deleted and stay out
}
bulk-leave-out = { $count ->
    [one] Leave { $count } row as it is and change the others
   *[other] Leave { $count } rows as they are and change the others
}
bulk-looking = Looking at all rows: { $percent } %
bulk-staging = Changing: { $percent } %
bulk-stage = { $count ->
    [0] Change rows
    [one] Change { $count } row
   *[other] Change { $count } rows
}
bulk-cancel = Cancel
bulk-not-written = Nothing is saved before you save it.
bulk-staged = { $count ->
    [one] { $count } row changed, not saved yet
   *[other] { $count } rows changed, not saved yet
}
bulk-left-out = { $count } left as they were
bulk-straight = More than { $limit } rows are not staged: they are written at once, in one transaction. It cannot be undone.
bulk-straight-history = Each change is in the history.
bulk-straight-staged = Something else is staged: save it or give it up first.
bulk-write = { $count ->
    [0] Write rows now
    [one] Write { $count } row now
   *[other] Write { $count } rows now
}
bulk-writing = Writing: { $percent } %
bulk-stop = Stop
bulk-stopped = Stopped: nothing was written
bulk-written = { $count ->
    [one] { $count } row changed and saved
   *[other] { $count } rows changed and saved
}
bulk-not-changed = Nothing was written: { $reason }
bulk-unknown = It is not known whether the rows were changed: { $reason }. Look at the table before you change them again
bulk-nothing-open = { $entity }: there is no column that can be changed
