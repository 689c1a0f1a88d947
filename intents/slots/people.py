"""Names: doctors by surname and title, patients where the words around say that a name follows."""

from __future__ import annotations

import re

from intents.slots.found import Found
from intents.slots.relations import is_family
from intents.slots.vietnamese import is_vietnamese_name

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
    "陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤蒙农岑班凌蓝零甘欧施粟玉"
    "银容植祝庞阮闭邝冼招劳伍区温巫阳卜柳牙磨隆滕庄麦宁关骆翁樊牟俞章鲁葛詹殷翟焦管童穆耿焉尤祁申舒屈项倪安卓成喻兰颜"
)
DOUBLE = "欧阳|司徒|上官|诸葛|司马|东方|皇甫|尉迟|公孙"
RARE = re.compile(
    "[鲍费廉岂毕邬乐时皮齐康元萧米贝明臧计伏谈茅纪娄刁荣荀甄曲封储靳汲糜井段富乌巴弓隗谷车宓蓬全郗仰仲伊宫仇栾暴钭厉戎符景束幸司韶郜蓟薄印宿怀蒲邰鄂索咸籍赖蔺屠池乔阴胥苍闻莘党贡逄姬扶堵"
    "冉宰郦雍郤璩桑桂濮寿扈燕冀郏浦尚别晏柴瞿阎慕茹习宦艾鱼古易慎戈庾居衡步弘匡国文寇广禄阙殳沃蔚越夔师巩厍聂晁勾敖融訾辛阚饶毋沙养鞠须丰巢蒯荆游竺权逯盖益桓公岳帅缑亢况郈琴楚晋汝鄢涂钦"
    "归海盛佘佟仝苗苑解谌谯豆邢邸酆阿隋雒靖骞鬲鹿展丘左占揭柏栗楼缪肇花荷衣衷郁鄞钮铁隽冷青敬朴昝昌智但佴候修儒利员岩库彦拱支木朗桃梅欣洪洗浩湛滑濯牛狄由皇相秘税窦竹粱线练羊芦虎虞裴褚诺"
    "郎郸钊锁闪陕鲜麻黑]"
    "|令狐|宇文|慕容|端木|夏侯|长孙|轩辕|独孤|南宫|西门|申屠|闾丘|钟离|澹台|濮阳|淳于|单于|单|连|赫连|宗政|万俟|闻人|拓跋|呼延|百里|东郭|梁丘|司空|司寇|鲜于|公羊"
)
"""Surnames met seldom, which announce no name in a sentence but begin one that stands alone."""
SURNAME = rf"(?:{DOUBLE}|[{SURNAMES}])"
DOCTOR_TITLE = r"(?:医生|大夫|主任医师|副主任医师|主任医生|副主任|主任|教授|专家|院长|医师|博士|老中医)"
DOCTOR = re.compile(
    rf"(?!谢谢|谢过|感谢|(?<=[社片市小])区)({SURNAME})(?P<given>[\u4e00-\u9fff]{{0,2}}?)(?P<title>{DOCTOR_TITLE})"
)
SURNAMED = re.compile(
    rf"姓(?P<surname>{SURNAME})的?(?:那个|那位|一个)?(?:男|女|老|年轻)?的?(?P<title>医生|大夫|主任|教授|专家|医师)"
)
NOT_GIVEN = re.compile(
    r"[的是个位科室要找看挂约和那这哪有谁号换改跟到让请叫给诊检住]|什么|医院|门诊|手术|复查"
)
NOT_BEFORE = re.compile(r"[骨内外妇产儿眼皮口]$|[上下本每这单双几]$|星期$")
SHEET = re.compile("[拿一开写出打几两]$")
"""「拿张医生签字的证明」: a sheet of paper, not 张医生."""
NOT_A_SURNAME = frozenset("成于向和关安任时何方单包边常全温都谢")
"""Surnames that are everyday words as well: 「换成黄医生」 is no 成黄医生."""

