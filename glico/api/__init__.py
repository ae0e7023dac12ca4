"""The library: what ``import glico`` offers, as one module per subject. See :mod:`glico` for the names."""
