"""Where staff hand in a list: the file is chosen, read while one waits, and its wrong rows are told one by one."""

from __future__ import annotations

from functools import partial

from nicegui import context, ui
from nicegui.events import UploadEventArguments

from bot.console.lists import Hatch, Taken
from bot.console.pages.here import Here
from bot.console.pages.parts import box, press, words
from services import Desk

MOST_BYTES = 5_000_000


def draw_hatch(here: Here, permission: str, hatch: Hatch, classes: str = "plain push") -> None:
    """The button that opens it."""
    press(hatch.label, partial(HatchSheet, here, permission, hatch), classes, icon="upload_file")


class HatchSheet:
    def __init__(self, here: Here, permission: str, hatch: Hatch):
        self.here, self.permission, self.hatch = here, permission, hatch
        with context.client, ui.dialog() as dialog, box("sheet"):
            words(hatch.label, "sheet-title", tag="h2")
            words(hatch.hint, "soft")
            self._upload = (
                ui.upload(
                    auto_upload=True,
                    max_file_size=MOST_BYTES,
                    on_begin_upload=self._wait,
                    on_upload=self._take,
                    on_rejected=self._refuse,
                )
                .props("accept=.xlsx,.xlsm,.csv")
                .classes("unseen")
            )
            self._outcome = box("outcome").props("role=status")
            with box("pair"):
                press("关闭", dialog.close, "plain")
                choose = box("press strong", tag="button").props("type=button")
                # in the browser itself: it opens its list of files only for a press of the person's own
                choose.on("click", js_handler=f'() => runMethod({self._upload.id}, "pickFiles", [])')
                with choose:
                    words("选文件", tag="span")
        dialog.on("hide", dialog.delete)
        dialog.open()

    def _wait(self) -> None:
        self._say("正在读，请稍等……")

    def _refuse(self) -> None:
        self._say(f"要 .xlsx 或 .csv 的文件，不超过 {MOST_BYTES // 1_000_000} MB。", bad=True)

    async def _take(self, event: UploadEventArguments) -> None:
        file, name, found = await event.file.read(), event.file.name, list[Taken]()

        def work(desk: Desk) -> None:
            found[:] = [self.hatch.take(desk, file, name)]

        done = await self.here.do(self.permission, work)
        if self._outcome.is_deleted:  # closed meanwhile: what was taken is taken
            return
        self._upload.reset()
        if not done:
            self._say(f"「{name}」没有读进去。", bad=True)
            return
        self._say(f"「{name}」：{found[0].said}")
        with self._outcome:
            if found[0].wrong:
                words("这些行没有读进去，改好了再交一次就行：", "bad")
                with box("wrong-rows", tag="ul"):
                    for line in found[0].wrong:
                        words(line, tag="li")

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._outcome.clear()
        with self._outcome:
            words(text, "bad" if bad else "outcome-said")
