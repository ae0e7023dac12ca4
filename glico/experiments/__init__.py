"""Tables as data: every one by the name that the command line takes."""

from glico.experiments.paper import PAPER
from glico.experiments.scaled_down import SCALED_DOWN
from glico.experiments.table import Table

TABLES: dict[str, Table] = {**SCALED_DOWN, **PAPER}
