# The grid: header, cells, filter pills, paging.
grid-yes = yes
grid-no = no
grid-follow-reference = Ctrl-click to open
grid-header-hint = Click to sort, Shift-click to sort by this as well
grid-no-match = No rows match
grid-empty = No rows yet
grid-failed = The rows could not be read
grid-retry = Try again
grid-searching = Searching: { $percent } % · { $found } found so far
grid-reading = Reading …
grid-stop = Stop
grid-stopped = The search was stopped before all rows had been looked at
grid-go-on = Go on
grid-select-row = Select row { $row }
grid-select-all = Select all rows
