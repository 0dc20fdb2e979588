import json

import pytest

from drawbridge.procore.problems import problem_from

BODIES = {
    "v1 declared": (
        {"code": 422, "message": "Invalid", "fields": "amount", "reason": "must be positive", "error": None},
        "Invalid",
        {"amount": ["must be positive"]},
    ),
    "v1 map of errors": (
        {"errors": {"origin_id": ["has already been taken"], "date": ["is bad", "is old"]}},
        "origin_id has already been taken; date is bad, is old",
        {"origin_id": ["has already been taken"], "date": ["is bad", "is old"]},
    ),
    "v1 map of plain texts": ({"errors": {"base": "locked"}}, "base locked", {"base": ["locked"]}),
    "v1 text": ({"errors": "Requisition is locked"}, "Requisition is locked", {}),
    "v1 list of texts": ({"errors": ["Locked", "Synced"]}, "Locked; Synced", {}),
    "v1 message": ({"message": "Not Found", "exception": "RecordNotFound"}, "Not Found", {}),
    "v1 error": (
        {"error": "App is not connected to this company"},
        "App is not connected to this company",
        {},
    ),
    "v2": (
        {
            "error": {
                "code": "BAD_REQUEST",
                "message": "Bad request",
                "details": [{"reason_code": "BLANK", "message": "can't be blank", "source": "name"}],
            }
        },
        "Bad request",
        {"name": ["can't be blank"]},
    ),
    "OAuth": (
        {"error": "invalid_token", "error_description": "The access token is invalid"},
        "The access token is invalid",
        {},
    ),
}


@pytest.mark.parametrize(("body", "message", "fields"), BODIES.values(), ids=BODIES.keys())
def test_every_error_body_of_procore_is_understood(
    body: dict[str, object], message: str, fields: dict[str, list[str]]
) -> None:
    problem = problem_from(422, json.dumps(body).encode())
    assert (problem.message, problem.fields, problem.code) == (message, fields, "procore_invalid")


@pytest.mark.parametrize(
    "body", [b"", b"<html>Forbidden</html>", b"[]", b"\xff", b'{"errors": []}', b'{"error": {}}']
)
def test_body_without_a_reason_still_makes_a_sentence_and_advice(body: bytes) -> None:
    problem = problem_from(403, body)
    assert problem.message == "no reason given."
    assert problem.refused().problem.message == "Procore answered 403: no reason given."
    assert "permission" in problem.advice


def test_long_message_is_cut() -> None:
    assert len(problem_from(418, json.dumps({"message": "x" * 9999}).encode()).message) == 500


@pytest.mark.parametrize("status", [403, 404])
def test_advice_names_the_project_and_stays_open_about_the_cause(status: int) -> None:
    advice = problem_from(status, b"{}", 123).advice
    assert "permitted on project 123" in advice
    assert "App Management" in advice
    assert "Procore does not say which" in advice or "both for deleted and for invisible" in advice


def test_no_answer_leaves_a_blank_in_its_advice() -> None:
    assert not [status for status in range(300, 500) if "{" in problem_from(status, b"").advice]
