"""Checkpoints: files of training results that hold data and never code, and the use of their networks."""
