"""What the reporter has to say goes to the logger ``argus``, from the thread of the caller."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Batch


def say(level: int, text: str) -> None:
    """Logs one text; ``level`` is one of :mod:`logging`."""
    # Importing logging costs more than importing all of argus.
    import logging

    logging.getLogger("argus").log(level, "%s", text)


def tell(native: "Batch") -> None:
    """Logs what a batch has to say."""
    for level, text in native.notices():
        say(level, text)
