"""What must be true of the map: every floor exists, every place can be walked to, every word names one place."""

from __future__ import annotations

from collections import defaultdict

from knowledge.errors import Problem, find_nearest
from knowledge.folder import Folder, Item
from knowledge.names import fold
from knowledge.reading import list_dicts, list_texts


def check_map(folder: Folder, problems: list[Problem]) -> None:
    """Every place stands on a floor that exists and can be walked to from every other."""
    site = folder.whole.get("hospital.yml")
    floors = {
        str(building.get("id")): list_texts(building.get("floors"))
        for _, building in list_dicts(site.data.get("buildings") if site else None)
    }
    places = {str(item.data.get("id")): item for item in folder.items("places")}
    for item in places.values():
        building, floor = str(item.data.get("building")), item.data.get("floor", "1F")
        if building in floors and floor not in floors[building]:
            hint = find_nearest(str(floor), floors[building])
            problems.append(
                Problem(item.file, item.line("floor"), f"楼「{building}」没有「{floor}」这一层", hint)
            )
    parent: dict[str, str] = {name: name for name in places}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for path in folder.items("paths"):
        a, b = str(path.data.get("a")), str(path.data.get("b"))
        if a not in places or b not in places:
            continue  # said already, as an unknown name
        if a == b:
            problems.append(Problem(path.file, path.line(), f"路径两端都是「{a}」"))
        parent[root(a)] = root(b)
        ends = [(places[end].data.get("building"), places[end].data.get("floor", "1F")) for end in (a, b)]
        if ends[0] != ends[1] and not path.data.get("metres"):
            problems.append(Problem(path.file, path.line(), f"「{a}」到「{b}」不在同一层，要写 metres"))
    parts = defaultdict(list)
    for name in places:
        parts[root(name)].append(name)
    if len(parts) > 1:
        main = max(parts.values(), key=len)
        for part in parts.values():
            if part is not main:
                item = places[part[0]]
                rest = f"等 {len(part)} 处" if len(part) > 1 else ""
                problems.append(
                    Problem(item.file, item.line("id"), f"地图不连通：「{part[0]}」{rest}走不到其他地点")
                )


def check_aliases(folder: Folder, problems: list[Problem]) -> None:
    """In one building a word names one place, unless all that claim it are ``shared`` (toilets, lifts)."""
    claims: dict[tuple[str, str], tuple[Item, int]] = {}
    for item in folder.items("places"):
        for index, alias in enumerate(list_texts(item.data.get("aliases"))):
            key = (str(item.data.get("building")), fold(alias))
            line = item.line("aliases", index)
            other, at = claims.setdefault(key, (item, line))
            if other is not item and not (other.data.get("shared") and item.data.get("shared")):
                owner = other.data.get("name")
                text = f"地点别名「{alias}」重复：{other.file}:{at} 已经写给「{owner}」"
                problems.append(Problem(item.file, line, text))
