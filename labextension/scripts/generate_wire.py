"""Writes the frontend's type and reader of a snapshot, and gives the golden snapshots the fields of today.

``primwidgets/snapshot.py`` and ``primwidgets/_jupyter/protocol.py`` say what goes over the wire. After a change of them
run ``npm run generate``; ``tests/test_wire_generated.py`` fails where that was forgotten.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from primwidgets import wire
from primwidgets._jupyter.protocol import ARGUMENTS, OF_ALL_JOBS, PROTOCOL_VERSION, Verb
from primwidgets.result_preview import ImageFormat
from primwidgets.snapshot import CARD_ROWS, SNAPSHOT, CancelState, JobSnapshot, JobState

ROOT: Final = Path(__file__).parents[2]
SCHEMA: Final = ROOT / "labextension" / "src" / "wire" / "schema.ts"
GOLDEN: Final = ROOT / "tests" / "golden" / "snapshots.json"

#: Prettier breaks longer lines.
_LINE_LENGTH: Final = 120

_HEADER: Final = """\
/* eslint-disable max-lines -- generated */
/**
 * What goes over the wire. Generated from primwidgets/snapshot.py and primwidgets/_jupyter/protocol.py: change those,
 * then `npm run generate`.
 */
import {
  choice,
  constant,
  flag,
  identifier,
  listOf,
  number,
  numbers,
  oneOf,
  orElse,
  orNull,
  record,
  text,
  textMap,
  whenMissing,
  type Fields,
  type Reader
} from "./readers";