# What stands in no name of a person: particles, verbs of asking, words of the hospital.
PLAIN = "[^的了是我你他她它不没在就都也还要想去说讲个这那哪什么怎吗呢吧啊医科号挂约病院诊室楼层路街村镇市县区电话手机身份证男女岁\\d\\s,，。.、;；:：!！?？a-z]"
NAME = rf"(?P<name>(?:{DOUBLE}){PLAIN}{{1,2}}|[{SURNAMES}]{PLAIN}{{1,2}})"
END = r"(?=[,，。.!！\s\d;；、]|身份证|电话|手机|今年|然后|收|签收|男|女|挂|约|预约|登记|查|取|退|改|想|要|的|了|吧|呢|啊|哦|咯|就|[\u4e00-\u9fff]{1,3}的[\u4e00-\u9fff]|$)"
FAMILY = "儿媳妇?|媳妇|女婿|孙子|孙女|外孙女?|侄子|侄女|阿公|阿婆|阿爷|阿嫲|嫂子?|姐夫|老公|老婆|妈妈?|爸爸?|母亲|父亲|爷爷|奶奶|外公|外婆|公公|婆婆|岳父|岳母|儿子|女儿|孩子|小孩|宝宝|丈夫|妻子|老伴|弟弟|妹妹|哥哥|姐姐"
ANNOUNCED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:名字|姓名|大名|全名)(?:是|叫|为|系|写|:|：|,|，|\s)*{NAME}{END}",
        rf"(?:收件人?|收货人?|收药人|联系人|就诊人|登记人|病人|患者|户主)(?:的?(?:名字|姓名|信息|资料))?(?:是|叫|系|写|填|为|改成|改为|换成|就|:|：|,|，|\s)*(?:[我他她]?(?:{FAMILY})[的:：,，]?)?{NAME}{END}",
        rf"(?:我|他|她|佢|您|病人|患者|就诊人|{FAMILY}|家人|老人|本人|应该|就是?|名字?|[,，。]|^)(?:就|也|是)?(?:叫|喊)(?:做|作)?{NAME}{END}",
        rf"(?:帮|给|替|同|为)(?:我?(?:{FAMILY}))?{NAME}(?=挂|约|预约|登记|查|取|退|改|问|复印|建档|取消)",
        rf"我是{NAME}(?=[,，。.!！\s\d;；、]|电话|手机|身份证|的(?:家属|女儿|儿子|老公|老婆|妈|爸)|$)",
        rf"(?:{FAMILY}){NAME}(?=登记|挂号|预约|取药|建档|的?(?:电话|手机)|[,，](?:他|她)?(?:的)?(?:电话|手机)|今年\d)",
        rf"(?:^|[,，。;；\s]|改成|改为|换成|由){NAME}(?:收|签收|代收)(?=[,，。\s]|$)",
        rf"^{NAME}[,，、\s]+(?=(?:\d{{1,3}}|[一二三四五六七八九十]{{1,3}})岁|[男女](?:[,，、\s\d]|$))",
        rf"(?:^|[,，。;；\s]){NAME}[,，、\s]*(?:电话|手机号?|联系方式|tel)?(?:是|:|：|\s)*(?=(?:\+?86)?[01][\d\s-]{{9,}})",
    )
)
WHOLE = re.compile(
    rf"(?:就|我|名字|姓名|叫|是|系|病人|:|：|,|，|\s)*(?P<name>{SURNAME}[\u4e00-\u9fff·]{{1,3}}|[\u4e00-\u9fff]{{2,4}})[。.!！～~啊哦呀\s]*$"
)
ADDRESSED = re.compile(
    r"^(?:[\u4e00-\u9fff]{1,3}(?:阿姨|姨妈|姑妈|叔叔|阿叔|大叔|伯伯|阿伯|大伯|阿婆|婆婆|阿公|公公|大嫂|阿嫂|嫂子|大姐|姐姐|小姐|先生|女士|太太|大妈|大娘|大爷|大哥|哥哥|妹妹|弟弟|爷爷|奶奶|师傅|老师|老板|同学|同志|护士长?|店长)"
    rf"|[老小]{SURNAME}|{SURNAME}[姨叔婶伯爷总工])$"
)
"""「黄阿姨」, 「老韦」: how somebody is called, no name for a record."""
SPELT_OUT = re.compile(r"(?:[,，、\s]+[\u4e00-\u9fff]{1,4}的[\u4e00-\u9fff])+[。.!！]?$")
"""「韦大山，大小的大」: which character it is."""
KNOWN_SURNAME = re.compile(SURNAME)
NOT_A_NAME = re.compile(
    r"医生|大夫|主任|挂号|预约|看病|这个|那个|什么|怎么|可以|不是|没有|不用|不要|取消|谢谢|好的|不知|知道|随便|都行|本人|自己|妈妈|爸爸|母亲|父亲|老公|老婆|儿子|女儿|孩子|病人|家属|明天|今天|后天|上午|下午|科$|院$|人工|时候|东西|回头|马上|高血压|来的|过来|来看|方便|白天|常常|金额|安排|成功|关于|于是|任何|何时|万一|向您|严重|温度|管子|石膏|江滨|东湖|黄牛|高烧|高热|高危|黄疸|马虎|金属|安全|白带|白天|白细胞|温馨|严格|常规|石头|牙痛|牙疼|牙科|金钱|方法|成年|任意|包括|关节|何必|毛病|麦克|农村|农民|银行|玉米|龙虾|区别|容易|常年|项目|于我"
)  # fmt: skip
NO_NAME_ALONE = re.compile(
    r"[上下本这]周|猜|你好|您好|哈喽|在吗|在么|谢谢|感谢|再见|拜拜|好的|好吧|好啊|对的|是的|没错|可以|不行|等等|等下|等一下|稍等|算了|人工|客服|投诉|先不|暂时|为什么|干嘛|啥意思|没带|忘了|忘记|不记得|不清楚|不懂|不会|不想|不告诉|保密|匿名|随意|无所谓|一样|以前|老样子|上次|刚才|已经|说过|填过|查一下|看看|多少|哪里|哪个|谁|吗$|呢$|吧$|了$|的$|呀$|么$|号$|早上好|晚上好|下午好|中午|晚上|早上|上午|下午|今|明天|后天|周[一二三四五六日]|星期|骨科|内科|外科|头痛|肚子|发烧|咳嗽|家里|老人|小孩|爷爷|奶奶|外公|外婆|公公|婆婆|朋友|同事|邻居|哥哥|姐姐|弟弟|妹妹|老伴|宝宝|我妈|我爸|我"
)


