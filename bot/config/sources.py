"""Where settings come from: variables, and files that hold a secret."""

from pathlib import Path
from typing import Self, get_args

from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.config.environment import Environment, Problem, SettingsError
from bot.config.fields import problems_of


class SourcedSettings(BaseSettings):
    """Settings of nothing but the source that they are validated from: by itself, pydantic adds the
    process's environment to it."""

    model_config = SettingsConfigDict(
        case_sensitive=True, frozen=True, hide_input_in_errors=True, validate_default=False
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class EnvironmentSettings(SourcedSettings):
    """Settings whose aliases are variables of the environment."""

    model_config = SettingsConfigDict(extra="ignore")

    @classmethod
    def of(cls, environment: Environment) -> Self:
        """Those that the environment says, each secret of them also by the file that `NAME_FILE`
        names. Raises `SettingsError` with all that is wrong."""
        source = EnvSettingsSource(cls)
        source.env_vars = {name: value for name, value in environment.items() if value}
        for field in cls.model_fields.values():
            if SecretStr in (field.annotation, *get_args(field.annotation)):
                held = secret(environment, name := str(field.alias))
                source.env_vars |= {name: held.get_secret_value()} if held else {}
        try:
            return cls.model_validate(source())
        except ValidationError as error:
            raise SettingsError(*problems_of(error)) from None

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """The names of the variables that are read."""
        return tuple(str(field.alias) for field in cls.model_fields.values())


def secret(environment: Environment, name: str) -> SecretStr | None:
    """The secret of that name, from the variable or from the file that `NAME_FILE` names.

    Raises `SettingsError` if both are set, or the file cannot be read or is empty.
    """
    value, path = environment.get(name), environment.get(f"{name}_FILE")
    if path is None:
        return SecretStr(value) if value else None
    if value:
        raise SettingsError(
            Problem(
                f"Both {name} and {name}_FILE are set.", "Keep one of them and unset the other."
            )
        )
    return secret_file(Path(path), f"{name}_FILE")


def secret_file(path: Path, named_by: str) -> SecretStr:
    """The secret that the file holds; `named_by` is the setting to name where that fails."""
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SettingsError(
            Problem(
                f"{named_by} names a file that cannot be read.",
                "Check the path, and that the user aicost runs as may read it.",
            )
        ) from None
    if not value:
        raise SettingsError(
            Problem(f"{named_by} names a file that is empty.", "Put the secret into it.")
        )
    return SecretStr(value)
