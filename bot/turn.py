"""One transaction a message: the heart of the house.

Everything a turn does commits together, or nothing of it remains but the message, kept as failed, with an honest
sentence and a person called, in a second transaction. A message id seen before is answered from the record.
"""

from __future__ import annotations
