"""The patient's pages: the chat at ``/`` and the page behind a 吐槽码 at ``/t/{place_code}``. Nothing from outside."""
