"""Loading of deliveries into history: staging, comparison, balance and guard."""
