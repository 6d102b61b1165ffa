"""The context without a screen that drawing tests share."""

from tests.render.conftest import context  # noqa: F401
