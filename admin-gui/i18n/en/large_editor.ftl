# One value in a field as large as the window allows.
large-title = { $field } · { $row }
large-take = Apply
large-cancel = Cancel
large-give-up = Give up what is typed
large-asks-to-give-up = What is typed here is not taken yet
large-format = Format
large-compact = On one line
large-load = Load from a file…
large-save = Save to a file…
large-load-now = Load this file
large-save-now = Save as this file
large-path = File
large-size = { $count ->
    [one] { $count } character
   *[other] { $count } characters
} · { $lines ->
    [one] { $lines } line
   *[other] { $lines } lines
}
large-too-long = Too long to be typed: it can be saved to a file and loaded from one
large-part = Its beginning is shown
large-loaded = { $path } is loaded
large-saved = Saved as { $path }
large-not-loaded = { $path } could not be loaded: { $reason }
large-not-saved = { $path } could not be saved: { $reason }
large-not-text = it is no text in UTF-8 (byte { $position })
large-not-json = No JSON at line { $line }, column { $column }: { $reason }
large-picture = Picture
large-odd = No value of this column's type: it is kept as it is until another takes its place
