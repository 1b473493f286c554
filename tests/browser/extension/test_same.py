"""Drawn by the extension, cards do what they do without it: the same tests once more."""

from tests.browser.test_cancel_while_busy import *  # noqa: F403
from tests.browser.test_hostile_text import *  # noqa: F403
from tests.browser.test_keyboard import *  # noqa: F403
from tests.browser.test_stored import *  # noqa: F403

#: In place of the marks of the modules above: here all is tried in both applications.
pytestmark = []
