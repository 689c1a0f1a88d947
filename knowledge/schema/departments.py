"""``departments.yml``, key ``departments``.

departments:
  - name: 骨科                       # the standard name; never changed, patients' words are aliases
    aliases: [看骨头的, 骨头科]
    about: 骨折、关节、脊柱、运动损伤
    place: 门诊三楼骨科候诊区          # id or name of a place
    campus: 江滨院区
"""

from __future__ import annotations

from pydantic import Field

from knowledge.schema.base import Entry, Sex, Text, Words


class Department(Entry):
    name: Text
    """The name of the contract (``departments.yml`` there); slots, records and triage hold it."""
    names: dict[str, Text] = {}
    """Language → its name there, shown before the Chinese one: {vi: Khoa xương khớp}."""
    aliases: Words = ()
    """What patients say for it. One word belongs to one department only."""
    about: Text
    """What it sees, in a few words of the patient."""
    abouts: dict[str, Text] = {}
    """Language → what it sees."""
    place: str | None = None
    """Where one waits for it: id or name of a place; after loading always the place's name."""
    campus: Text
    bookable: bool = True
    """``False`` where no number is sold beforehand (急诊科, 重症医学科, 麻醉科)."""
    sex: Sex | None = None
    min_age: int | None = Field(default=None, ge=0)
    max_age: int | None = Field(default=None, ge=0)
    """Years, inclusive: 儿科 sees up to 14."""
    note: str = ""
    """What a patient must know before coming (发热门诊 24 小时开放, 直接到现场挂号)."""

    def describe(self, language: str) -> str:
        """What it sees, in Chinese where the language has no words for it."""
        return self.abouts.get(language, self.about)

    def title(self, language: str) -> str:
        """骨科; in a language of ``names`` with the Chinese name, which stands on the signs: Khoa xương khớp (骨科)."""
        name = self.names.get(language)
        return f"{name} ({self.name})" if name else self.name
