"""Makes the AMQP library read messages with odd properties, because any publisher may send them.

pamqp gives up the connection over one property that it cannot read: a timestamp in nanoseconds, text that is
not UTF-8, tables that are nested too deep. The message would come again on the next connection, and nothing
behind it would be read. Now it arrives with the properties that could be read and with a mark, so that it
can be parked.
"""

from pamqp.header import ContentHeader

UNREADABLE = "drawbridge-unreadable"
"""Header with the reason why some properties could not be read."""

_unmarshal = ContentHeader.unmarshal


def read_what_can_be_read(header: ContentHeader, data: bytes) -> None:
    """Read a content header; what follows the first unreadable property is left out."""
    properties = header.properties
    try:
        _unmarshal(header, data)
    except Exception as error:
        if header.class_id is None:  # the frame itself is broken, and so is the connection
            raise
        properties.headers = {
            **(properties.headers or {}),
            UNREADABLE: f"{type(error).__name__}: {error}"[:200],
        }


def install() -> None:
    """Let every connection of this process read so. May be repeated."""
    ContentHeader.unmarshal = read_what_can_be_read  # type: ignore[assignment, method-assign]  # pamqp has no setting for it
