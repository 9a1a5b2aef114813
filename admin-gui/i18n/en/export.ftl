# Taking rows away: selecting, copying, exporting.
export-selected = { $count } { $count ->
    [one] row
   *[other] rows
} selected
export-selected-cells = { $count } × { $columns } cells selected
export-sum = { $column }: sum { $sum } · average { $average }
export-no-numbers = no numbers to add up
export-adding-up = adding up: { $percent } %
export-copying = Copying: { $percent } %
export-copied = { $count } { $count ->
    [one] row
   *[other] rows
} copied
export-not-copied = The system's clipboard did not take it: nothing was copied
export-too-many = More than { $limit } rows are too many to copy; export them into a file instead
export-cancelled = Cancelled: nothing was written
export-file-failed = { $path } could not be written: { $reason }
export-unfit = Row { $row }, { $column }: { $problem }
export-title = Export { $entity }
export-what = Rows
export-what-selected = Selected rows
export-what-filtered = Rows of the filter
export-what-all = All rows
export-format = Format
export-columns = Columns
export-columns-all = All
export-columns-none = None
export-options = Options
export-header = Names of the columns in the first line
export-guard = Protect from spreadsheet formulas
export-guard-hint = An apostrophe is put before texts that begin with = + - @, which spreadsheets would take for formulas
export-path = File
export-format-csv = Separated by commas. NULL is an empty field, the empty text is "".
export-format-tsv = Separated by tabs. NULL is an empty field, the empty text is "".
export-format-json = One array of objects; NULL is null.
export-format-json-lines = One object a line; NULL is null.
export-format-sql = INSERT statements for { $engine } in one transaction; labels of references are left out.
export-format-xlsx = NULL and the empty text are both empty cells.
export-format-xlsx-sheets = Excel takes 1 048 575 rows a sheet: there will be { $sheets } sheets.
export-no-columns = Choose at least one column
export-no-path = Say where to write
export-is-folder = This is a folder; add a file's name
export-is-database = { $path } is a database: it is not written over
export-no-folder = There is no folder { $folder }
export-replaces = This file is there already and will be replaced
export-new-file = A new file
export-busy = Another export is still running
export-start = Export
export-cancel = Cancel
export-running = Exporting { $name }
export-counting = counting …
export-progress = { $percent } % · { $speed } rows/s
export-finishing = finishing the file …
export-done = { $count } { $count ->
    [one] row
   *[other] rows
} written to { $path } ({ $size })
export-dismiss = Dismiss
