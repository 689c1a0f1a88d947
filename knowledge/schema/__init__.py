"""The shape of every file in a hospital's folder (``knowledge/guijiang/`` is the demonstration hospital).

| file | key at the top | entry |
|---|---|---|
| ``hospital.yml`` | (the model itself) | `Site` |
| ``departments.yml`` | ``departments`` | `Department` |
| ``doctors/*.yml`` | ``doctors`` | `Doctor` |
| ``places/*.yml`` | ``places``, ``paths``, ``place_codes`` (any of them) | `Place`, `Path`, `PlaceCode` |
| ``facilities.yml`` | ``facilities`` | `Facility` |
| ``faq/*.yml`` | ``faq`` | `Faq` |
| ``triage/*.yml`` | ``words``, ``masks``, ``red_flags``, ``complaints``, ``questions``, ``children`` … (any) | `RedFlag`, `TriageComplaint`, `TriageQuestion` |
| ``followups/*.yml`` | (the model itself, one plan a file) | `FollowupPlan` |
| ``lines/*.yml`` | (the model itself, one service line a file) | `Line` |
| ``beds.yml`` | ``wards`` | `Ward` |
| ``registration.yml`` ``outpatients.yml`` ``escort.yml`` ``companions.yml`` ``loans.yml`` ``transfers.yml`` ``herbs.yml`` ``complaints.yml`` | (the model itself) | rules |
| ``holidays.yml`` | ``holidays`` | `HolidayEntry` |

YAML 1.2 scalars: ``true``/``false``, whole and decimal numbers; everything else is text (so 08:00, 2026-03-11,
yes and no need no quotes, but a phone number or code of digits alone does). A reference to a department may use any
of its aliases, one to a place its id or name. Unknown keys, unknown names and doubled names stop the loading with
file and line.
"""

from knowledge.schema.base import WEEKDAYS, Entry, Need, Period, Sex
from knowledge.schema.complaints import (
    ComplaintCategory,
    ComplaintRules,
    ComplaintTeam,
    Escalation,
    PictureRules,
    Repeat,
)
from knowledge.schema.departments import Department
from knowledge.schema.doctors import Clinic, Doctor, Session, Title
from knowledge.schema.escorts import (
    CompanionEntry,
    EscortReason,
    EscortRules,
    EscortStage,
    Means,
    Risk,
    Roster,
    Speech,
)
from knowledge.schema.faq import Faq
from knowledge.schema.followups import FollowupChoice, FollowupPlan, FollowupQuestion, FollowupStep
from knowledge.schema.herbs import (
    HerbCourier,
    HerbDays,
    HerbDecoction,
    HerbRules,
    ParcelProblem,
    ParcelRemedy,
)
from knowledge.schema.lines import (
    Line,
    LineChoice,
    LineField,
    LineQuestion,
    LineState,
    Span,
    Ward,
)
from knowledge.schema.loans import LoanKind, LoanPoint, LoanRules
from knowledge.schema.outpatients import OutpatientRules, Previsit
from knowledge.schema.places import Facility, Path, PathKind, Place, PlaceCode, PlaceKind
from knowledge.schema.rules import (
    ClinicKind,
    Hours,
    RegistrationRules,
    Reminder,
    Stage,
)
from knowledge.schema.site import Building, Campus, HolidayEntry, Site
from knowledge.schema.transfers import Ride, TransferRules, Vehicle
from knowledge.schema.triage import (
    Choice,
    Level,
    Match,
    Modifier,
    RedFlag,
    Triage,
    TriageComplaint,
    TriageQuestion,
)

__all__ = [
    "WEEKDAYS",
    "Building",
    "Campus",
    "Choice",
    "Clinic",
    "ClinicKind",
    "CompanionEntry",
    "ComplaintCategory",
    "ComplaintRules",
    "ComplaintTeam",
    "Department",
    "Doctor",
    "Entry",
    "Escalation",
    "EscortReason",
    "EscortRules",
    "EscortStage",
    "Facility",
    "Faq",
    "FollowupChoice",
    "FollowupPlan",
    "FollowupQuestion",
    "FollowupStep",
    "HerbCourier",
    "HerbDays",
    "HerbDecoction",
    "HerbRules",
    "HolidayEntry",
    "Hours",
    "Level",
    "Line",
    "LineChoice",
    "LineField",
    "LineQuestion",
    "LineState",
    "LoanKind",
    "LoanPoint",
    "LoanRules",
    "Match",
    "Means",
    "Modifier",
    "Need",
    "OutpatientRules",
    "ParcelProblem",
    "ParcelRemedy",
    "Path",
    "PathKind",
    "Period",
    "PictureRules",
    "Place",
    "PlaceCode",
    "PlaceKind",
    "Previsit",
    "RedFlag",
    "RegistrationRules",
    "Reminder",
    "Repeat",
    "Ride",
    "Risk",
    "Roster",
    "Session",
    "Sex",
    "Site",
    "Span",
    "Speech",
    "Stage",
    "Title",
    "TransferRules",
    "Triage",
    "TriageComplaint",
    "TriageQuestion",
    "Vehicle",
    "Ward",
]
