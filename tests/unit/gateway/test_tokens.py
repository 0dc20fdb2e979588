"""Tokens: everything about them is pinned, keys rotate, and whatever is not right is refused."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from drawbridge.contracts.errors import Retryable
from drawbridge.gateway.domain.refusals import Unauthenticated
from drawbridge.gateway.entrypoints.http import jwks
from drawbridge.runtime import utc_now
from tests.factories.identity import AUDIENCE, ISSUER, Provider

_MINUTE = timedelta(minutes=1)


def _unsigned(claims: dict[str, Any], header: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _claims() -> dict[str, Any]:
    now = utc_now().timestamp()
    return {"iss": ISSUER, "aud": AUDIENCE, "sub": "anna", "iat": now, "exp": now + 60, "roles": ["operator"]}


async def _refused(provider: Provider, token: str) -> str:
    with pytest.raises(Unauthenticated) as refused:
        await provider.tokens().bearer(token)
    assert token not in refused.value.problem.message
    return refused.value.problem.message


async def test_a_valid_token_names_its_bearer() -> None:
    provider = Provider()
    caller = await provider.tokens().bearer(provider.token("main:viewer", aud=[AUDIENCE, "other"]))
    assert (caller.name, caller.operator, dict(caller.roles)) == ("anna", False, {"main": "viewer"})


async def test_the_clock_may_be_off_by_the_skew_and_not_by_more() -> None:
    provider, now = Provider(), utc_now()
    tokens = provider.tokens()
    assert (await tokens.bearer(provider.token(exp=now - timedelta(seconds=10)))).name == "anna"
    assert (await tokens.bearer(provider.token(nbf=now + timedelta(seconds=10)))).name == "anna"
    assert "expired" in await _refused(provider, provider.token(exp=now - _MINUTE))
    assert "not valid yet" in await _refused(provider, provider.token(nbf=now + _MINUTE))
    assert "not valid yet" in await _refused(provider, provider.token(iat=now + _MINUTE))


@pytest.mark.parametrize("missing", ["exp", "iat", "iss", "aud", "sub"])
async def test_a_claim_that_is_missing_is_refused(missing: str) -> None:
    provider = Provider()
    claims: dict[str, Any] = {missing: None}
    await _refused(provider, provider.token(**claims))


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"aud": "other"}, "another application"),
        ({"aud": ["other"]}, "another application"),
        ({"aud": f"{AUDIENCE}-2"}, "another application"),
        ({"iss": "https://evil.example.com"}, "another issuer"),
        ({"iss": f"{ISSUER}/"}, "another issuer"),
    ],
)
async def test_issuer_and_audience_are_pinned(claims: dict[str, Any], word: str) -> None:
    provider = Provider()
    assert word in await _refused(provider, provider.token("operator", **claims))


async def test_a_token_of_a_foreign_key_is_refused_whatever_key_id_it_claims() -> None:
    provider, stranger = Provider(), Provider()
    assert "signature" in await _refused(provider, stranger.token("operator"))
    assert "does not have" in await _refused(provider, stranger.token("operator", signed_by="other"))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
async def test_the_algorithm_none_is_refused(name: str) -> None:
    assert "algorithm" in await _refused(Provider(), _unsigned(_claims(), {"alg": name, "kid": "first"}))


async def test_the_public_key_is_no_shared_secret() -> None:
    """Key confusion: HS256 with the public key, in each form that an attacker can have it."""
    provider = Provider()
    public = provider.key("first").public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for secret in (pem, pem.strip(), der, json.dumps(provider.public_key("first")).encode()):
        token = _unsigned(_claims(), {"alg": "HS256", "kid": "first"})
        signing_input = token.rpartition(".")[0].encode()
        signature = hmac.digest(secret, signing_input, hashlib.sha256)
        forged = f"{signing_input.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
        assert "algorithm" in await _refused(provider, forged)


async def test_a_key_serves_its_own_algorithm_alone() -> None:
    provider = Provider()
    ours = jwt.encode(_claims(), provider.elliptic, "ES256", headers={"kid": "elliptic"})
    assert (await provider.tokens().bearer(ours)).operator
    await _refused(provider, provider.token("operator", headers={"kid": "elliptic"}))
    await _refused(provider, jwt.encode(_claims(), provider.elliptic, "ES256", headers={"kid": "first"}))
    allowed = provider.tokens(algorithms=("RS256",))
    with pytest.raises(Unauthenticated):
        await allowed.bearer(ours)


async def test_a_header_cannot_bring_its_own_key() -> None:
    provider, stranger = Provider(), Provider()
    for headers in (
        {"jwk": stranger.public_key("first")},
        {"jku": "https://evil.example.com/keys", "kid": "evil"},
        {"x5u": "https://evil.example.com/x"},
        {"kid": "../../dev/null"},
        {"crit": ["exp"]},
    ):
        await _refused(provider, stranger.token("operator", headers=headers))


@pytest.mark.parametrize("token", ["a.b.c", "..", "ey.ey.ey", "\x00.\x00.\x00", "é.é.é"])
async def test_garbage_is_refused(token: str) -> None:
    await _refused(Provider(), token)


async def test_a_changed_token_is_refused() -> None:
    provider = Provider()
    head, _, signature = provider.token("main:viewer").split(".")
    body = base64.urlsafe_b64encode(json.dumps(_claims()).encode()).rstrip(b"=").decode()
    assert "signature" in await _refused(provider, f"{head}.{body}.{signature}")


async def test_keys_are_fetched_once_and_again_when_they_rotate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "_COOLDOWN_SECONDS", 0)
    provider = Provider()
    tokens = provider.tokens()
    for _ in range(5):
        await tokens.bearer(provider.token())
    assert provider.asked == 2  # the discovery document and the key set
    provider.key_ids = ["second"]
    assert (await tokens.bearer(provider.token(signed_by="second"))).name == "anna"
    with pytest.raises(Unauthenticated):
        await tokens.bearer(provider.token(signed_by="first"))


async def test_made_up_key_ids_do_not_make_us_ask_again_and_again() -> None:
    provider = Provider()
    tokens = provider.tokens()
    for number in range(20):
        with pytest.raises(Unauthenticated):
            await tokens.bearer(provider.token(headers={"kid": f"made-up-{number}"}))
    assert provider.asked == 2


async def test_known_keys_serve_while_the_provider_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jwks, "_COOLDOWN_SECONDS", 0)
    monkeypatch.setattr(jwks, "_FRESH_SECONDS", 0)
    provider = Provider()
    tokens = provider.tokens()
    await tokens.bearer(provider.token())
    provider.silent = True
    assert (await tokens.bearer(provider.token())).name == "anna"
    monkeypatch.setattr(jwks, "_USABLE_SECONDS", 0)
    with pytest.raises(Retryable):
        await tokens.bearer(provider.token())


async def test_a_provider_that_never_answered_is_no_refusal() -> None:
    provider = Provider(silent=True)
    with pytest.raises(Retryable) as away:
        await provider.tokens().bearer(provider.token())
    assert away.value.problem.code == "identity_provider_away"
