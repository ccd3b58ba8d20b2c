"""What a home holds: deliveries and their history, the warehouse, saved methods, releases on disk."""
