# Names of actions: menus, palette, key hints.
command-new = New
command-open = Open record
command-open-reference = Go to referenced record
command-save = Save
command-delete = Delete
command-copy = Copy cell
command-filter = Filter
command-search = Quick search
command-clear-filter = Clear filter
command-refresh = Refresh
command-previous-entity = Previous entity
command-next-entity = Next entity
command-close = Close
command-switch-theme = Dark or light
command-switch-language = Switch language
