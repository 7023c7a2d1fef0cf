"""The JSON schema of `aicost.toml`, for editors."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bot.config.config_file import ConfigFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _ForToml(GenerateJsonSchema):
    """TOML has no null: what isn't set is left out. Keys need no title besides their name."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Return the schema of the value that may be missing."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return it without a default of null."""
        found = super().default_schema(schema)
        if found.get("default", ...) is None:
            del found["default"]
        return found

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return False."""
        return False


def schema_text() -> str:
    """Return the schema as JSON."""
    found = ConfigFile.model_json_schema(schema_generator=_ForToml)
    return json.dumps({"$schema": DIALECT, **found, "title": "aicost.toml"}, indent=2) + "\n"
