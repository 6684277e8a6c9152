"""What an installation decides: environment variables, or files of the same names for secrets."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ServiceName = Literal["applications", "meetings", "notifications"]
SERVICES: Final[tuple[ServiceName, ...]] = ("applications", "meetings", "notifications")
SHORTEST_SECRET: Final = 32


def secrets_dir() -> str | None:
    """Where secrets lie as files: SECRETS_DIR, else /run/secrets where that exists."""
    folder = os.environ.get("SECRETS_DIR", "/run/secrets")
    return folder if Path(folder).is_dir() else None


class Settings(BaseSettings):
    """One installation's answers; a value that must not have a default has none."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True)

    origin: str = "http://127.0.0.1:8000"
    redis_url: str
    database_url: str = ""
    applications_database_url: str = ""
    meetings_database_url: str = ""
    notifications_database_url: str = ""
    keys_database_url: str
    secret_key: SecretStr
    trusted_proxies: str = "127.0.0.1"
    brand_file: Path = Path("deploy/brand.toml")
    files_dir: Path = Path("var/files")
    office_email: str = "buero@example.org"

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 1025
    smtp_tls: Literal["none", "starttls", "implicit"] = "none"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = "buero@example.org"
    mail_domain: str = "example.org"

    dkim_selector: str = ""
    dkim_private_key: SecretStr = SecretStr("")
    """PEM, RSA; without both, signing is left to the relay."""
    bounce_address: str = ""
    """Where undeliverable letters come back, as `name@domain`: our letters leave from `name+token@domain`."""
    imap_host: str = ""
    imap_port: int = 993
    imap_tls: Literal["implicit", "starttls", "none"] = "implicit"
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    """The mailbox behind `bounce_address`; without a host nobody looks there."""

    health_port: int = Field(default=0, ge=0, le=65535)
    """Where a worker answers health and metrics; 0 leaves it silent."""

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, secret: SecretStr) -> SecretStr:
        if len(secret.get_secret_value().encode()) < SHORTEST_SECRET:
            raise ValueError(f"SECRET_KEY needs at least {SHORTEST_SECRET} bytes")
        return secret

    @classmethod
    def load(cls) -> Self:
        """Read the environment and the folder of secrets."""
        return cls(_secrets_dir=secrets_dir())

    @classmethod
    def for_service(cls, name: ServiceName) -> Self:
        """The settings with `database_url` pointing at this service's own database."""
        return cls.load().of(name)

    def of(self, name: ServiceName) -> Self:
        """The same settings, seen by one service."""
        url: str = getattr(self, f"{name}_database_url") or self.database_url
        if not url:
            raise ValueError(f"{name.upper()}_DATABASE_URL is not set")
        return self.model_copy(update={"database_url": url})

    def derive(self, purpose: str, *, length: int = 32) -> bytes:
        """A key for one purpose: knowing it tells nothing about the others."""
        return _derived(self.secret_key.get_secret_value(), purpose, length)


@lru_cache(maxsize=64)
def _derived(secret: str, purpose: str, length: int) -> bytes:
    """Kept: a newsletter asks for the same few keys for every reader."""
    info = f"stadtteilbote:{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret.encode())