def has_surname(name: str) -> bool:
    """Whether a Chinese name begins with a surname; one in other letters, or written after its sound with a dot, is not
    judged."""
    if not "\u4e00" <= name[:1] <= "\u9fff" or re.search("[·・]", name):
        return True
    return KNOWN_SURNAME.match(name) is not None or RARE.match(name) is not None


def read_doctors(text: str, known: list[Found]) -> list[Found]:
    """Doctors by full name (``known``: found already) or by surname and title, kept as said (韦医生, 黄主任)."""
    found = list(known)
    for match in SURNAMED.finditer(text):
        found.append(Found("doctor", match["surname"] + match["title"], match.start(), match.end()))
    taken = 0
    for one in found:
        taken |= one.bits
    for match in DOCTOR.finditer(text):
        surname, given, start = match[1], match["given"], match.start()
        if given and surname in NOT_A_SURNAME and KNOWN_SURNAME.fullmatch(given):
            surname, given, start = given, "", start + 1
        if NOT_GIVEN.search(given) or NOT_BEFORE.search(text[max(0, start - 24) : start]):
            continue
        if not given and (
            surname + match["title"] == "班主任" or (surname == "张" and SHEET.search(text, 0, start))
        ):
            continue
        title = "" if given else match["title"]
        one = Found("doctor", surname + given + title, start, match.end())
        if not one.bits & taken:
            taken |= one.bits
            found.append(one)
    return found


def read_names(text: str) -> list[Found]:
    """A patient's or receiver's name, only where the words around announce one."""
    for pattern in ANNOUNCED:
        for match in pattern.finditer(text):
            if not NOT_A_NAME.search(match["name"]) and not ADDRESSED.match(match["name"]):
                return [Found("patient_name", match["name"], match.start("name"), match.end("name"))]
    return []


def read_name_alone(text: str) -> str | None:
    """The message read as nothing but a name, as an answer to 「请问就诊人的姓名？」."""
    if is_vietnamese_name(text) and not is_family(text):
        return text.strip().title()
    match = WHOLE.match(SPELT_OUT.sub("", text.strip()))
    if match:
        name = match["name"]
        familiar = KNOWN_SURNAME.match(name) is not None
        if ADDRESSED.match(name):
            return None
        if not NOT_A_NAME.search(name) and not NO_NAME_ALONE.search(name) and (familiar or len(name) <= 3):
            return name
    said = read_names(text)
    return str(said[0].value) if said else None
