"""The words in which a way is told, by language. Places keep the names that stand on the signs.

Every entry is a template for one thing said on the way; what differs between languages is not only the words but
their order, so the whole stretch is a template too. Ours to write, once for each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WayWords:
    stretch: str
    """One straight stretch, of lead, towards, bend, pace, what one goes through, passes and where it ends."""
    arrival: str
    end: str
    """Of every sentence."""
    pause: str
    join: str
    floor: str
    basement: str
    here: str
    turns: Mapping[str, str]
    onward: str
    sides: Mapping[str, str]
    rides: Mapping[str, str]
    verbs: Mapping[str, str]
    lift_to: str
    up_to: str
    down_to: str
    shuttle: str
    shuttle_name: str
    shuttle_minutes: str
    shuttle_hours: str
    after_shuttle: str
    after: Mapping[str, str]
    out_of: str
    start: str
    towards: str
    few_steps: str
    metres: str
    through: str
    steps_up: str
    steps_down: str
    ramp: str
    passing: str
    to: str
    into: str
    out: str
    to_door: str
    to_fork: str
    to_end: str
    ahead: str
    seen: str
    arrived: str
    flat_with_lift: str
    flat: str
    outdoors: str
    """On a drawing, from here on: what stands beside the campus's name."""
    leg: str
    leg_over: str
    """Over a bridge to the next building."""
    leg_ride: str
    leg_shuttle: str
    signs: Mapping[str, str]
    """On a disc: where one starts, arrives, goes up or down, takes the shuttle, goes through a door."""
    scale: str
    north: str
    described: str

    def name_floor(self, floor: str) -> str:
        """``2F`` → 2楼, ``B1`` → 地下1楼."""
        below = floor.startswith("B")
        return (self.basement if below else self.floor).format(floor=floor[1:] if below else floor[:-1])

    def finish(self, sentence: str) -> str:
        """One blank where parts were empty, and a capital where the language has them."""
        tidy = " ".join(sentence.split()).replace(" ,", ",")
        return tidy[:1].upper() + tidy[1:] + self.end


