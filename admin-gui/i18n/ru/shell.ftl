# The window around it all: top bar, navigation, status bar, settings.
