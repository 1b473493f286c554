"""Where functions run: one module or folder per engine, picked by what is passed as ``engine``."""

from primwidgets.engines.base import Engine, FunctionCall, FunctionJob, Recipe
from primwidgets.engines.options import NO_OPTIONS, CallOptions, call_options
from primwidgets.engines.registry import engine_for

__all__ = ["NO_OPTIONS", "CallOptions", "Engine", "FunctionCall", "FunctionJob", "Recipe", "call_options", "engine_for"]
