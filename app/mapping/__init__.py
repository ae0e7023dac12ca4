"""What the latent map's page shows, computed: the maps' content, the numbers beside them, what is selected."""
