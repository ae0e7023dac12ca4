"""The colours of classes and curves, in the maps and in Plotly charts."""

# Petroff's ten colours (arXiv:2107.02270), as in .streamlit/config.toml: distinguishable with any colour vision.
PALETTE = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
