"""Frozen settings: config/defaults.toml, then a TOML file, then the environment. Refuses to start unsafely."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

CONFIG: Final = Path(__file__).resolve().parent.parent / "config"
PREFIX: Final = "PASSERELLE_"
SHORTEST_SECRET: Final = 32
# Least and most of each number. Tokens that live for days, or classes of one or two people, would endanger people.
RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "port": (0, 65_535),
    "trusted_proxies": (0, 10),
    "workers": (1, 1_000),
    "access_token_seconds": (1, 3_600),
    "assertion_seconds": (1, 3_600),
    "assertion_skew_seconds": (0, 300),
    "enrolment_hours": (1, 8_760),
    "session_idle_minutes": (1, 1_440),
    "session_absolute_hours": (1, 168),
    "sign_in_attempts_per_hour": (1, 1_000),
    "json_body_bytes": (1_024, 1_073_741_824),
    "bulk_body_bytes": (1_024, 1_073_741_824),
    "page_size": (1, 1_000),
    "pool_k": (5, 1_000_000),
    "epoch_days": (1, 365),
    "epoch_changes": (10, 1_000_000),
    "proposal_days": (1, 3_650),
    "mentor_rest_days": (0, 365),
    "handle_days": (1, 3_650),
    "mentee_proposals_per_week": (1, 1_000_000),
    "mentee_mentors_per_week": (1, 1_000_000),
    "mentor_lists_per_week": (1, 1_000_000),
    "organisation_mentors_per_week": (1, 1_000_000),
    "alert_copies_per_week": (2, 1_000_000),
    "alert_near_copies_per_week": (2, 1_000_000),
    "alert_mentor_lists_per_week": (2, 1_000_000),
    "alert_mentee_changes_per_week": (2, 1_000_000),
    "alert_mentors_per_week": (2, 1_000_000),
    "alert_proposals_ended_per_week": (2, 1_000_000),
    "requests_per_minute": (1, 1_000_000),
}
SECOND_FACTOR: Final = ("offered", "required")


class UnsafeSettings(ValueError):
    """The configuration would endanger people; the message names the setting and the cure."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; meaning, unit and reason stand in config/defaults.toml."""

    database_url: str
    database_role: str
    allow_owner_role: bool
    instance_folder: str
    secret: str
    secret_file: str
    issuer: str
    host: str
    port: int
    trusted_proxies: int
    workers: int
    access_token_seconds: int
    assertion_seconds: int
    assertion_skew_seconds: int
    enrolment_hours: int
    session_idle_minutes: int
    session_absolute_hours: int
    sign_in_attempts_per_hour: int
    second_factor: str
    json_body_bytes: int
    bulk_body_bytes: int
    page_size: int
    pool_k: int
    pool_stricter: bool
    epoch_days: int
    epoch_changes: int
    proposal_days: int
    mentor_rest_days: int
    handle_days: int
    lists_by_card: bool
    mentee_proposals_per_week: int
    mentee_mentors_per_week: int
    mentor_lists_per_week: int
    organisation_mentors_per_week: int
    alert_copies_per_week: int
    alert_near_copies_per_week: int
    alert_mentor_lists_per_week: int
    alert_mentee_changes_per_week: int
    alert_mentors_per_week: int
    alert_proposals_ended_per_week: int
    requests_per_minute: int
    log_json: bool

    def __repr__(self) -> str:
        """Never print the secret, nor a database address that may hold one."""
        return f"Settings(issuer={self.issuer!r}, instance_folder={self.instance_folder!r})"

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{Path(self.instance_folder).resolve() / 'passerelle.sqlite3'}"

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies demand TLS: everywhere but on a loopback issuer."""
        return self.issuer.startswith("https://")


def load_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read, merge and check the settings.

    Raises
    ------
    UnsafeSettings
        A value that would endanger people, of the wrong type, or a name that does not exist.
    """
    environment = os.environ if environment is None else environment
    merged = _merged(environment, overrides)
    if not merged["secret"]:
        merged["secret"] = _stored_secret(_secret_path(merged))
    settings = Settings(**merged)
    _refuse_unsafe(settings, environment)
    return settings


