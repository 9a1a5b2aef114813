# Saved views.
views-section = Saved views
views-open = Open
views-rename = Rename
views-update = Update to what is shown
views-delete = Delete
views-deleted = “{ $name }” is no longer saved
views-name = Name of the view
views-without-entity = There is no table { $table } any more
