"""Every setting of the product, once: name, type, default and what it is for.

Read from the environment (`MADOGUCHI_HOME`, `MADOGUCHI_PORT`, …). This module knows no other module.
"""

import json
import os
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_RIGHT = re.compile(r"administrator|[a-z][a-z0-9_-]*:(employee|reviewer|owner)")


def free_cores() -> int:
    """Cores this process may use; more threads than that cost five to ten times the time."""
    return len(os.sched_getaffinity(0))


class Settings(BaseSettings):
    """The settings of one home. Immutable once read."""

    model_config = SettingsConfigDict(env_prefix="MADOGUCHI_", frozen=True, extra="forbid")

    home: Path = Field(
        Path("data"), validate_default=True, description="folder of records, documents, index and adapters"
    )
    models: Path | None = Field(None, description="folder of converted base models; HOME/models if unset")
    database: str | None = Field(None, description="SQLAlchemy address; SQLite at HOME/records.db if unset")
    key_file: Path | None = Field(
        None, description="file of the keys that seal documents, index and records, outside HOME; none: in clear"
    )
    host: str = Field("127.0.0.1", description="address the web application binds to")
    port: int = Field(7860, ge=0, le=65535, description="port the web application binds to")
    language: str = Field("en", pattern="^(ja|en)$", description="language where nothing else says which")
    encoder: str = Field("embedded", description="sentence encoder: 'embedded', a folder or a hub id")
    reader: str = Field(
        "embedded",
        description="reader's skill: 'embedded', a folder, or 'none' (sentences compared by words and meaning)",
    )
    language_model: str = Field("embedded", description="language model: 'embedded', a folder or a hub id")
    writer: str = Field(
        "auto",
        pattern="^(auto|model|quote)$",
        description="who words the answer, in the languages that the language model knows: the model with the shipped "
        "writer's skill, a quotation, or the model where a department's adapter taught it (auto)",
    )
    threads: int = Field(default_factory=free_cores, ge=1, description="threads for the models")
    queue_length: int = Field(32, ge=1, description="questions that may be under way at once; one more is refused")
    answer_seconds: float = Field(60.0, gt=0, description="time limit of one answer, waiting included")
    answer_tokens: int = Field(64, ge=8, description="longest answer the language model may write, in tokens")
    prompt_tokens: int = Field(640, ge=128, description="longest prompt, in tokens")
    question_characters: int = Field(2_000, ge=20, description="longest question, in characters")
    passages: int = Field(12, ge=1, le=20, description="passages read for an answer")
    upload_megabytes: int = Field(50, ge=1, description="largest file that is taken")
    session_hours: float = Field(12.0, gt=0, description="hours after which a person signs in again")
    checkpoints: Path | None = Field(
        None, description="folder, best on another machine, that gets a signed checkpoint of the audit chain every day"
    )
    api_per_minute: int = Field(60, ge=1, description="calls of the REST interface that one token may make in a minute")
    oidc_issuer: str | None = Field(None, description="address of the company's identity provider; none if unset")
    oidc_client_id: str | None = Field(None, description="what the identity provider calls this assistant")
    oidc_client_secret: SecretStr | None = Field(None, description="its secret there; none for a public client")
    oidc_scope: str = Field("openid profile email groups", description="scopes asked of the identity provider")
    oidc_groups_claim: str = Field("groups", description="the claim that lists a person's groups")
    oidc_rights: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description='rights of the groups, as JSON: {"hr-leads": "people:owner", "operators": "administrator"}',
    )
    public_address: str = Field("", description="how people reach the assistant, for links in mails: https://…")
    mail_server: str | None = Field(None, description="HOST:PORT that takes mails; unset: no mail is sent")
    mail_security: str = Field("starttls", pattern="^(starttls|tls|none)$", description="how it is spoken to")
    mail_user: str | None = Field(None, description="name at the mail server, if it wants one")
    mail_password: SecretStr | None = Field(None, description="password at the mail server")
    mail_from: str = Field("madoguchi@localhost", description="sender of mails")
    mail_to: str = Field("", description="addresses and domains that may be written to, by commas")
    mail_text: bool = Field(False, description="put question and reply into mails; else they say that there is one")
    webhooks: str = Field("", description="addresses told of what happens at the desks, by commas; nobody's words")
    webhook_secret: SecretStr | None = Field(None, description="signs the calls of webhooks (HMAC-SHA256)")
    allow_hub: bool = Field(False, description="let models be fetched from a model hub")

    @field_validator("home", "models", "checkpoints", "key_file")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else None  # the server leaves the working directory

    @field_validator("oidc_issuer")
    @classmethod
    def _encrypted(cls, value: str | None) -> str | None:
        address = urlsplit(value or "https://none")
        if address.scheme != "https" and address.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("it must begin with https://")
        return value

    @field_validator("oidc_rights", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        return json.loads(value) if isinstance(value, str) else value  # here, so that an error names the setting

    @field_validator("oidc_rights")
    @classmethod
    def _known_rights(cls, value: dict[str, str]) -> dict[str, str]:
        for words in value.values():
            if not words.split() or not all(_RIGHT.fullmatch(word) for word in words.split()):
                raise ValueError("a right is domain:employee, domain:reviewer, domain:owner or administrator")
        return value

    @property
    def allowed_mail(self) -> tuple[str, ...]:
        """Addresses and domains that may be written to, case-folded."""
        return tuple(one.strip().casefold() for one in self.mail_to.split(",") if one.strip())

    @property
    def webhook_addresses(self) -> tuple[str, ...]:
        """Addresses that are told of what happens at the desks."""
        return tuple(one.strip() for one in self.webhooks.split(",") if one.strip())

    @property
    def models_folder(self) -> Path:
        """Where converted base models live; may be shared between homes."""
        return self.models or self.home / "models"

    @property
    def database_address(self) -> str:
        """SQLAlchemy address of the records."""
        return self.database or f"sqlite:///{self.home / 'records.db'}"
