"""Which errors are a lost connection, so that waiting and connecting again is the right answer."""

from collections.abc import Callable

Recogniser = Callable[[BaseException], bool]

_OF_FILES = (FileNotFoundError, FileExistsError, PermissionError, IsADirectoryError, NotADirectoryError)


def _is_connection_error(error: BaseException) -> bool:
    """Operating system errors, timeouts included, but for those of files: connecting again mends none."""
    return isinstance(error, OSError) and not isinstance(error, _OF_FILES)


_RECOGNISERS: list[Recogniser] = [_is_connection_error]


def register_transient(recogniser: Recogniser) -> None:
    """Teach all processes another shape of a lost connection; a library does so when it is imported."""
    _RECOGNISERS.append(recogniser)


def is_transient(error: BaseException) -> bool:
    """Tell whether the error is a lost or refused connection. A group is one only if all of it is."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_transient(each) for each in error.exceptions)
    return any(recognise(error) for recognise in _RECOGNISERS)
