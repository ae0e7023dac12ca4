"""The command line: one file per command, found through the table in :mod:`glico.cli.main`.

A command's module has ``configure(parser)``, which adds its arguments, and ``run(arguments) -> Outcome``. It is
imported only when its command is called.
"""
