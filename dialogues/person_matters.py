"""What words mean to somebody who was promised a person and still waits: 「你们到底有没有人」, 「不等了」."""

from __future__ import annotations

import re

from dialogues.controls import KEEP, PERSON
from dialogues.dangers import DANGER
from dialogues.meanings import mean
from dialogues.walk import Walk
from intents.language import strip_marks
from intents.understanding import Request
from services.handovers import REQUESTED, find_open

CALLS = re.compile(
    r"有没有人|有(?:冇|没)人|有人(?:在)?(?:吗|么|没|冇)|人呢|没(?:有)?(?:个)?人(?:理|回|应|来|接|管|在)|冇人(?:理|应|来)|(?:人工|客服|工作人员|真人)(?:呢|怎么|咋|在哪|还没|还不|到底|什么时候|几时)"
    r"|(?:怎么|为什么|点解|咋)(?:还|都|一直)?(?:没|冇|不)(?:有)?(?:人)?(?:来|回|理|应)|(?:还)?要等(?:到)?(?:多久|几久|几时|什么时候)|(?:多久|几时|什么时候)(?:才|能|会)*(?:有人|回我|来人|轮到我)|等(?:了)?(?:好|这么|那么)(?:久|长时间)|等半天"
    r"|co ai (?:khong|o do)|chua (?:thay )?ai|sao (?:chua|khong) (?:co )?ai|doi (?:bao )?lau"
)
OTHER = re.compile(
    r"陪诊|陪护|药|快递|包裹|报告|结果|叫号|候诊|诊室|排队|医生|投诉|意见|床|车|护士站|接我|抽血|检查室"
)
"""Who is waited for at the hospital, or what."""
ENDS = re.compile(
    r"^(?:算了|那|我|唉|就|先|，|,|吧)*(?:不|唔|莫)(?:再|用|想|要)*等(?:了|啦|咯|喇|人工|人|你们)*(?:吧|，|,|。|！|谢谢)*(?:我?自己(?:看|来|弄|查).{0,4})?$"
    r"|^(?:那|算了|先|，)*不用(?:叫|找|转)?(?:人工?|工作人员|客服)(?:来)?(?:了|啦).{0,4}$|^(?:thoi )?(?:toi )?khong (?:doi|cho) nua"
)
LONGEST = 40


def find_person_matter(walk: Walk, wanted: Request, text: str) -> Request:
    """The request in place of a guess; ``wanted`` where nobody was called."""
    plain = strip_marks(text.strip().lower())
    if wanted.intent in (*DANGER, PERSON) or len(plain) > LONGEST or OTHER.search(plain):
        return wanted
    calls, ends = CALLS.search(plain), ENDS.match(plain)
    if not calls and not ends:
        return wanted
    waiting = find_open(walk.desk, contact_id=walk.before.contact_id)
    if waiting is None or waiting.status != REQUESTED:
        return wanted
    return mean(wanted, KEEP if ends else PERSON)
