"""Why a broker does not let us in, in words that name the setting to look at.

aiokafka says of every broker that it can't use, for whatever reason, that it could not connect.
An operator who wrote a wrong password must not have to look for a broken network.
"""

import asyncio
import ssl

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from chassis.settings import Settings

ASK_SECONDS = 3.0

# X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH of OpenSSL.
FOR_ANOTHER = (62, 64)
EXPIRED = 10


class Unusable(Exception):
    """A file that a setting names can't be used. The message says which and why."""


def tls(settings: Settings) -> ssl.SSLContext:
    """How to speak TLS to the brokers. Raises Unusable."""
    ca = settings.kafka_ca_file
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as fault:
        raise Unusable(f"FRONTDOOR_KAFKA_CA_FILE: {ca}: {fault.strerror}") from fault
    own, key = settings.kafka_certificate_file, settings.kafka_key_file
    if own:
        try:
            # A key that has a password is refused; OpenSSL would ask for it at the terminal.
            context.load_cert_chain(own, key, password="")
        except OSError as fault:
            names = "FRONTDOOR_KAFKA_CERTIFICATE_FILE, FRONTDOOR_KAFKA_KEY_FILE"
            raise Unusable(f"{names}: {own}, {key or own}: {fault.strerror}") from fault
    return context


async def refusal(settings: Settings) -> str | None:
    """Ask the brokers once more, and say why the first that answers lets us in no further. None
    where none answers, or one lets us in. Raises Unusable."""
    context = tls(settings) if settings.kafka_security.endswith("SSL") else None
    password = settings.kafka_password
    for host, port, _ in collect_hosts(settings.kafka_bootstrap):
        try:
            async with asyncio.timeout(ASK_SECONDS):
                connection = await create_conn(
                    host,
                    port,
                    client_id="frontdoor",
                    security_protocol=settings.kafka_security,
                    ssl_context=context,
                    sasl_mechanism=settings.kafka_sasl_mechanism,
                    sasl_plain_username=settings.kafka_username,
                    sasl_plain_password=password.get_secret_value() if password else None,
                )
        except (KafkaError, OSError) as fault:
            said = _words(settings, host, fault)
            if said:
                return said
        else:
            connection.close()
            return None
    return None


def _words(settings: Settings, host: str, fault: BaseException) -> str | None:
    security = settings.kafka_security
    match fault:
        case SaslAuthenticationFailed():
            return (
                "FRONTDOOR_KAFKA_USERNAME, FRONTDOOR_KAFKA_PASSWORD: the broker does not accept"
                " this user with this password."
            )
        case UnsupportedSaslMechanismError() | IllegalSaslStateError():
            return (
                "FRONTDOOR_KAFKA_SASL_MECHANISM: the broker does not take"
                f" {settings.kafka_sasl_mechanism} there."
            )
        case ssl.SSLCertVerificationError(verify_code=code) if code in FOR_ANOTHER:
            return f"FRONTDOOR_KAFKA_BOOTSTRAP: the broker's certificate is not for {host}."
        case ssl.SSLCertVerificationError(verify_code=code) if code == EXPIRED:
            return "The broker's certificate has expired."
        case ssl.SSLCertVerificationError(verify_message=why):
            return f"FRONTDOOR_KAFKA_CA_FILE: the broker's certificate is not trusted: {why}."
        case KafkaConnectionError(__cause__=ssl.SSLError()) if not settings.kafka_certificate_file:
            return "FRONTDOOR_KAFKA_CERTIFICATE_FILE: the broker asks for a certificate of ours."
        case KafkaConnectionError(__cause__=ssl.SSLError(reason=why)):
            return (
                "FRONTDOOR_KAFKA_CERTIFICATE_FILE: the broker does not accept our certificate:"
                f" {why}."
            )
        case KafkaConnectionError() | ssl.SSLError():
            # Somebody listens, and does not understand us.
            return f"FRONTDOOR_KAFKA_SECURITY: the broker does not speak {security} there."
        case _:
            return None
