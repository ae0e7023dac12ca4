"""The photographs that a person adds: in memory, for one session."""

import hashlib
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

import streamlit as st

from app.session import public
from glico.data.images import ImageFile, read_images
from glico.data.preparation import Preparation
from glico.data.text import plain_text
from glico.errors import GlicoError

if TYPE_CHECKING:
    from glico.types import Images

MOST = 8  # at once
LARGEST = 10 * 2**20  # bytes
KEPT, TAKEN = "photographs", "photographs_taken"  # in the session


@dataclass(frozen=True)
class Photograph:
    """An image file as it came, identified by the ``digest`` of its content."""

    name: str
    content: bytes
    digest: str

    def pixels(self, preparation: Preparation) -> "Images":
        """Return the photograph as a square, (1, H, W, C) uint8. Raises GlicoError if it cannot be read."""
        return read_images([ImageFile(self.name, partial(BytesIO, self.content))], preparation).images


def current() -> tuple[Photograph, ...]:
    """Return the session's photographs, oldest first."""
    return tuple(st.session_state.get(KEPT, ()))


def add(name: str, content: bytes) -> Photograph:
    """Add a photograph, unless it is there. Raises GlicoError if it is unreadable, too large or one too many."""
    photograph = Photograph(plain_text(name, 80), content, hashlib.sha256(content).hexdigest())
    if photograph.digest in {each.digest for each in current()}:
        return photograph
    if len(content) > LARGEST:
        raise GlicoError(f"{photograph.name} is larger than {LARGEST // 2**20} MiB. Use a smaller photograph.")
    if len(current()) >= MOST:
        raise GlicoError(f"You can add at most {MOST} photographs. Remove one first.")
    taken = st.session_state.get(TAKEN, 0)
    if public.is_public() and taken >= public.PHOTOGRAPHS_EACH:
        raise GlicoError(f"You have reached the limit of {public.PHOTOGRAPHS_EACH} photographs.")
    photograph.pixels(Preparation(8))  # raises if it cannot be read
    st.session_state[TAKEN] = taken + 1
    st.session_state[KEPT] = (*current(), photograph)
    return photograph


def remove(photograph: Photograph) -> None:
    """Remove a photograph."""
    st.session_state[KEPT] = tuple(each for each in current() if each != photograph)
