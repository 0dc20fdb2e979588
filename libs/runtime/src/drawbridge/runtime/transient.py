"""Which errors are a lost connection, so that waiting and connecting again is the right answer."""

from collections.abc import Callable

Recogniser = Callable[[BaseException], bool]

_RECOGNISERS: list[Recogniser] = [lambda error: isinstance(error, OSError)]


def register_transient(recogniser: Recogniser) -> None:
    """Teach all processes another shape of a lost connection; a library does so when it is imported."""
    _RECOGNISERS.append(recogniser)


def is_transient(error: BaseException) -> bool:
    """Tell whether the error is a lost or refused connection. A group is one only if all of it is."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_transient(each) for each in error.exceptions)
    return any(recognise(error) for recognise in _RECOGNISERS)
