"""Drawn by the extension, cards do what they do without it: the same tests once more."""

import pytest

from tests.browser.test_cancel_while_busy import *  # noqa: F403
from tests.browser.test_hostile_text import *  # noqa: F403
from tests.browser.test_keyboard import *  # noqa: F403
from tests.browser.test_stored import *  # noqa: F403

pytestmark = [pytest.mark.one_page]
