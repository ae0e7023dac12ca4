"""Morphs: images registered by smooth displacement fields, moved into each other and fused. No latent space."""
