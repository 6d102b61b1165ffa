"""The context without a screen that drawing tests share."""

from tests.render.conftest import _egl, context  # noqa: F401
