"""Boards: records in columns by stage, each moved on only to a stage that may follow, and the patient hears of it."""

from bot.console.boards.arrivals import ArrivalBoard
from bot.console.boards.beds import BedBoard
from bot.console.boards.board import Board, Card, Column, Field, Move, Step
from bot.console.boards.bookings import AppealBoard, ReviewBoard
from bot.console.boards.complaints import ComplaintBoard
from bot.console.boards.escorts import EscortBoard
from bot.console.boards.extras import ExtraBoard
from bot.console.boards.help import HelpBoard
from bot.console.boards.herbs import HerbBoard
from bot.console.boards.improvements import ImprovementBoard
from bot.console.boards.loans import LoanBoard
from bot.console.boards.parcels import ParcelBoard
from bot.console.boards.requests import RequestBoard
from bot.console.boards.sampling import SamplingBoard
from bot.console.boards.transfers import TransferBoard
from bot.console.boards.waitlist import WaitlistBoard

BOARDS: dict[str, Board] = {
    one.name: one
    for one in (
        ComplaintBoard(),
        ImprovementBoard(),
        EscortBoard(),
        HelpBoard(),
        LoanBoard(),
        TransferBoard(),
        RequestBoard(),
        BedBoard(),
        SamplingBoard(),
        HerbBoard(),
        ParcelBoard(),
        ExtraBoard(),
        ReviewBoard(),
        AppealBoard(),
        ArrivalBoard(),
        WaitlistBoard(),
    )
}

__all__ = ["BOARDS", "Board", "Card", "Column", "Field", "Move", "Step"]
