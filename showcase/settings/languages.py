"""The scenarios that ship: a file for each language, named by its tag (BCP 47). A file more is a language more."""

from __future__ import annotations

from pathlib import Path

from showcase.errors import UsageError

USUAL = "en"
"""The language of a run that names none: a command means the same on every machine, whatever its locale."""

_SCENARIOS = Path(__file__).parents[1] / "scenes" / "scenarios"


def there() -> tuple[str, ...]:
    """Return the languages that a scenario ships in, the usual one first."""
    found = sorted(path.stem for path in _SCENARIOS.glob("*.toml"))
    return tuple(sorted(found, key=lambda tag: tag != USUAL))


def scenario(language: str | None = None) -> Path:
    """Return the file of the scenario in a language, None for the usual one.

    Raises:
        UsageError: There is none.
    """
    wanted = USUAL if language is None else language
    if wanted not in there():
        raise UsageError(
            f"no scenario ships in {wanted!r}; there are: {', '.join(there())}",
            hint="take one of them, or write your own: showcase scenario new",
        )
    return _SCENARIOS / f"{wanted}.toml"
