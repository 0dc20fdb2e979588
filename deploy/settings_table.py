"""Writes the tables of settings into docs/configure.md: ``python -m deploy.settings_table``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from drawbridge.cloud_service.settings import Settings as CloudSettings
from drawbridge.gateway.settings import ApiSettings, OidcSettings
from drawbridge.gateway.settings import Settings as GatewaySettings
from drawbridge.import_service.settings import Settings as ImportSettings
from drawbridge.payment_backfiller.settings import Settings as PaymentSettings
from drawbridge.runtime import DatabaseSettings, ServiceSettings
from drawbridge.runtime.settings import PREFIX

PAGE = Path(__file__).parent.parent / "docs" / "configure.md"
BEGIN = "<!-- settings: written by `python -m deploy.settings_table` -->"
END = "<!-- settings: end -->"

SECTIONS: dict[str, type[DatabaseSettings]] = {
    "Every process and command of a service": DatabaseSettings,
    "Every process": ServiceSettings,
    "gateway, api and worker": GatewaySettings,
    "gateway api": ApiSettings,
    "gateway api, tokens of people": OidcSettings,
    "import-service worker": ImportSettings,
    "cloud-service worker": CloudSettings,
    "payment-backfiller worker": PaymentSettings,
}
"""Title and class of each table, which shows what the class adds to the class that it extends, or changes."""

_SET_BY_EACH_SERVICE = "http_port"


def variables(settings: type[DatabaseSettings]) -> dict[str, dict[str, Any]]:
    """Each environment variable that a process reads, with its JSON schema."""
    properties: dict[str, dict[str, Any]] = settings.model_json_schema(mode="validation")["properties"]
    return {
        name if name.startswith(PREFIX) else f"{PREFIX}{name.upper()}": schema
        for name, schema in properties.items()
    }


def tables() -> str:
    """All tables, as Markdown."""
    return "\n\n".join(_table(title, settings) for title, settings in SECTIONS.items())


def with_tables(page: str) -> str:
    """The page with today's tables between its two marks.

    Raises:
        ValueError: when the page lacks a mark.
    """
    before, found, rest = page.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not found or not closed:
        raise ValueError(f"{PAGE.name} has lost a mark; the tables stand between {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def _table(title: str, settings: type[DatabaseSettings]) -> str:
    known = variables(settings)
    head = [f"**{title}**", "", "| variable | default | what it is |", "|---|---|---|"]
    rows = [_row(name, known[name]) for name in _own(settings)]
    return "\n".join(head + rows)


def _own(settings: type[DatabaseSettings]) -> Iterator[str]:
    """The variables of the fields that this very class declares."""
    declared = settings.__annotations__
    for field, name in zip(settings.model_fields, variables(settings), strict=True):
        if field in declared and (settings is not ServiceSettings or field != _SET_BY_EACH_SERVICE):
            yield name


def _row(name: str, schema: dict[str, Any]) -> str:
    default = schema.get("default")
    shown = "**required**" if "default" not in schema else "none" if default is None else f"`{default}`"
    meaning = "; ".join(filter(None, (schema["description"], _allowed(schema))))
    return f"| `{name}` | {shown} | {meaning} |"


def _allowed(schema: dict[str, Any]) -> str:
    """The allowed values in words."""
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    least, most = schema.get("minimum"), schema.get("maximum")
    words = [
        f"at least {least}" if least is not None else "",
        f"more than {schema['exclusiveMinimum']}" if "exclusiveMinimum" in schema else "",
        f"at most {most}" if most is not None else "",
    ]
    return ", ".join(filter(None, words))


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
