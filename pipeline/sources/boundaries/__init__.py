"""Township boundaries: OCHA's COD-AB and MIMU's layer."""
