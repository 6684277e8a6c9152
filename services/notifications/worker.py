"""The notifications worker: answers everybody's events, tells ours, sends the letters."""

from services.notifications.handlers import ANSWERS
from services.notifications.sender.loop import run_sender
from services.notifications.store import TABLES
from services.notifications.timers import TIMERS
from shared.worker import main

if __name__ == "__main__":
    main("notifications", TABLES, answers=ANSWERS, timers=TIMERS, loops=[run_sender])
