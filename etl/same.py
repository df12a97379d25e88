"""What is remembered of a large value, such as all units of a nation, without looking at it again each time."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """A value as the key of a cache, told from others by being itself; while it is remembered it stays what it is."""

    __slots__ = ("value",)

    def __init__(self, value: T) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)
