"""Where it runs: channels, console, HTTP API, clock, delivery, settings, command line.

Logs are set up with the package itself: structlog's own default would print the local variables of a failed turn, and
with them what a patient said.
"""

from bot.journal import set_up_logs

set_up_logs()
