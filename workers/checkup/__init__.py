"""A worker's checks of itself: GitHub, Claude, artifacts, and the machine; what it shares with the bot is the bot's.

Law: as in `bot.checkup`: a check changes nothing that lasts, never raises, and says how to fix what is not fine.
"""
