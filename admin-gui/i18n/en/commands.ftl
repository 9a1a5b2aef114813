# Names of actions: menus, palette, key hints.
