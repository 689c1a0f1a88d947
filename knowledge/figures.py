"""Figures of speech: a wish to die that only says how much something annoys (排队排得我想死, 热死了想死).

Who is ill, in pain, poor or tired of living is believed: with any of the heavy words anywhere, no figure is heard.
"""

from __future__ import annotations

import re

_ANNOYS = (
    "打电话|排队|排到|排得|难用|难搞|难弄|题难|无聊|尴尬|眼瞓|停车|挂号|憋笑|价格|账单|收费|"
    "股票|作业|人多|返工|改稿|等|候|热|晒|冻|冷|挤|吵|堵|贵|慢|卡|困|饿|渴|臭|停|找|绕|跑|"
    "挂|抢|约|填|返"
)
_WISHES = "想死|要死|想跳楼|想跳河|想跳江|想撞墙|想上吊|想自杀|想原地去世|想去世|死的心都有|死嘅心都有|想吐血"
_HEAVY = re.compile(
    "老寒|寒腿|空虚|寂寞|吵架|欠|债|活|病|痛|疼|痒|治|癌|瘤|疗|透析|移植|肾源|手术|累|攰|苦|"
    "辛苦|难受|难过|绝望|抑郁|焦虑|崩溃|没意思|冇意思|意义|希望|盼头|撑|熬|捱|药|遗|割|炭|绳|"
    "解脱|结束|了断|再见|孤|世界|发热|发冷|发烧|烧|咳|喘|吐|晕|睡不|失眠|死了算|死了好|死掉|"
    "不是开玩笑|真心|没人|冇人|爸|妈|家里|老公|老婆|孩子"
)
_FIGURE = re.compile(
    rf"(?:{_ANNOYS})[^，。！？,;；!? ]{{0,4}}?(?:[得到的]|死(?!掉)(?:了|人|我|个人)*[，, ]?)"
    rf"(?:我|人|你|俺|老子|大家|都|真|真的|快|好|直|简直|就|恨不得|系){{0,4}}(?:{_WISHES})"
)


def without_figures(text: str) -> str:
    """The text, as long as it was, with dots for its figures of speech."""
    if _HEAVY.search(text):
        return text
    return _FIGURE.sub(lambda match: "…" * len(match[0]), text)
