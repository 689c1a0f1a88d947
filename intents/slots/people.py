"""Names: doctors by surname and title, patients where the words around say that a name follows."""

from __future__ import annotations

import re

from intents.slots.found import Found

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤蒙农岑班凌蓝零甘欧施粟玉"
    "银容植祝庞阮闭邝冼招劳伍区温巫阳容卜柳牙磨隆滕庄麦宁关骆翁樊牟俞章鲁葛詹殷翟焦管童穆耿焉尤祁申舒屈项倪安卓成喻兰"
)
DOUBLE = "欧阳|司徒|上官|诸葛|司马|东方|皇甫|尉迟|公孙"
SURNAME = rf"(?:{DOUBLE}|[{SURNAMES}])"
DOCTOR_TITLE = r"(?:医生|大夫|主任医师|副主任医师|主任医生|副主任|主任|教授|专家|院长|医师|博士|老中医)"
DOCTOR = re.compile(rf"({SURNAME})(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{DOCTOR_TITLE})")
NOT_GIVEN = re.compile(r"[的是个位科室要找看挂约和那这哪有谁]|什么|医院|门诊")
NAME_SAID = re.compile(
    rf"(?:(?:我|他|她|病人|患者|就诊人|老人|孩子|小孩|宝宝|母亲|父亲|妈妈?|爸爸?|老公|老婆)?的?(?:名字|姓名|大名)(?:是|叫|为|:|：|,|，|\s)*|(?:我|他|她|病人|患者|就诊人|妈妈?|爸爸?|孩子|小孩|儿子|女儿|老公|老婆|爷爷|奶奶|外婆|外公|家人)(?:就|是)?叫(?:做)?|(?:帮|给|替)(?={SURNAME}[\u4e00-\u9fff]{{1,2}}(?:挂|约|预约|登记|查|取|退|改)))(?P<name>{SURNAME}[\u4e00-\u9fff]{{1,3}}?)(?=[,，。.!！\s\d;；、]|身份证|电话|手机|今年|男|女|挂|约|预约|登记|查|取|退|改|想|要|的|了|$)"
)
I_AM = re.compile(
    rf"(?:我是|收件人(?:是|叫|:|：)?|收货人(?:是|叫|:|：)?|患者|病人|就诊人(?:是|:|：)?)(?P<name>{SURNAME}[\u4e00-\u9fff]{{1,2}})(?=[,，。.!！\s\d;；、]|电话|手机|身份证|$)"
)
WHOLE = re.compile(
    rf"(?:叫|是|姓名|名字|:|：|\s)*(?P<name>{SURNAME}[\u4e00-\u9fff]{{1,3}}|[\u4e00-\u9fff]{{2,4}})[。.!！\s]*$"
)
NOT_A_NAME = re.compile(
    r"医生|大夫|主任|挂号|预约|看病|这个|那个|什么|怎么|可以|不是|没有|不用|不要|取消|谢谢|好的|不知|知道|随便|都行|本人|自己|妈妈|爸爸|母亲|父亲|老公|老婆|儿子|女儿|孩子|病人|家属|明天|今天|后天|上午|下午|科$|院$|人工|时候|东西|回头|马上|高血压|来的|过来|来看|方便|白天|常常|金额|安排|成功|关于|于是|任何|何时|万一|向您|严重|温度|管子|石膏|江滨|东湖"
)  # fmt: skip


def read_doctors(text: str, known: dict[str, str]) -> list[Found]:
    """Doctors by full name (``known``: name → name) or by surname and title, kept as said (韦医生, 黄主任).

    Of a title longer than three characters only 医生 is kept, as for any doctor known by surname alone.
    """
    found = []
    for name in known:
        start = text.find(name)
        if start >= 0:
            found.append(Found("doctor", name, start, start + len(name)))
    for match in DOCTOR.finditer(text):
        given = match["given"]
        if NOT_GIVEN.search(given) or (match.start() > 0 and text[match.start() - 1] in "骨内外妇产儿眼皮口"):
            continue
        value = match[1] + given
        if value not in known:
            value += match["title"] if len(given) == 0 else ""
        one = Found("doctor", value, match.start(), match.end())
        if not any(one.overlaps(other) for other in found):
            found.append(one)
    return found


def read_names(text: str) -> list[Found]:
    """A patient's or receiver's name, only where the words around announce one."""
    found = []
    for pattern in (NAME_SAID, I_AM):
        for match in pattern.finditer(text):
            if not NOT_A_NAME.search(match["name"]):
                found.append(Found("patient_name", match["name"], match.start("name"), match.end("name")))
                break
        if found:
            break
    return found


def read_name_alone(text: str) -> str | None:
    """The message read as nothing but a name, as an answer to 「请问就诊人的姓名？」."""
    match = WHOLE.match(text.strip())
    if match and not NOT_A_NAME.search(match["name"]):
        return match["name"]
    said = read_names(text)
    return str(said[0].value) if said else None
