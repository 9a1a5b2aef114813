# The query log.
query-log-count = { $count } { $count ->
    [one] statement
   *[other] statements
}
query-log-filter = Filter statements
query-log-slow-only = Slow
query-log-clear = Forget all statements
query-log-time = Time
query-log-duration = Took
query-log-rows = Rows
query-log-statement = Statement
query-log-row = { $took }: { $statement }
query-log-empty = No statement has been sent yet
query-log-no-match = No statement matches
query-log-close = Close the statement
query-log-copy = Copy the statement
query-log-plan = Plan
query-log-no-plan = There is no plan: the statement does not read a page of rows
query-log-plan-waiting = Asking for the plan…
query-log-sorts = The rows are sorted without an index
query-log-scans = Every row is looked at: there is no index for the filter
query-log-sorts-and-scans = Every row is looked at and sorted: there is no index for it
query-log-copy-index = Copy the statement that makes the index
query-log-values = Values
query-log-values-hint = Notes the values of parameters from now on, while the window is open; they may be personal
query-log-hidden-values = The values are not noted: switch “Values” on and run it again
query-log-unwritable-value = A value cannot be written as SQL
query-log-cut = The statement is longer than what is kept of it
query-log-ascii-case = SQLite's own functions know upper and lower case of Latin letters without accents only
query-log-foreign-keys = sqlite3 checks foreign keys only after PRAGMA foreign_keys = ON
