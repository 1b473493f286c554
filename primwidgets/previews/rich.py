"""A result as HTML, as an image or as a document, each of bounded size; what is too large is left out."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from primwidgets import _border as border
from primwidgets.previews.shell import formatted
from primwidgets.result_preview import DOCUMENT_LIMIT, HTML_LIMIT, IMAGE_LIMIT, ImageFormat
from primwidgets.snapshot import clean

#: Documents that JupyterLab or one of its extensions draws from JSON alone, the preferred ones first.
_DOCUMENTS: Final = (
    "application/vnd.plotly.v1+json",
    "application/vnd.vegalite.v6+json",
    "application/vnd.vegalite.v5+json",
    "application/vnd.vegalite.v4+json",
)
#: HTML that draws by scripts is empty where none may run.
_SCRIPT: Final = re.compile("<script", re.IGNORECASE)
#: The formats by preference, and the method of an object that gives it.
_IMAGES: Final = {
    ImageFormat.SVG: ("image/svg+xml", "_repr_svg_"),
    ImageFormat.PNG: ("image/png", "_repr_png_"),
    ImageFormat.JPEG: ("image/jpeg", "_repr_jpeg_"),
    ImageFormat.GIF: ("image/gif", "_repr_gif_"),
    ImageFormat.WEBP: ("image/webp", "_repr_webp_"),
}
#: Resolutions at which a figure is tried, in dots per inch, until one fits.
_RESOLUTIONS: Final = (100, 72, 50, 36)
#: Pixels of the longer side of a picture that was too large as it is.
_THUMBNAIL: Final = 640

Image = dict[str, Any]


class Bundle:
    """What an object says of itself in several MIME types at once, as far as it does.

    Args:
        value: the object.
    """

    def __init__(self, value: object) -> None:
        self._value = value
        made = formatted(value, "application/vnd.jupyter.mimebundle", "_repr_mimebundle_")
        data = made[0] if isinstance(made, tuple) and made else made
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}

    def html(self) -> str | None:
        """The object as HTML, untrusted; ``None`` if there is none, too much of it, or if scripts would draw it."""
        html = self._one("text/html", "_repr_html_")
        if not isinstance(html, str) or not 0 < len(html) <= HTML_LIMIT or _SCRIPT.search(html):
            return None
        return clean(html)

    def image(self) -> Image | None:
        """The object as an image; ``None`` if there is none that is small enough."""
        if (figure := _figure_of(self._value)) is not None:
            return _drawn(figure)
        for format_, (mime_type, method) in _IMAGES.items():
            if (image := image_of(format_, self._one(mime_type, method))) is not None:
                return image
        return _thumbnail(self._value)

    def document(self) -> dict[str, str] | None:
        """The object as JSON for a renderer of JupyterLab; ``None`` if there is none that is small enough."""
        for mime_type in _DOCUMENTS:
            if (data := self._data.get(mime_type)) is not None:
                return _document(mime_type, border.call(json.dumps, data, allow_nan=False))
        if "plotly.basedatatypes:BaseFigure" in _names(self._value):  # its bundle is that of the user's renderer
            return _document(_DOCUMENTS[0], border.call(self._value.to_json))  # type: ignore[attr-defined]
        return None

    def _one(self, mime_type: str, method: str) -> Any:
        made = self._data.get(mime_type)
        made = formatted(self._value, mime_type, method) if made is None else made
        return made[0] if isinstance(made, tuple) and made else made


def image_of(format_: ImageFormat, data: object) -> Image | None:
    """An image in wire form.

    Args:
        format_: what it is.
        data: its bytes, or text: base64, and of an SVG the source.
    """
    if format_ is ImageFormat.SVG and isinstance(data, str):
        data = clean(data).encode()
    if isinstance(data, str):
        if len(data) > 2 * IMAGE_LIMIT:
            return None
        try:
            data = base64.b64decode("".join(data.split()), validate=True)
        except (binascii.Error, ValueError):
            return None
    if not isinstance(data, bytes | bytearray | memoryview) or not 0 < len(data) * 4 / 3 <= IMAGE_LIMIT - 4:
        return None
    return {"format": format_, "data": base64.b64encode(data).decode("ascii")}


def _figure_of(value: object) -> Any:
    """The matplotlib figure that ``value`` is, or whose axes it is; the library is known by the name of the class."""
    names = _names(value)
    if "matplotlib.figure:Figure" in names:
        return value
    return getattr(value, "figure", None) if "matplotlib.axes._axes:Axes" in names else None


def _names(value: object) -> set[str]:
    return {f"{kind.__module__}:{kind.__qualname__}" for kind in type(value).__mro__}


def _document(mime_type: str, written: border.Returned[str] | border.Raised) -> dict[str, str] | None:
    fits = isinstance(written, border.Returned) and len(written.value) <= DOCUMENT_LIMIT
    return {"mime_type": mime_type, "data": clean(written.value)} if fits else None  # type: ignore[union-attr]


def _drawn(figure: Any) -> Image | None:
    """A figure as PNG, at the highest resolution that is small enough. No window is opened for it."""
    for resolution in _RESOLUTIONS:
        file = io.BytesIO()
        drawn = border.call(figure.savefig, file, format="png", dpi=resolution, bbox_inches="tight")
        if isinstance(drawn, border.Raised):
            return None
        if (image := image_of(ImageFormat.PNG, file.getvalue())) is not None:
            return image
    return None


def _thumbnail(value: Any) -> Image | None:
    """A smaller copy of a picture of Pillow that is too large as it is."""
    if not any(kind.__module__ == "PIL.Image" for kind in type(value).__mro__):
        return None

    def shrink() -> bytes:
        small, file = value.convert("RGB"), io.BytesIO()
        small.thumbnail((_THUMBNAIL, _THUMBNAIL))
        small.save(file, "JPEG")
        return file.getvalue()

    made = border.call(shrink)
    return image_of(ImageFormat.JPEG, made.value) if isinstance(made, border.Returned) else None
