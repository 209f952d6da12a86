"""The version of the events."""

SCHEMA_VERSION: str = "1.1"
"""What every event says of itself; servers refuse versions they do not know."""
