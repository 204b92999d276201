"""Text that exists in Chinese and in English, side by side, so that neither can go missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in both languages."""

    # Django's templates call whatever is callable, without a language.
    do_not_call_in_templates: ClassVar[bool] = True

    zh: str
    en: str

    def __call__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.zh

    def format(self, **values: object) -> Text:
        """Fills `{name}` places; a value that is itself a `Text` is given in the matching language."""
        return Text(
            self.zh.format(**{k: v.zh if isinstance(v, Text) else v for k, v in values.items()}),
            self.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
        )

    @classmethod
    def read(cls, source: object) -> Self:
        """Builds a text from a rulebook's `{zh: …, en: …}`.

        Raises: ValueError when a language is missing, since half a label is a fault in the rulebook.
        """
        if not isinstance(source, Mapping) or set(source) != {"zh", "en"}:
            raise ValueError(f"expected {{zh: …, en: …}}, got {source!r}")
        return cls(zh=str(source["zh"]), en=str(source["en"]))

    def as_json(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}
