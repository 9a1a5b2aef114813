# The window around it all: top bar, navigation, status bar, settings.
shell-entities = Entities
shell-no-entities = No entities are registered
shell-local = local
shell-read-write = read-write
shell-read-only = read-only
shell-read-only-reason = The connection is read-only
shell-production = production
shell-new = New
shell-filter-hint = Filter: price > 10 and title ~ "dune"
shell-clear-order = Back to the usual order
shell-rows-of = rows { $first }–{ $last } of { $total }
shell-rows = rows { $first }–{ $last }
shell-no-rows = no rows
shell-milliseconds = { $time } ms
shell-saved = Saved
shell-actions = Actions
shell-action-running = { $name } …
shell-action-done = { $name }: { $count } { $count ->
    [one] row
   *[other] rows
}
shell-action-too-many = More than { $limit } rows: choose fewer.
shell-record-gone = This record no longer exists
record-failed = The record could not be read
shell-broke-off = The work broke off unexpectedly: { $message }
shell-worker-stopped = The database worker has stopped and was started again
shell-database = Database
page-diagram = Schema diagram
page-overview = Overview
page-history = History
page-query-log = Query log
page-migrations = Migrations
pane-close = Close { $title }
pane-unsaved = not saved
palette-hint = Go to table, record, action …
palette-row-hint = Number of the row
palette-nothing = Nothing fits
palette-row = Row { $row }
palette-of = of { $total }
palette-looking = Looking for records …
closing-title = Save what you have changed in { $count } { $count ->
    [one] record
   *[other] records
}?
closing-and-more = and { $count } more
closing-discard = Discard
closing-cancel = Cancel
