"""A preset: two SELECTs that show a SQL ledger in the columns that Drawbridge reads.

``payment_rows``: one row per payment and bill, or finer (they are summed), with the columns ``payment_id,
number, date, method, bank_account, state, vendor_code, payee, joint_payee, changed_at, bill_id, cash,
discount, credit, reversal_key``. Negative rows are reversals. Rows that carry one ``reversal_key`` (vendor
and check number, say) may reverse each other even under two payment ids.

``bills``: one row per bill, with ``id, vendor_code, invoice_number, total, paid, balance, retainage, voided
(0 or 1), date``.

Ids, vendor codes and invoice numbers are texts. Dates and stamps are dates and timestamps, or ISO 8601 texts.

The SQL is read as SQLAlchemy text: a literal colon takes a backslash before it.
"""

from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drawbridge.contracts.errors import Refused

_SHIPPED = files("drawbridge.ledgers") / "presets"


class Preset(BaseModel):
    """How one kind of SQL ledger is read; ``title`` is its name for people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    payment_rows: str
    bills: str
    invoice_number_length: int | None = Field(default=None, gt=0)


def shipped_presets() -> list[str]:
    """Return the names of the presets that come with Drawbridge."""
    names = (entry.name for entry in _SHIPPED.iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def load_preset(name: str) -> Preset:
    """Load a shipped preset by name, or a preset of one's own by the path of its ``.yaml`` file.

    Raises:
        Refused: ``ledger_preset``, when there is none or it cannot be read.
    """
    try:
        if name in shipped_presets():
            text = (_SHIPPED / f"{name}.yaml").read_text(encoding="utf-8")
        elif name.endswith(".yaml"):
            text = Path(name).read_text(encoding="utf-8")
        else:
            raise _refused(f"There is no ledger preset {name!r}.")
        return Preset.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise _refused(f"The ledger preset {name!r} cannot be opened ({error.strerror}).") from error
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise _refused(f"The ledger preset {name!r} is not a title with payment_rows and bills.") from error


def _refused(message: str) -> Refused:
    known = ", ".join(shipped_presets())
    return Refused("ledger_preset", message, f"Use one of: {known}; or the path of a preset file (.yaml).")
