"""Takes deliveries from the folders of the sources into the warehouse."""
