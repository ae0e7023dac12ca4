"""What runs in a browser, for the app and for files that need no app: scripts, styles, and the pictures they draw."""
