"""What a status means that is no single word: a sentence, or a word of several parts, such as ``FAILED_TO_START``.

A state that has not ended is named by the first part. That a job has ended is believed only where the whole text says
it: a stage may be completed, and a cancel may have failed, while the job goes on.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from primwidgets.adapters._common.status_vocabulary import CANCELLING, DELETED, KNOWN, STATES
from primwidgets.snapshot import JobState


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: The text after these names is the status: ``"Job status: done"``.
_LABEL: Final = re.compile(
    r"\W*(?:(?:job|task|run|execution)[\s_-]*)?(?:status|state|phase)\s*[:=]\s*(.+)", re.I | re.S
)
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
#: How much of the job is done; below all of it the job has not ended.
_SHARE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|(?:/|\bof\b)\s*(\d+))", re.I)
#: What follows these parts explains the state, and does not name it.
_CLAUSES: Final = _words(
    "WITH WITHOUT DUE BECAUSE BY AT ON IN AFTER TO FOR OF FROM WHILE DURING SINCE AS BEFORE UNTIL AND"
)
_FILLERS: Final = _words(
    """
    JOB TASK RUN EXECUTION STATE STATUS IS ARE WAS WERE HAS HAVE HAD BEEN THE A AN THIS YOUR IT NOW CURRENTLY
    ACTIVELY ALREADY SUCCESSFULLY FULLY PARTIALLY STILL JUST USER SYSTEM ADMIN AUTO AUTOMATICALLY MANUALLY ALL
    EVERYTHING OK
    """
)
#: Texts with one of these parts say what the job is not, or not yet.
_NEGATIONS: Final = _words("NOT NO NEVER NONE CANNOT WONT WILL ALMOST NEARLY IF WHEN UN NON WOULD MAY MIGHT")
#: What failed, was completed or aborted is one of these, and the job may go on.
_OF_A_STEP: Final = _words(
    "CANCEL CANCELLATION CANCELATION STOP ABORT RETRY ATTEMPT ATTEMPTS TRY CHECK HEALTH PREVIOUS LAST"
)
#: Participles, which name the end of a job as the first or the last part.
_ENDINGS: Final = _words(
    """
    FAILED CANCELLED CANCELED ABORTED TERMINATED STOPPED KILLED CRASHED REJECTED EXPIRED REVOKED INTERRUPTED
    EVICTED EXITED
    """
)
#: Nouns, which do so as the last part alone: ``ERROR_MITIGATION`` is no failure.
_FAILURES: Final = _words("ERROR FAILURE FAIL")
_NO_STAGE: Final = ("MITIGAT", "CORRECT", "SUPPRESS")


def clean(text: str) -> str:
    """``text`` in plain letters and digits, without signs and invisible characters around it."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "So") else sign for sign in plain)
    label = _LABEL.fullmatch(plain)
    return (label[1] if label else plain).strip(" \t\r\n'\"`<>.!*-_")


def meaning_of(text: str) -> str | None:
    """A known word for what ``text`` says of a job; ``None`` if that is not clear.

    Args:
        text: as ``clean`` leaves it, without remarks.
    """
    parts = [part.upper() for part in _PART.findall(text)]
    clause = next((place for place, part in enumerate(parts) if place and part in _CLAUSES), len(parts))
    head, tail = parts[:clause], parts[clause:]
    is_count = text[:1].isdecimal() and _SHARE.match(text) is None  # of what has failed or is done
    if is_count or not _NEGATIONS.isdisjoint(head):
        return None
    words = [part for part in head if part not in _FILLERS]
    word = next((joined for joined in ("".join(head), "".join(words)) if joined in KNOWN), None) or _ending(words)
    if word is None and words and not _is_ended(words[0]):
        word = words[0] if words[0] in STATES else None
    if word in ("TERMINATED", "STOPPED", "EXITED") and not _FAILURES.isdisjoint(part.rstrip("S") for part in tail):
        return "ERROR"
    return word if word in KNOWN and not (STATES.get(word) is JobState.DONE and is_partly(text)) else None


def is_partly(text: str) -> bool:
    """Whether ``text`` says that less than all is done."""
    share = _SHARE.search(text)
    return share is not None and float(share[1]) < float(share[2] or 100)


def _ending(words: list[str]) -> str | None:
    if len(words) < 2 or not _OF_A_STEP.isdisjoint(words):
        return None
    if words[0] == "ERROR" and words[1].endswith("ING") and not words[1].startswith(_NO_STAGE):
        return "ERROR"
    if words[0] in _ENDINGS:
        return words[0]
    return words[-1] if words[-1] in _ENDINGS | _FAILURES else None


def _is_ended(word: str) -> bool:
    return word in CANCELLING or word in DELETED or (word in STATES and STATES[word].is_final)
