"""What training leaves behind: files that are data and never code, and their networks put to use."""
