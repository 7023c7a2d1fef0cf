"""Copies of entities, as `dataclasses.replace` makes them of dataclasses."""

from typing import TypeVar

from sqlmodel import SQLModel

T = TypeVar("T", bound=SQLModel)


def changed(entity: T, **values: object) -> T:
    """Return a new entity with these values in place of the entity's own."""
    own = {name: getattr(entity, name) for name in type(entity).model_fields}
    return type(entity)(**(own | values))
