"""Import the first Procore invoice that allows it: `python import_story.py main` (needs only httpx)."""

import os
import sys
import uuid

import httpx

VAULT = sys.argv[1] if len(sys.argv) > 1 else "main"
URL = os.environ.get("API", "http://127.0.0.1:8080")
KEY = {"Authorization": f"Bearer {os.environ['KEY']}"}


def answer(response: httpx.Response) -> dict:
    """The JSON; an error ends the script with its advice."""
    body = response.json()
    if response.is_error:
        sys.exit(f"{body['detail']} {body['advice']} ({body['code']}, {body['correlation_id']})")
    return body


with httpx.Client(base_url=f"{URL}/v1/vaults/{VAULT}", headers=KEY, timeout=30) as api:
    grid = answer(api.get("/procore-invoices", params={"range": "all", "state": "not_imported"}))
    rows = [row for row in grid["items"] if row["actions"]["import"]["allowed"]]
    if not rows:
        sys.exit("Nothing can be imported; each row says why in actions.import.reason.")
    path = f"/procore-invoices/{rows[0]['requisition_id']}/import"
    once = {"Idempotency-Key": str(uuid.uuid4()), "Prefer": "wait=20"}
    operation = answer(api.post(path, headers=once))
    if operation["status"] != "done":
        sys.exit(f"{operation['status']}: {operation['problem'] or operation['waiting_reason']}")
    read = api.get(f"/invoices/{operation['result']['invoice_id']}")
    invoice, etag = answer(read), read.headers["ETag"]
    header = invoice["content"]["header"]
    print(f"Imported {header['invoice_number']} of {header['vendor']['name']}: {header['net_due']}")
    notes = {"notes": "Imported by a script."}
    changed = answer(api.patch(f"/invoices/{invoice['id']}", json=notes, headers={"If-Match": etag}))
    print(f"Notes: {changed['status']}")
