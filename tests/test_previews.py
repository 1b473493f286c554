"""What a card shows of a result of any type."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from concurrent.futures import Future
from importlib.metadata import EntryPoint
from typing import Any

import numpy as np
import pytest
from typing_extensions import override

from primwidgets.adapters import adapter_for
from primwidgets.previews import announced as announcements
from primwidgets.previews import preview_of, use_shell
from primwidgets.previews.announced import Announcements
from primwidgets.previews.preview import display
from primwidgets.result_preview import HTML_LIMIT, IMAGE_LIMIT, RESULT_TEXT_LIMIT, SUMMARY_LIMIT
from primwidgets.snapshot import JobSnapshot

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(32)


class Rude:
    """Its code raises whatever is asked."""

    def __repr__(self) -> str:
        raise SystemExit

    def __len__(self) -> int:
        raise KeyboardInterrupt

    @property
    def shape(self) -> Any:
        raise GeneratorExit

    def _repr_html_(self) -> str:
        raise SystemExit

    def _repr_png_(self) -> bytes:
        raise KeyError("x")

    def _repr_mimebundle_(self, **_: Any) -> Any:
        raise RecursionError


class Table:
    shape = (1000, 5)

    def __init__(self, html: str = "<table><tr><td>1</td></tr></table>") -> None:
        self.html = html

    @override
    def __repr__(self) -> str:
        return "   0\n0  1"

    def _repr_html_(self) -> str:
        return self.html


def named(name: str, module: str, **members: Any) -> Any:
    return type(name, (), {"__module__": module, **members})()


@pytest.mark.parametrize(
    ("result", "summary"),
    [
        (-1.1372838, f"= {MINUS}1.13728"),
        (np.float64(1e-9), f"= 1e{MINUS}09"),
        (math.inf, "= inf"),
        (42, "= 42"),
        (10**5000, "integer of 16,610 bits"),
        (3 - 4j, f"= 3 {MINUS} 4j"),
        (True, "= True"),
        ("converged", "= 'converged'"),
        ("one\ntwo", "text of 7 characters"),
        ([1, 2, 3], "= [1, 2, 3]"),
        (list(range(1000)), "list of 1,000 items"),
        ({str(index): index for index in range(50)}, "dict of 50 entries"),
        (bytes(100), "bytes of 100 bytes"),
        (np.zeros((3, 4)), f"ndarray 3 {TIMES} 4, float64"),
        (Table(), f"Table 1,000 {TIMES} 5"),
        (object(), "object"),
        (Rude(), "Rude"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_result_is_summarised_in_a_few_words(result: Any, summary: str) -> None:
    assert display(result)["summary"] == summary


@pytest.mark.parametrize("number", [7, -7, -1.13728, 1e-9])
def test_a_number_that_the_card_shows_as_it_is_has_no_more_to_show(number: float) -> None:
    assert display(number)["text"] == ""


def test_a_short_value_is_not_shown_twice() -> None:
    assert display(42)["text"] == ""
    assert display(-1.1372838)["text"] == "-1.1372838"


def test_a_failed_formatter_takes_nothing_away_from_the_others() -> None:
    shown = display(Rude())
    assert (shown["text"], shown["html"], shown["image"]) == ("<Rude>", None, None)


@pytest.mark.parametrize(
    "result", [Rude(), Table(), "x" * 10**6, list(range(10**6)), np.zeros(10**6), {1: "\ud800"}], ids=range(6)
)
def test_whatever_comes_back_is_bounded_and_can_be_sent(result: Any) -> None:
    shown = display(result)
    assert len(shown["summary"]) <= SUMMARY_LIMIT
    assert len(shown["text"]) <= RESULT_TEXT_LIMIT
    json.dumps(shown, allow_nan=False).encode()
    sent = JobSnapshot(uid="u", result_preview=shown).to_wire()["result_preview"]
    assert sent == JobSnapshot.from_wire({"uid": "u", "state": "DONE", "result_preview": sent}).result_preview == shown


def test_html_is_taken_unless_it_is_too_long_or_drawn_by_scripts() -> None:
    assert display(Table())["html"] == "<table><tr><td>1</td></tr></table>"
    assert display(Table("x" * (HTML_LIMIT + 1)))["html"] is None
    assert display(Table("<div></div><SCRIPT src=x></SCRIPT>"))["html"] is None


@pytest.mark.parametrize("data", [PIXEL, base64.b64encode(PIXEL).decode(), (PIXEL, {"width": 3})], ids=range(3))
def test_an_image_is_taken_as_bytes_as_base64_and_with_metadata(data: Any) -> None:
    shown = display(named("Picture", "somewhere", _repr_png_=lambda self: data))
    assert shown["image"] == {"format": "png", "data": base64.b64encode(PIXEL).decode()}


@pytest.mark.parametrize("data", [b"", bytes(IMAGE_LIMIT), "not base64!", "A" * 10**7, 7, None], ids=range(6))
def test_what_is_no_image_or_too_large_is_left_out(data: Any) -> None:
    assert display(named("Picture", "somewhere", _repr_png_=lambda self: data))["image"] is None


def test_a_figure_is_drawn_at_the_highest_resolution_that_fits() -> None:
    tried = []

    def savefig(self: Any, file: Any, *, dpi: int, **_: Any) -> None:
        tried.append(dpi)
        file.write(bytes(dpi * 2_000))

    figure = named("Figure", "matplotlib.figure", savefig=savefig)
    image = display(figure)["image"]
    assert tried == [100, 72]
    assert image is not None
    assert display(named("Axes", "matplotlib.axes._axes", figure=figure))["image"] == image


def test_a_plotly_figure_is_sent_as_a_document() -> None:
    figure = named("BaseFigure", "plotly.basedatatypes", to_json=lambda self: '{"data": []}')
    assert display(figure)["document"] == {"mime_type": "application/vnd.plotly.v1+json", "data": '{"data": []}'}


def test_an_object_that_has_any_attribute_is_not_asked_for_formats() -> None:
    class Anything:
        def __getattr__(self, name: str) -> Any:
            return lambda *_, **__: name

    shown = display(Anything())
    assert (shown["html"], shown["image"], shown["document"]) == (None, None, None)


class Formatter:
    """IPython's registry of one format, as far as it is used."""

    def __init__(self, kind: type, printer: Any) -> None:
        self._kind, self._printer = kind, printer

    def lookup(self, value: object) -> Any:
        if isinstance(value, self._kind):
            return self._printer
        raise KeyError(type(value))


