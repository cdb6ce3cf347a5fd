"""Over TLS: who has the password or the certificate makes the topic, publishes and consumes; who has
not is told which setting to look at."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from chassis.clock import system_clock
from chassis.database import Database
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.stream.bell import Bell
from chassis.stream.kafka import topic
from chassis.stream.kafka.clients import StreamRefused
from chassis.stream.kafka.relay import Relay
from chassis.stream.kafka.source import KafkaSource
from chassis.stream.kernel import Kernel
from frontdoor.distributed.kafka import KafkaStream
from tests.brokers import SecuredKafka
from tests.clocks import SetClock
from tests.integration.stream.kafka.topics import append
from tests.integration.stream.streams import drain, kafka_settings
from tests.integration.stream.toy import Tally, heard, word


def with_password(kafka: SecuredKafka, **otherwise: Any) -> Settings:
    said = {
        "kafka_security": "SASL_SSL",
        "kafka_ca_file": kafka.ca,
        "kafka_username": kafka.username,
        "kafka_password": kafka.password,
    }
    return kafka_settings(kafka.with_password, **{**said, **otherwise})


def with_certificate(kafka: SecuredKafka, **otherwise: Any) -> Settings:
    said = {
        "kafka_security": "SSL",
        "kafka_ca_file": kafka.ca,
        "kafka_certificate_file": kafka.certificate,
    }
    return kafka_settings(kafka.with_certificate, **{**said, **otherwise})


WAYS = {"with_password": with_password, "with_certificate": with_certificate}


@pytest.mark.parametrize("way", WAYS)
async def test_events_are_published_and_consumed_over_tls(
    way: str, secured_kafka: SecuredKafka, intake: Database, database: Database,
    kernel: Kernel[Tally], clock: SetClock,
) -> None:  # fmt: skip
    settings = WAYS[way](secured_kafka)
    await topic.make(settings)
    referral = new_id()
    await append(
        intake, [word(referral, number, f"word {number}", clock()) for number in range(1, 4)]
    )
    relay = Relay(settings, intake, "intake", Bell(), clock)
    source = KafkaSource(settings, database, kernel.service.name, kernel.service.types, clock)
    try:
        assert await relay.step() == 3
        await drain(kernel, source)
        assert (await heard(database))[referral] == ["word 1", "word 2", "word 3"]
    finally:
        await relay.close()
        await source.close()


WRONG: Mapping[str, tuple[str, Mapping[str, Any], str]] = {
    "password": (
        "with_password", {"kafka_password": SecretStr("let me out")},
        "FRONTDOOR_KAFKA_USERNAME, FRONTDOOR_KAFKA_PASSWORD: the broker does not accept",
    ),
    "user": (
        "with_password", {"kafka_username": "nobody"},
        "FRONTDOOR_KAFKA_USERNAME, FRONTDOOR_KAFKA_PASSWORD: the broker does not accept",
    ),
    "mechanism": (
        "with_password", {"kafka_sasl_mechanism": "PLAIN"},
        "FRONTDOOR_KAFKA_SASL_MECHANISM: the broker does not take PLAIN there.",
    ),
    "authority": (
        "with_password", {"kafka_ca_file": "OTHER"},
        "FRONTDOOR_KAFKA_CA_FILE: the broker's certificate is not trusted:",
    ),
    "no_authority": (
        "with_password", {"kafka_ca_file": "/none/ca.pem"},
        "FRONTDOOR_KAFKA_CA_FILE: /none/ca.pem: No such file",
    ),
    "host": (
        "with_password", {"kafka_bootstrap": "localhost"},
        "FRONTDOOR_KAFKA_BOOTSTRAP: the broker's certificate is not for localhost.",
    ),
    "security": (
        "with_password",
        {"kafka_security": "SASL_PLAINTEXT", "kafka_ca_file": None},
        "FRONTDOOR_KAFKA_SECURITY: the broker does not speak SASL_PLAINTEXT there.",
    ),
    "no_certificate": (
        "with_certificate", {"kafka_certificate_file": None},
        "FRONTDOOR_KAFKA_CERTIFICATE_FILE: the broker asks for a certificate of ours.",
    ),
    "certificate": (
        "with_certificate", {"kafka_certificate_file": "CA"},
        "FRONTDOOR_KAFKA_CERTIFICATE_FILE, FRONTDOOR_KAFKA_KEY_FILE:",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
async def test_who_is_refused_is_told_which_setting_to_look_at(
    what: str, secured_kafka: SecuredKafka
) -> None:
    way, otherwise, expected = WRONG[what]
    port = getattr(secured_kafka, way).rpartition(":")[2]
    files = {
        "OTHER": secured_kafka.other_ca,
        "CA": secured_kafka.ca,
        "localhost": f"localhost:{port}",
    }
    settings = WAYS[way](secured_kafka).model_copy(
        update={key: files.get(value, value) for key, value in otherwise.items()}
    )
    with pytest.raises(StreamRefused) as refused:
        await topic.check(settings)
    assert refused.value.why.startswith(expected), refused.value.why


async def test_readiness_says_it(secured_kafka: SecuredKafka) -> None:
    settings = with_password(secured_kafka, kafka_password="let me out")
    state = await KafkaStream(settings, system_clock).state()
    assert state["reason"] == "StreamRefused"
    assert "FRONTDOOR_KAFKA_PASSWORD" in state["detail"]


@pytest.mark.parametrize("security", ["PLAINTEXT", "SSL"])
def test_a_password_that_would_not_be_used_is_refused_and_not_shown(security: str) -> None:
    with pytest.raises(ValidationError, match="KAFKA_PASSWORD need FRONTDOOR") as refused:
        kafka_settings("", kafka_security=security, kafka_password="let me in")
    assert "let me in" not in str(refused.value)
