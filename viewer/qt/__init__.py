"""The window: Qt's frames, panels, menus and GL contexts around the views."""