@pytest.fixture
def shell() -> Iterator[Any]:
    formatters = {"text/html": Formatter(complex, lambda value: f"<i>{value.real:g}</i>")}
    yield type("Shell", (), {"display_formatter": type("Display", (), {"formatters": formatters})})
    use_shell(lambda: None)


def test_a_formatter_that_the_user_registered_comes_first(shell: Any) -> None:
    use_shell(lambda: shell)
    assert display(3 + 1j)["html"] == "<i>3</i>"
    assert display(3.0)["html"] is None


class Molecule:
    """A type of another package."""


def _draw(molecule: object) -> Any:
    return {"text/plain": "H2", "text/html": "<b>H2</b>"}


def test_another_package_announces_previews_for_its_types(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(f"{__name__}:Molecule", f"{__name__}:_draw", announcements.ENTRY_POINT_GROUP)
    broken = EntryPoint(f"{__name__}:Table", "nowhere:draw", announcements.ENTRY_POINT_GROUP)
    monkeypatch.setattr(announcements, "entry_points", lambda group: [entry, broken])
    monkeypatch.setattr("primwidgets.previews.preview.announced", Announcements())

    shown = display(type("Hydrogen", (Molecule,), {})())
    assert (shown["summary"], shown["text"], shown["html"]) == ("Hydrogen", "H2", "<b>H2</b>")
    assert display(Table())["html"] is not None  # a broken preview leaves what there is without it


def test_a_result_that_the_adapter_draws_is_drawn_by_the_adapter() -> None:
    adapter = adapter_for(Future())
    assert (preview_of(adapter, {"00": 3}) or {})["kind"] == "counts"
    assert (preview_of(adapter, 7) or {})["kind"] == "display"
    assert preview_of(adapter, None) is None


def test_a_picture_that_cannot_be_sent_is_replaced_by_what_jupyter_would_show(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = adapter_for(Future())
    for bad in ({"kind": "film"}, {"kind": {1}}, lambda: None):
        monkeypatch.setattr(type(adapter), "preview", lambda *_, bad=bad: bad)
        assert (preview_of(adapter, 7) or {})["summary"] == "= 7"
