"""Browser components, for the app and for files that need no app: scripts, styles, and the pictures they draw."""
