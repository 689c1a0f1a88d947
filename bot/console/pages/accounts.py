"""Staff accounts, for administrators: added with a link shown once, closed for good."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from bot.console.accounts import Account, add_account, close_account, list_accounts, renew_link
from bot.console.boards import Field
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, ask, box, confirm, press, words
from bot.console.words import ROLES, say_time
from bot.reception import setup_address
from services import Desk

ABOUT = {
    "admin": "全部，包括人员",
    "manager": "全部工作，不含人员",
    "lead": "会话、投诉和改进、总览数字；收到超时上报",
    "service": "会话、投诉、陪诊",
    "pharmacy": "会话、中药",
    "nurse": "会话、随访、陪诊",
    "doctor": "只看自己的加号申请（姓名要和出诊医生一致）",
    "observer": "只看总览数字",
}


def show(here: Here) -> None:
    AccountsPage(here)


class AccountsPage:
    def __init__(self, here: Here):
        self.here = here
        with box("list-page"):
            with box("page-top", tag="header"):
                with box():
                    words("人员", "page-title", tag="h1")
                    words(
                        "每人一个账号，用一次性的链接自己设密码。停用以后马上不能再登录，做过的事都留着。",
                        "soft small",
                    )
                press("添加", self._ask_to_add, "strong push", icon="person_add")
            place = box("rows").props("role=list")
        self._list: Keyed[Account] = Keyed(
            place,
            key=lambda one: one.id,
            build=self._build,
            classes=lambda one: "row-card" if one.active else "row-card closed",
        )
        here.live("staff", list_accounts, self._list.show, seconds=3)

    def _build(self, one: Account) -> None:
        with box("row-head flat"):
            words(one.name, "row-name", tag="span")
            words(one.login, "row-about", tag="span")
            words(ROLES.get(one.role, one.role), "pill green", tag="span")
            words(self._say_state(one), "soft small", tag="span")
            with box("push pair"):
                if one.active:
                    press("新链接", partial(self._renew, one), "link", label=f"给{one.name}一个新链接")
                    if one.id != self.here.person.id:
                        press("停用", partial(self._close, one), "link grave", label=f"停用{one.name}")

    def _say_state(self, one: Account) -> str:
        if not one.active:
            return "已停用"
        if not one.ready:
            return "还没设密码"
        if one.locked:
            return "连错五次，暂时锁住"
        if one.last_login_at is None:
            return "还没登录过"
        return f"上次登录 {say_time(one.last_login_at, self.here.house.now())}"

    async def _ask_to_add(self) -> None:
        roles = {f"{name}：{ABOUT[role]}": role for role, name in ROLES.items()}
        usual = next(name for name, role in roles.items() if role == "service")
        made: list[tuple[str, str]] = []

        async def keep(given: dict[str, str]) -> bool:
            def work(desk: Desk) -> None:
                token = add_account(desk, login=given["login"], name=given["name"], role=roles[given["role"]])
                made.append((given["name"], token))

            return await self.here.do("staff", work)

        fields = (
            Field("name", "姓名", True),
            Field("login", "登录名（字母、数字）", True),
            Field("role", "角色", True, "choice", tuple(roles), usual),
        )
        if await ask("添加人员", fields, done="添加，生成链接", keep=keep):
            self._show_link(*made[-1])

    async def _renew(self, one: Account) -> None:
        if not await confirm(
            f"给{one.name}一个新的设置链接？", "旧的链接马上失效；用了新链接，旧密码才失效。", done="生成链接"
        ):
            return
        token: list[str] = []
        if await self.here.do("staff", lambda desk: token.append(renew_link(desk, staff_id=one.id))):
            self._show_link(one.name, token[-1])

    async def _close(self, one: Account) -> None:
        if await confirm(
            f"停用{one.name}的账号？", "马上退出登录，以后不能再登录。", done="停用", classes="grave"
        ):
            await self.here.do(
                "staff", lambda desk: close_account(desk, staff_id=one.id), said=f"{one.name}已停用。"
            )

    def _show_link(self, name: str, token: str) -> None:
        link = setup_address(self.here.house.settings, token)
        with self.here.client, ui.dialog().props("persistent") as dialog, box("sheet"):
            words(f"{name}的设置链接", "sheet-title", tag="h2")
            words("只显示这一次，72 小时内有效，用一次就作废。请当面或用院内通讯交给本人。", "soft")
            words(link, "setup-link")
            with box("pair"):
                press("复制", lambda: _copy(link), "plain", icon="content_copy")
                press("我交给本人了", dialog.close, "strong")
        dialog.on("hide", dialog.delete)
        dialog.open()


def _copy(link: str) -> None:
    ui.clipboard.write(link)
    ui.notify("已复制", type="positive", position="bottom-right")
