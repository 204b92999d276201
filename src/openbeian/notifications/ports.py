"""What notifications need from outside: where due items come from, and through what a message leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from openbeian.kernel.text import Language, Text
from openbeian.notifications.postman.posting import Fate, Outcome

NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class DueItem:
    """Something that somebody of an organisation must still do.

    `key` names the item as long as it stands (at most 100 characters); `stage` how urgent it is now (at most 18):
    each stage is told once. `kind` is one of `kinds.KINDS`. `title` holds no personal name in the clear; `title_en`
    is for channels in English where it holds words and not only names. `escalates_at` are the stages at which
    neglect is told to administrators, once each, counted from when that stage was told; empty: once, from the first.
    `owner_id` is the person responsible, if one is known; otherwise all who hold `permission` are told.
    """

    key: str
    stage: str
    kind: str
    organisation_id: int
    permission: str
    title: str
    subject: tuple[str, str]
    path: str
    due_on: date | None = None
    detail: Text = NOTHING
    owner_id: int | None = None
    title_en: str = ""
    escalates_at: tuple[str, ...] = ()


class DueItems(Protocol):
    """A source of due items."""

    def list_due_items(self, today: date) -> Iterable[DueItem]:
        """Every item that asks for a reminder on this legal day. What is done is no longer listed."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in words: its sentence, where to act (an absolute address or empty), and whose it is."""

    sentence: str
    link: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves through a channel, before it takes the channel's own form.

    Every sentence is text of ours around single lines of other people's text; the sender makes it inert for its
    own markup. `key` is the same at every attempt. `is_repeat`: an earlier attempt may have arrived.
    """

    key: str
    language: Language
    title: str
    lines: tuple[Line, ...]
    link: str = ""
    mention: tuple[str, ...] = ()
    is_repeat: bool = False
    attempt: int = 1

    @property
    def reference(self) -> str:
        """Eight characters by which a person recognises the same message."""
        return self.key[:8].upper()


class Sender(Protocol):
    """One channel's way out."""

    def deliver_message(self, message: Message) -> str:
        """Hands the message over and returns what the other side answered, as proof.

        Raises: MessageRefused for a no that will stay one, AddressForbidden, MailNotConfigured;
        MessageUndelivered when it may work later.
        """
        ...

    def find_postman(self) -> str:
        """The name of the process that carries the message and keeps its outcome; empty where there is none."""
        ...

    def recall_attempt(self, postman: str, key: str, attempt: int) -> Outcome:
        """What became of an attempt whose worker died; waits for a postman that is still at it."""
        ...


class Untraced:
    """A way out without a postman: after a worker's death nobody can know whether the message left."""

    def find_postman(self) -> str:
        return ""

    def recall_attempt(self, postman: str, key: str, attempt: int) -> Outcome:
        return Outcome(Fate.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Way:
    """All a sender must know of a channel."""

    kind: str
    address: str
    secret: str = ""


ChooseSender = Callable[[Way], Sender]
