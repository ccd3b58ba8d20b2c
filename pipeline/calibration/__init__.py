"""The command `calibrate`: cuts that come closest to published figures."""
