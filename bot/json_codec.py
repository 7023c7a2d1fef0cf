"""Our own types as JSON: what outlives the process in the database and the audit trail."""

from functools import cached_property
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


class JsonCodec(Generic[T]):
    """How one type, or a union, is written and read.

    Pydantic's part, some milliseconds and a tenth of a MiB for each, is built at first use.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self._kind)

    def text(self, value: T) -> str:
        """As JSON."""
        return self._adapter.dump_json(value).decode()

    def plain(self, value: T) -> Any:
        """As what JSON is made of: dictionaries, lists, texts, numbers."""
        return self._adapter.dump_python(value, mode="json")

    def read(self, text: str) -> T:
        """Back from JSON. Raises `ValueError` for what the type does not allow."""
        return self._adapter.validate_json(text)
