from collections.abc import Callable
from typing import Any

def succeeds(function: Callable[[Any], object], argument: object, failure: type[BaseException]) -> bool: ...
