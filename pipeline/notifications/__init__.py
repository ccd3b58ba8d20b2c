"""The command `notify`, and what a run sends at its end: findings, messages, targets, what was sent before."""
