"""A name in front of a value tells in every language, unless it is the name of something else."""

from __future__ import annotations

import pytest

from occasio_secrets import Tokens
from occasio_secrets.assignments import ASSIGNMENTS

VALUE = "k3jd9s0qpz81mxnw"


def found(text: str) -> list[str]:
    return [text[one.start : one.end] for one in Tokens(ASSIGNMENTS).scan(text)]


@pytest.mark.parametrize(
    "text",
    [
        "api_key = '@'",
        'apiKey: "@"',
        "api-key => '@'",
        "api_key := `@`",
        'api_key: str = "@"',
        'config["api_key"] = "@"',
        'setApiKey("@")',
        'put("api_key", "@")',
        "<apiKey>@</apiKey>",
        '<add key="ApiKey" value="@" />',
        '{"name": "API_KEY", "value": "@"}',
        "- name: API_KEY\n  value: @",
        '{\\"api_key\\": \\"@\\"}',
        '{\\\\\\"api_key\\\\\\": \\\\\\"@\\\\\\"}',
        "API_KEY=@",
        "API_KEY = @",
        "API_KEY: @",
        "export MY_API_KEY_PROD=@",
        "client_secret=@&x=1",
        "ACME_KEY=@",
        "hmac_key = '@'",
        "the secret is @",
    ],
)
def test_a_value_is_found_however_it_is_assigned(text: str) -> None:
    assert found(text.replace("@", VALUE)) == [VALUE]


@pytest.mark.parametrize(
    "name",
    [
        "api_key_id",
        "secret_name",
        "secretArn",
        "token_url",
        "token_type",
        "password_hash",
        "API_KEY_FILE",
        "keyboard",
        "monkey",
        "publicKey",
    ],
)
def test_the_name_of_something_else_tells_nothing(name: str) -> None:
    assert found(f'{name} = "{VALUE}"') == []


@pytest.mark.parametrize(
    "text", ["token = f(@)", "token = @(x)", "token = @[0]", "token == '@'", "token = x.@", "token::@"]
)
def test_code_in_the_place_of_a_value_is_left_alone(text: str) -> None:
    assert found(text.replace("@", VALUE)) == []


def test_variables_of_the_environment_may_hold_what_a_person_chose() -> None:
    assert found("SESSION_SECRET=river-stone-9") == ["river-stone-9"]
    assert found("session_secret=river-stone-9") == []


def test_the_key_beside_its_id_is_found() -> None:
    key = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6kL8n"
    assert found(f"ada,AKIA{'Q' * 8}WERTYUIO,{key}") == [key]


@pytest.mark.parametrize(
    "unit", ["pass", "pass=", "token ", "secret\\", "name: token\n", "_KEY", "value", "[", "token_"]
)
def test_no_text_is_read_again_and_again(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + '="'
    assert all(one.end <= len(text) for one in Tokens(ASSIGNMENTS).scan(text))


def test_the_name_of_a_provider_tells_where_the_key_has_no_form() -> None:
    assert found("algolia_admin = '9f86d081884c7d659a2feaa0c55ad015'") == ["9f86d081884c7d659a2feaa0c55ad015"]


@pytest.mark.parametrize(
    "text", ["const PASS8 = 0x08000000;", "TOKEN = a.TOKEN1.concat([1])", "from(password, 'base64')"]
)
def test_constants_and_arguments_are_no_values(text: str) -> None:
    assert found(text) == []
