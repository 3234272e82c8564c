"""Text becomes a located tree here. Nothing in this room knows what a buildspec is."""
