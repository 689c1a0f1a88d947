"""Other systems that are told of changes, for administrators: added with a secret shown once; what was given up."""

from __future__ import annotations

import re
from functools import partial

from nicegui import ui

from bot.console.boards import Field
from bot.console.pages.here import Here
from bot.console.pages.parts import Keyed, ask, box, confirm, nothing, press, words
from bot.console.systems import DeadLetter, Endpoint, list_addresses, list_dead_letters
from bot.console.words import say_time
from services.endpoints import EVERY, add_endpoint, remove_endpoint
from services.webhooks import send_again

STATES, DETAIL = "只有编号和状态", "也告诉记录内容（姓名、电话遮住）"


def show(here: Here) -> None:
    SystemsPage(here)


class SystemsPage:
    def __init__(self, here: Here):
        self.here = here
        with box("list-page"):
            with box("page-top", tag="header"):
                with box():
                    words("接口", "page-title", tag="h1")
                    words("记录有变化时通知哪些系统。怎么接收、怎么验签名，见 docs/api.md。", "soft small")
                press("添加", self._ask_to_add, "strong push", icon="add_link")
            addresses = box("rows").props("role=list")
            words("没有送到的", "page-title", tag="h2")
            letters = box("rows").props("role=list")
            none = nothing("都送到了", "试了三天仍送不到的变化会列在这里，可以再发。")
        self._addresses: Keyed[Endpoint] = Keyed(
            addresses, key=lambda one: one.id, build=self._build, classes=lambda one: "row-card"
        )
        self._letters: Keyed[DeadLetter] = Keyed(
            letters, key=lambda one: one.id, build=self._build_letter, classes=lambda one: "row-card"
        )
        self._none = none
        here.live("staff", list_addresses, self._addresses.show, seconds=4)
        here.live("staff", list_dead_letters, self._draw_letters, seconds=4)

    def _draw_letters(self, found: tuple[DeadLetter, ...]) -> None:
        self._letters.show(found)
        self._none.set_visibility(not found)

    def _build(self, one: Endpoint) -> None:
        with box("row-head flat"):
            words(one.url, "row-name", tag="span")
            words(one.what, "row-about", tag="span")
            words("可看内容" if one.detail else STATES, "pill", tag="span")
            with box("push pair"):
                press("停用", partial(self._remove, one), "link grave", label=f"停用 {one.url}")

    def _build_letter(self, one: DeadLetter) -> None:
        with box("row-head flat"):
            words(say_time(one.at, self.here.house.now()), "row-time", tag="span")
            words(one.what, "pill", tag="span")
            with box("row-text"):
                words(one.url, "text")
                words(one.why, "bad small")
            with box("push pair"):
                press("再发", partial(self._again, one), "link", label=f"再发 {one.what}")

    async def _ask_to_add(self) -> None:
        secrets: list[str] = []

        async def keep(given: dict[str, str]) -> bool:
            types = tuple(one for one in re.split(r"[,，、\s]+", given["types"]) if one)
            return await self.here.do(
                "staff",
                lambda desk: secrets.append(
                    add_endpoint(
                        desk, url=given["url"], types=types or (EVERY,), detail=given["told"] == DETAIL
                    ).secret
                ),
            )

        fields = (
            Field("url", "地址（https://…）", True),
            Field("types", "哪些记录（如 appointment,escort；* 是全部）", value=EVERY),
            Field("told", "告诉什么", True, "choice", (STATES, DETAIL), STATES),
        )
        if await ask("通知一个系统", fields, done="添加，生成密钥", keep=keep):
            self._show_secret(secrets[-1])

    def _show_secret(self, secret: str) -> None:
        with self.here.client, ui.dialog().props("persistent") as dialog, box("sheet"):
            words("签名密钥", "sheet-title", tag="h2")
            words("请交给接收方，用来验证每条通知确实来自这里。关掉以后不再显示。", "soft")
            words(secret, "setup-link")
            press("记下了", dialog.close, "strong")
        dialog.on("hide", dialog.delete)
        dialog.open()

    async def _remove(self, one: Endpoint) -> None:
        if await confirm(
            "停用这个地址？", f"不再通知 {one.url}，还没送到的也不再送。", done="停用", classes="grave"
        ):
            await self.here.do(
                "staff",
                lambda desk: remove_endpoint(desk, endpoint_id=one.id, reason="console"),
                said="已停用。",
            )

    async def _again(self, one: DeadLetter) -> None:
        await self.here.do("staff", lambda desk: send_again(desk, delivery_id=one.id), said="已重新发送。")
