"""Where things are: the 330 townships, their boundaries, and the placing of points, names and codes."""
