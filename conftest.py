"""What the tests of the packages and of every plugin share: nothing here is judged by the clock.

Hypothesis fails an example that takes longer than 200 ms, which a busy machine may need for any of them.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("occasio", deadline=None)
settings.load_profile("occasio")