/** Text by name, in the order in which it is shown. */
export type TextMap = Readonly<Record<string, string>>;
"""


def schema_text() -> str:
    """The TypeScript module."""
    records: dict[str, wire.Record] = {}
    for record in (*ARGUMENTS.values(), SNAPSHOT):
        _collect(record, records)
    job_verbs = [verb for verb in Verb if verb not in OF_ALL_JOBS]
    hub_verbs = [verb for verb in Verb if verb in OF_ALL_JOBS]
    parts = [
        _HEADER,
        f"/** Of all messages; raised only when one changes its meaning. */\n"
        f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};\n",
        _words("JOB_VERBS", "Verb", job_verbs, "What can be asked for of one job."),
        _words("HUB_VERBS", "HubVerb", hub_verbs, "What can be asked for of all jobs of a kernel."),
        _words("JOB_STATES", "JobState", list(JobState), _first_line(JobState)),
        _words("CANCEL_STATES", "CancelState", list(CancelState), _first_line(CancelState)),
        _words("IMAGE_FORMATS", "ImageFormat", list(ImageFormat), _first_line(ImageFormat)),
        *(_record(name, record) for name, record in records.items()),
        _arguments(),
        "/** Further rows that a subclass of the widget shows. */\n"
        f"export const readCardRows: Reader<TextMap> = {_reader(CARD_ROWS)};\n",
    ]
    return "\n".join(parts)


def golden_text() -> str:
    """The golden snapshots with all the fields that a snapshot has, in their order."""
    text = GOLDEN.read_text("utf-8")
    cases = json.loads(text)
    known = [{**case, "snapshot": JobSnapshot.from_wire(case["snapshot"]).to_wire()} for case in cases]
    same = json.dumps(known) == json.dumps(cases)  # the order of the fields counts, how their text is escaped does not
    return text if same else json.dumps(known, indent=1, ensure_ascii=False) + "\n"


def _collect(schema: wire.Schema, records: dict[str, wire.Record]) -> None:
    """Note the records in ``schema``, those that others are made of first."""
    for inner in _parts(schema):
        _collect(inner, records)
    if isinstance(schema, wire.Record):
        records[schema.kind.__name__] = schema


def _parts(schema: wire.Schema) -> Iterator[wire.Schema]:
    match schema:
        case wire.Record():
            yield from schema.fields.values()
        case wire.Choice():
            yield from schema.records.values()
        case wire.Many():
            yield schema.item
        case wire.OrNone():
            yield schema.inner


def _words(constant: str, name: str, words: list[Any], doc: str) -> str:
    listed = ", ".join(json.dumps(str(word)) for word in words)
    return (
        f"/** {doc} */\nexport const {constant} = [{listed}] as const;\n"
        f"export type {name} = (typeof {constant})[number];\n"
    )


def _record(name: str, record: wire.Record) -> str:
    docs = _field_docs(record.kind)
    typed = "".join(_doc(docs.get(one)) + f"  {one}: {_type(schema)};\n" for one, schema in record.fields.items())
    read = ",\n".join(f"  {one}: {_field(record, one)}" for one in record.fields)
    if not record.fields:
        return f"/** {_first_line(record.kind)} */\nexport type {name} = Readonly<Record<string, never>>;\n"
    typed = f"/** {_first_line(record.kind)} */\nexport type {name} = Readonly<{{\n{typed}}}>;\n\n"
    if record is not SNAPSHOT:
        return typed + f"export const read{name}: Reader<{name}> = record<{name}>({{\n{read}\n}});\n"
    return (
        typed + f"const SNAPSHOT: Fields<{name}> = {{\n{read}\n}};\n\n"
        f"export const SNAPSHOT_FIELDS = Object.keys(SNAPSHOT);\nexport const read{name} = record(SNAPSHOT);\n"
    )


def _arguments() -> str:
    listed = "".join(f"  {verb}: {record.kind.__name__};\n" for verb, record in ARGUMENTS.items())
    doc = "/** What each command says beside its verb and its job. */"
    return f"{doc}\nexport type CommandArguments = Readonly<{{\n{listed}}}>;\n"


def _field(record: wire.Record, name: str) -> str:
    """The reader of a field together with what stands for it where it is missing or does not fit."""
    schema, default = record.fields[name], record.defaults[name]
    if default is wire.REQUIRED:
        return _reader(schema)
    if record is not SNAPSHOT or record.is_strict(name):
        return f"whenMissing({json.dumps(default)}, {_reader(schema)})"
    inner = schema.inner if isinstance(schema, wire.OrNone) and default is None else schema
    line = f"orElse({json.dumps(default)}, {_reader(inner)})"
    if len(f"  {name}: {line},") <= _LINE_LENGTH:
        return line
    return f"orElse(\n    {json.dumps(default)},\n    {_reader(inner)}\n  )"


def _reader(schema: wire.Schema) -> str:
    match schema:
        case wire.Record():
            return f"read{schema.kind.__name__}"
        case wire.Choice():
            records = ", ".join(f"{kind}: {_reader(record)}" for kind, record in schema.records.items())
            return f"choice({{ {records} }})"
        case wire.Text():
            return f"text({_number(schema.limit)}{', true' if schema.tail else ''})"
        case wire.Identifier():
            return f"identifier({_number(schema.limit)})"
        case wire.Number():
            return f"number({_number(schema.low)}, {_number(schema.high)}{', true' if schema.whole else ''})"
        case wire.Numbers():
            gaps = ", true" if schema.gaps else ""
            return f"numbers({_number(schema.limit)}, {_number(schema.low)}, {_number(schema.high)}{gaps})"
        case wire.Flag():
            return "flag"
        case wire.Word():
            return f"oneOf({_constant(schema.words)})"
        case wire.Constant():
            return f"constant({json.dumps(schema.word)})"
        case wire.TextMap():
            return f"textMap({_number(schema.entries)}, {_number(schema.limit)})"
        case wire.Many():
            return f"listOf({_reader(schema.item)}, {_number(schema.limit)})"
        case wire.OrNone():
            return f"orNull({_reader(schema.inner)})"
    raise TypeError(f"No reader for {schema}")


def _type(schema: wire.Schema) -> str:
    match schema:
        case wire.Record():
            return schema.kind.__name__
        case wire.Choice():
            return " | ".join(record.kind.__name__ for record in schema.records.values())
        case wire.Number():
            return "number"
        case wire.Numbers():
            return f"readonly {'(number | null)' if schema.gaps else 'number'}[]"
        case wire.Flag():
            return "boolean"
        case wire.Word():
            return schema.words.__name__
        case wire.Constant():
            return json.dumps(schema.word)
        case wire.TextMap():
            return "TextMap"
        case wire.Many():
            return f"readonly {_type(schema.item)}[]"
        case wire.OrNone():
            return f"{_type(schema.inner)} | null"
        case _:
            return "string"


def _constant(words: type[StrEnum]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", words.__name__).upper() + "S"


def _number(value: float) -> str:
    return f"{value:_}" if isinstance(value, int) else repr(value).replace("e+", "e")


def _first_line(kind: type) -> str:
    return (inspect.getdoc(kind) or "").split("\n")[0].replace("``", "`").replace("`None`", "`null`")


def _field_docs(kind: type) -> dict[str, str]:
    """What the docstring says of each attribute."""
    text = inspect.getdoc(kind) or ""
    attributes = text.partition("Attributes:\n")[2]
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE)
    return {name: re.sub(r"\s+", " ", doc).replace("``", "`").replace("`None`", "`null`") for name, doc in found}


def _doc(text: str | None) -> str:
    return "" if text is None else f"  /** {text[0].upper()}{text[1:]} */\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), "utf-8")
    GOLDEN.write_text(golden_text(), "utf-8")
