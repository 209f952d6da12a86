"""What an exception says."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


def reason_of(exc_type: "type[BaseException]", exc: "BaseException | None") -> str:
    """An exception in one line."""
    try:
        return f"{exc_type.__name__}: {exc}"
    except Exception:  # an exception that cannot say what it is
        return exc_type.__name__


def traceback_of(
    exc_type: "type[BaseException]",
    exc: "BaseException | None",
    tb: "TracebackType | None",
) -> "str | None":
    """Where it came from; the end of it, when it is very long."""
    import traceback

    try:
        text = "".join(traceback.format_exception(exc_type, exc, tb))
    except Exception:
        return None
    # The end says what went wrong.
    return text[-16_000:]


def left_in_order(exc: "BaseException | None") -> bool:
    """Whether this is only ``sys.exit()``: how many scripts leave when they are told to stop."""
    return isinstance(exc, SystemExit) and exc.code in (None, 0)
