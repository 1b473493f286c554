"""The preview of any result: what its adapter draws, what a package has registered, or what Jupyter would display.

Made on worker threads only: a formatter is foreign code and may raise anything or take as long as it likes.
"""

from primwidgets.previews.preview import preview_of as preview_of
from primwidgets.previews.shell import use_shell as use_shell
