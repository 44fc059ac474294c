"""Moments of the log as the clock on the wall had them."""

from __future__ import annotations

from datetime import datetime, tzinfo


def local_time(moment: str, zone: tzinfo | None = None) -> str:
    """Return an ISO 8601 time stamp in the zone of the machine that writes the page, with its name and offset.

    Args:
        moment: The stamp.
        zone: Another zone: that of the machine tells roughly where it stands.

    A log holds moments with their offset and no place, so where it was written elsewhere this is not the time of day
    there. What is no stamp, or says no offset, is returned as it is: nobody can tell which moment it means.
    """
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            return f"{moment}, of an unknown zone"
        here = at.astimezone(zone)
    except (ValueError, OverflowError, OSError):  # no stamp, or of a year that no local clock counts
        return moment
    return f"{here.day} {here:%B %Y, %H:%M:%S} {_zone(here)}"


def _zone(at: datetime) -> str:
    """Return `UTC`, `CET (UTC+01:00)`, or the offset alone where the zone has no name of its own."""
    offset = f"UTC{at:%z}"
    offset = f"{offset[:-2]}:{offset[-2:]}" if len(offset) == len("UTC+0100") else offset
    name = at.tzname() or ""
    if name == "UTC":
        return name
    return f"{name} ({offset})" if name.isalpha() else offset