def secret_path(environment: Mapping[str, str] | None = None, **overrides: Any) -> Path:
    """Return the file that keeps the generated secret, under the settings in force.

    Raises
    ------
    UnsafeSettings
        A value of the wrong type, or a name that does not exist.
    """
    return _secret_path(_merged(os.environ if environment is None else environment, overrides))


def _merged(environment: Mapping[str, str], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = _read(CONFIG / "defaults.toml")
    if path := environment.get(PREFIX + "CONFIG"):
        merged |= _known(_read(Path(path)), path)
    merged |= _from_environment(environment, merged)
    return _typed(merged | _known(overrides, "overrides"))


def _secret_path(merged: Mapping[str, Any]) -> Path:
    return Path(merged["instance_folder"], merged["secret_file"])


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnsafeSettings(f"{path}: {error}") from error


def _known(values: Mapping[str, Any], origin: str) -> dict[str, Any]:
    names = {field.name for field in fields(Settings)}
    for name in values:
        if name not in names:
            raise UnsafeSettings(f"{origin}: there is no setting named {name!r}; see config/defaults.toml")
    return dict(values)


def _from_environment(environment: Mapping[str, str], defaults: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, default in defaults.items():
        text = environment.get(PREFIX + name.upper())
        if text is not None:
            found[name] = _parse(name, text, default)
    return found


def _parse(name: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in {"true", "false"}:
            raise UnsafeSettings(f"{PREFIX}{name.upper()} must be true or false, not {text!r}")
        return text.lower() == "true"
    if isinstance(default, int):
        if not text.isdecimal():
            raise UnsafeSettings(f"{PREFIX}{name.upper()} must be a whole number, not {text!r}")
        return int(text)
    return text


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    for field in fields(Settings):
        if type(values[field.name]) is not field.type:
            raise UnsafeSettings(f"{field.name} must be {getattr(field.type, '__name__', field.type)}")
    for name, (least, most) in RANGES.items():
        if not least <= values[name] <= most:
            raise UnsafeSettings(f"{name} is {values[name]}: a whole number from {least} to {most} is needed")
    if values["second_factor"] not in SECOND_FACTOR:
        raise UnsafeSettings(f"second_factor is {values['second_factor']!r}: {' or '.join(SECOND_FACTOR)} is needed")
    return dict(values)


def _stored_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip() if path.is_file() else ""
    except (OSError, ValueError) as error:
        raise UnsafeSettings(f"{path} cannot be read as a secret: {error}") from error


def _refuse_unsafe(settings: Settings, environment: Mapping[str, str]) -> None:
    if len(settings.secret) < SHORTEST_SECRET:
        raise UnsafeSettings(
            f"secret is missing or shorter than {SHORTEST_SECRET} characters: run `passerelle db upgrade`, which writes "
            f"one to {settings.instance_folder}/{settings.secret_file}, or set {PREFIX}SECRET"
        )
    if environment.get("AUTHLIB_INSECURE_TRANSPORT"):
        raise UnsafeSettings("AUTHLIB_INSECURE_TRANSPORT is set: unset it; tokens must not travel in clear")
    if environment.get("FLASK_DEBUG", "0") not in {"", "0"}:
        raise UnsafeSettings("FLASK_DEBUG is set: unset it; a debugger would run code for anyone")
    _refuse_open_transport(settings)


def _refuse_open_transport(settings: Settings) -> None:
    address = urlsplit(settings.issuer)
    if address.scheme == "https" and address.hostname:
        return
    if address.scheme != "http" or not is_loopback(address.hostname or ""):
        raise UnsafeSettings(f"issuer {settings.issuer!r} must be https: only a loopback address may speak plain http")
    if not is_loopback(settings.host):
        raise UnsafeSettings(f"host {settings.host!r} is not loopback while the issuer is plain http: put TLS in front")


def is_loopback(host: str) -> bool:
    """Whether a host name or address stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
