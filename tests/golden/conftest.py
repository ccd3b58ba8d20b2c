"""The golden tests look at the same homes as the integration tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "integration"))

from integration_homes import command, real_home, session_root

__all__ = ["command", "real_home", "session_root"]
