"""What the hub records about its own work: deliveries and configuration as of each load."""
