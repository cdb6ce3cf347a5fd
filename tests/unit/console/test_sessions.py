"""What a cookie is worth, and what the database is worth without it."""

from uuid import UUID

from services.console import sessions


def test_a_token_opens_with_its_own_secret_alone() -> None:
    secret, other = sessions.new_secret(), sessions.new_secret()
    sealed = sessions.seal(secret, "the token")
    assert b"the token" not in sealed
    assert sessions.unseal(secret, sealed) == "the token"
    assert sessions.unseal(other, sealed) is None
    assert sessions.unseal(secret, sealed[:-1] + bytes([sealed[-1] ^ 1])) is None


def test_the_database_s_name_of_a_session_is_not_its_secret() -> None:
    secret = sessions.new_secret()
    assert secret.encode() not in sessions.name_of(secret)
    assert sessions.name_of(secret) == sessions.name_of(secret)


def test_a_form_key_says_whose_form_it_is_and_is_no_proof_of_it() -> None:
    key = f"{sessions.form_key('one')}.{UUID(int=7).hex}"
    assert sessions.is_form_key("one", key)
    assert not sessions.is_form_key("two", key)
    assert sessions.is_theirs(key, UUID(int=7))
    assert not sessions.is_theirs(key, UUID(int=8))
    assert not sessions.is_theirs(sessions.form_key("one"), UUID(int=7))


def test_a_form_key_belongs_to_one_session() -> None:
    secret, other = sessions.new_secret(), sessions.new_secret()
    assert sessions.is_form_key(secret, sessions.form_key(secret))
    assert not sessions.is_form_key(other, sessions.form_key(secret))
    assert not sessions.is_form_key(secret, "")
    assert not sessions.is_form_key(secret, "é")
