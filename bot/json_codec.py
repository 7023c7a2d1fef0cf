"""Our types as JSON, for the database and the audit log."""

from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


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
