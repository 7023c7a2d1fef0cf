"""Our types as JSON, for the database and the audit log."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")


class StoredAs:
    """Annotates a field whose values earlier versions stored by other names.

    Values are stored by those names, because processes of an earlier version may still run, and
    read by both. ``Annotated[Literal["anomaly"], StoredAs({"anomaly": "spike"})]``.
    """

    def __init__(self, stored: Mapping[str, str]) -> None:
        self._stored = stored
        self._known = {name: known for known, name in stored.items()}

    def to_stored(self, value: str) -> str:
        """Return the name in the database."""
        return self._stored.get(value, value)

    def from_stored(self, value: str) -> str:
        """Return our name."""
        return self._known.get(value, value)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """For pydantic."""
        return core_schema.no_info_before_validator_function(
            self.from_stored,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(self.to_stored),
        )


class JsonCodec(Generic[T]):
    """Writes and reads one type, or a union.

    Pydantic's adapter costs some milliseconds and a tenth of a MiB each, so it is built at first
    use.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._kind)

    def text(self, value: T) -> str:
        """Return a value as JSON text."""
        return self._adapter.dump_json(value).decode()

    def plain(self, value: T) -> Any:
        """Return a value as dictionaries, lists, strings and numbers."""
        return self._adapter.dump_python(value, mode="json")

    def read(self, text: str) -> T:
        """Return the value of JSON text. Raises `ValueError` if the type does not allow it."""
        return self._adapter.validate_json(text)
