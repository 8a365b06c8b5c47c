"""Acts: the hub's doors, services and memory."""
