"""What the words mean that providers use for the states of their jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from primwidgets.adapters._common.status_phrases import clean, is_partly, meaning_of
from primwidgets.adapters._common.status_texts import parts_of, texts_of
from primwidgets.adapters._common.status_vocabulary import CANCELLING, DELETED, KNOWN, STATES
from primwidgets.snapshot import JobState

#: What some put before each of their words: ``JOB_STATE_RUNNING``.
_PREFIXES: Final = re.compile(r"(JOB|TASK|RUN|EXECUTION|PIPELINE)?(STATE|STATUS)|JOB|TASK|IS|HASBEEN|HAS")
#: Prefixes of words that name, in addition, what the job waits for or what cancelled it.
_BEGINNINGS: Final = (
    ("WAITINGFOR", JobState.QUEUED),
    ("PENDING", JobState.QUEUED),
    ("CANCELLEDBY", JobState.CANCELLED),
    ("CANCELEDBY", JobState.CANCELLED),
)
#: What follows a word: a remark in parentheses, or after a colon, a dash or the like; or the end of a sentence.
_REMARK: Final = re.compile(r"\s*[(\[:,;|\r\n].*|\s+[-\u2013\u2014]\s.*|[\s.!…]+$", re.DOTALL)
_SEPARATORS: Final = re.compile(r"[\s_-]+")


def state_of(status: Any) -> JobState | None:
    """The state that a status names; ``None`` for a word that is not known, and for one that ``is_cancelling``.

    Args:
        status: a text in any case, with spaces, dashes or underscores, with or without the name of an enum before it
            (``"JobStatus.DONE"``), or a sentence (``"job is actively running"``); a member of an enum; an object or
            mapping with a word as ``status`` or the like; a tuple that begins with a status; or a list of the statuses
            of several jobs.
    """
    if parts := parts_of(status):
        states = [state_of(part) for part in parts]
        return states[0] or _state_of_all(states) if isinstance(status, tuple) else _state_of_all(states)
    return next((state for word in _words_of(status) if (state := _state_of_word(word)) is not None), None)


def is_cancelling(status: Any) -> bool:
    """Whether a status, given as for ``state_of``, says that the job is being cancelled and has not ended."""
    return next((word in CANCELLING for word in _words_of(status) if _is_known(word)), False)


def is_deleted(status: Any) -> bool:
    """Whether a status, given as for ``state_of``, says that the provider has deleted the job."""
    return any(word in DELETED for word in _words_of(status))


def is_word(text: str) -> bool:
    """Whether ``text`` is nothing but the word for a state, or for a job that is being cancelled."""
    return _is_known(_fold(text))


def _is_known(word: str) -> bool:
    return word in CANCELLING or _state_of_word(word) is not None


def _state_of_word(word: str) -> JobState | None:
    if (state := STATES.get(word)) is not None or word in CANCELLING:
        return state
    return next((state for beginning, state in _BEGINNINGS if word.startswith(beginning)), None)


def _state_of_all(states: list[JobState | None]) -> JobState | None:
    """The state of several jobs together, which end with the last of them; ``None`` if one of them is not known."""
    known = {state for state in states if state is not None}
    if None in states or len(known) < 2:
        return known.pop() if None not in states else None
    if all(state.is_final for state in known):
        return JobState.ERROR if JobState.ERROR in known else JobState.CANCELLED
    return JobState.RUNNING if JobState.RUNNING in known or any(state.is_final for state in known) else JobState.QUEUED


def _words_of(status: Any) -> Iterator[str]:
    """The words that may be the one of ``status``, folded; the likeliest first."""
    for text in texts_of(status):
        word = _fold(text)
        yield word if word in KNOWN else _word_in(text) or word


def _word_in(text: str) -> str | None:
    """The known word that a text means which is no such word itself."""
    if text.endswith("+"):
        return _only_word_with(_folded(text.rstrip("+")))
    cleaned = clean(text)
    whole = _REMARK.sub("", cleaned)
    word = _fold(whole)
    return word if _is_known(word) and not is_partly(cleaned) else meaning_of(cleaned if is_partly(cleaned) else whole)


def _only_word_with(beginning: str) -> str | None:
    """The word that was cut after ``beginning``, as Slurm does; ``None`` if words of several states begin so."""
    words = sorted(word for word in STATES if len(beginning) > 2 and word.startswith(beginning))
    return words[0] if len({STATES[word] for word in words}) == 1 else None


def _fold(text: str) -> str:
    word = _folded(_REMARK.sub("", text.strip()[:100]).rpartition(".")[2])
    return word if word in KNOWN else _without_prefix(word)


def _folded(text: str) -> str:
    return _SEPARATORS.sub("", text.strip()).upper()


def _without_prefix(word: str) -> str:
    """``word`` without what its provider puts before all of its words, if a known word is left then."""
    prefix = _PREFIXES.match(word)
    rest = word[prefix.end() :] if prefix else word
    return rest if rest in KNOWN else word
