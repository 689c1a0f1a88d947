"""The intents of the contract, by group: the words with which a FAQ entry says what it answers.

The names stand here because data of this room uses them and is checked before any other room is loaded.
"""

INTENT_GROUPS: dict[str, tuple[str, ...]] = {
    "registration": (
        "book_appointment",
        "reschedule_appointment",
        "cancel_appointment",
        "query_appointment",
        "join_waitlist",
        "query_schedule",
        "query_doctor",
        "ask_revisit",
        "query_queue",
        "book_examination",
        "query_report",
        "pre_admission",
    ),
    "triage": (
        "describe_symptom",
        "report_emergency",
        "express_crisis",
    ),
    "wayfinding": (
        "ask_route",
        "ask_transport",
        "ask_facility",
        "borrow_equipment",
    ),
    "escort": (
        "request_escort",
        "query_escort",
        "cancel_escort",
        "request_transfer",
        "request_onsite_help",
    ),
    "pharmacy": (
        "register_herb_delivery",
        "query_herb_delivery",
        "change_herb_delivery",
        "ask_medication",
        "refill_prescription",
    ),
    "voice": (
        "file_complaint",
        "query_complaint",
        "give_suggestion",
        "give_praise",
    ),
    "payment": (
        "ask_payment",
        "ask_insurance",
        "query_bill",
    ),
    "records": (
        "copy_medical_record",
        "request_certificate",
    ),
    "aftercare": (
        "report_recovery_problem",
        "book_nursing_service",
        "query_sampling",
        "stop_followup",
    ),
    "dialogue": (
        "talk_to_human",
        "greet",
        "goodbye",
        "thank",
        "affirm",
        "deny",
        "stop_task",
        "repeat_last",
        "change_language",
        "ask_bot",
        "chitchat",
        "out_of_scope",
    ),
}

INTENTS: frozenset[str] = frozenset(name for names in INTENT_GROUPS.values() for name in names)
