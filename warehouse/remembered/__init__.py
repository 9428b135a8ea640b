"""What was read last time, remembered beside the landing so that work follows what changed. It may be thrown away at any time."""
