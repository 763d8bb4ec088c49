"""The published forms of providers' keys, one file for each trade.

A form is taken from the provider's documentation of its prefixes, or from what keys look like where it says nothing.
Where a length is published it is asked for; where it is not, or has changed before, the least that is plausible.
"""

from occasio_secrets.formats.clouds import CLOUDS
from occasio_secrets.formats.code import CODE
from occasio_secrets.formats.intelligence import INTELLIGENCE
from occasio_secrets.formats.messages import MESSAGES
from occasio_secrets.formats.services import SERVICES

FORMS = (*CLOUDS, *CODE, *INTELLIGENCE, *MESSAGES, *SERVICES)

__all__ = ["FORMS"]
