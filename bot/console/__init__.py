"""The staff's console: conversations, boards, follow-ups, what could not be sent, and who may log in.

What staff see and do stands here without any web toolkit (``talks``, ``boards``, ``visitors``), each action checked
for who acts and what the role may do. ``pages/`` draws it with NiceGUI, which is imported only when the first of the
staff opens a page (``door``), so that commands and patients' first answers do not wait for it.
"""