CHINESE = WayWords(
    stretch="{lead}{towards}{bend}{pace}{through}{passing}{until}",
    arrival="{lead}{place}{side}",
    end="。",
    pause="，",
    join="、",
    floor="{floor}楼",
    basement="地下{floor}楼",
    here="您现在就在{place}",
    turns={"left": "左转，", "right": "右转，", "straight": "", "back": "往回走，"},
    onward="继续",
    sides={
        "left": "就在您的左手边",
        "right": "就在您的右手边",
        "straight": "就在您的前方",
        "back": "就在您的身后",
    },
    rides={"lift": "电梯", "stairs": "楼梯", "escalator": "扶梯"},
    verbs={"lift": "坐电梯", "stairs": "走楼梯", "escalator": "乘扶梯"},
    lift_to="坐电梯到{floor}",
    up_to="{verb}上到{floor}",
    down_to="{verb}下到{floor}",
    shuttle="在{start}坐{name}，到{stop}下车{minutes}",
    shuttle_name="班车",
    shuttle_minutes="，车程约{minutes}分钟",
    shuttle_hours="{name}时间：{hours}",
    after_shuttle="下车后",
    after={"lift": "出电梯后", "escalator": "出扶梯后", "stairs": "出楼梯间后"},
    out_of="从{place}出门",
    start="从{place}出发，",
    towards="朝{place}方向",
    few_steps="走几步",
    metres="直走约{metres}米",
    through="，穿过{name}",
    steps_up="，上几级台阶",
    steps_down="，下几级台阶",
    ramp="，走坡道，没有台阶",
    passing="，经过{places}",
    to="，到{place}",
    into="，进{place}",
    out="，出{place}",
    to_door="，走到{place}门口",
    to_fork="，到岔路口",
    to_end="，走到头",
    ahead="前面就是{place}",
    seen="{said}，看到{landmark}就到了",
    arrived="{said}，就到了",
    flat_with_lift="这条路没有台阶，需要电梯",
    flat="这条路没有台阶，轮椅可以走",
    outdoors="室外",
    leg="从{start}到{end}",
    leg_over="从{start}过连廊，去{building}",
    leg_ride="从{start}到{goal}，{verb}到{floor}",
    leg_shuttle="从{start}到{end}，坐院区班车",
    signs={"start": "起", "end": "终", "up": "上", "down": "下", "shuttle": "车", "door": "门"},
    scale="{metres}米",
    north="北",
    described="{title}平面图，上方为北。{way}图上有：{names}。",
)
VIETNAMESE = WayWords(
    stretch="{lead} {bend} {pace} {towards}{through}{passing}{until}",
    arrival="{lead} {place} {side}",
    end=".",
    pause=",",
    join=", ",
    floor="tầng {floor}",
    basement="tầng hầm {floor}",
    here="bạn đang ở ngay {place}",
    turns={"left": "rẽ trái,", "right": "rẽ phải,", "straight": "", "back": "quay lại,"},
    onward="tiếp tục",
    sides={
        "left": "ở ngay bên tay trái bạn",
        "right": "ở ngay bên tay phải bạn",
        "straight": "ở ngay trước mặt bạn",
        "back": "ở ngay sau lưng bạn",
    },
    rides={"lift": "thang máy", "stairs": "cầu thang", "escalator": "thang cuốn"},
    verbs={"lift": "đi thang máy", "stairs": "đi cầu thang", "escalator": "đi thang cuốn"},
    lift_to="đi thang máy đến {floor}",
    up_to="{verb} lên {floor}",
    down_to="{verb} xuống {floor}",
    shuttle="lên {name} tại {start}, đến {stop} thì xuống{minutes}",
    shuttle_name="xe đưa đón",
    shuttle_minutes=", xe chạy khoảng {minutes} phút",
    shuttle_hours="giờ chạy của {name}: {hours}",
    after_shuttle="xuống xe,",
    after={
        "lift": "ra khỏi thang máy,",
        "escalator": "ra khỏi thang cuốn,",
        "stairs": "ra khỏi cầu thang,",
    },
    out_of="ra khỏi cửa {place},",
    start="từ {place},",
    towards="về phía {place}",
    few_steps="đi vài bước",
    metres="đi thẳng khoảng {metres} m",
    through=", qua {name}",
    steps_up=", lên mấy bậc thềm",
    steps_down=", xuống mấy bậc thềm",
    ramp=", đi đường dốc, không có bậc",
    passing=", đi qua {places}",
    to=", đến {place}",
    into=", vào {place}",
    out=", ra khỏi {place}",
    to_door=", đến cửa {place}",
    to_fork=", đến ngã rẽ",
    to_end=", đi đến cuối",
    ahead="phía trước là {place}",
    seen="{said}, thấy {landmark} là đến nơi",
    arrived="{said}, vậy là đến nơi",
    flat_with_lift="đường này không có bậc, cần đi thang máy",
    flat="đường này không có bậc, xe lăn đi được",
    outdoors="ngoài trời",
    leg="Từ {start} đến {end}",
    leg_over="Từ {start} qua cầu nối sang {building}",
    leg_ride="Từ {start} đến {goal}, {verb} đến {floor}",
    leg_shuttle="Từ {start} đến {end}, lên xe đưa đón",
    signs={"start": "A", "end": "B", "up": "↑", "down": "↓", "shuttle": "Xe", "door": "Ra"},
    scale="{metres} m",
    north="Bắc",
    described="Sơ đồ {title}, phía trên là hướng bắc. {way} Trên sơ đồ có: {names}.",
)
WORDS = {"zh": CHINESE, "vi": VIETNAMESE}


def get_words(language: str) -> WayWords:
    """Chinese where the language has none."""
    return WORDS.get(language, CHINESE)
