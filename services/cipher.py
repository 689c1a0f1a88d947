"""Encryption of identity and health data in its column, and the blind index by which it is found again.

AES-256-GCM with a random nonce; the purpose (``"patient.phone"``) is bound in as associated data, so a sealed
value copied into another column does not open. Both keys are derived from one master key (HKDF-SHA256).
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
FINGERPRINT = 4


class CipherError(RuntimeError):
    """No key was set, or a value was sealed with a key that is not known here."""


def derive(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"wenjin {purpose}".encode()).derive(master)


class Cipher:
    """Seals with the newest key, opens with any it knows; a sealed value begins with its key's fingerprint."""

    def __init__(self, master: bytes, *retired: bytes) -> None:
        if len(master) < 32:
            raise CipherError("the master key needs at least 32 bytes")
        self._index = derive(master, "blind index")
        self._keys: dict[bytes, AESGCM] = {}
        for one in (*retired, master):
            key = derive(one, "column")
            self._newest = hashlib.sha256(key).digest()[:FINGERPRINT]
            self._keys[self._newest] = AESGCM(key)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        nonce = os.urandom(NONCE)
        return self._newest + nonce + self._keys[self._newest].encrypt(nonce, plain, purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        key = self._keys.get(bytes(sealed[:FINGERPRINT]))
        if key is None:
            raise CipherError("sealed with a key that is not known here")
        nonce = sealed[FINGERPRINT : FINGERPRINT + NONCE]
        try:
            return key.decrypt(nonce, sealed[FINGERPRINT + NONCE :], purpose.encode())
        except InvalidTag:
            raise CipherError(f"a sealed value of {purpose} was changed or belongs elsewhere") from None

    def blind(self, value: str, purpose: str) -> str:
        """The same for the same value, telling nothing of it to who has no key: 32 hex digits."""
        return hmac.new(self._index, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()[:32]


_cipher: Cipher | None = None


def set_cipher(key: bytes, *, retired: tuple[bytes, ...] = ()) -> None:
    """Sets the process's master key (≥ 32 bytes); ``retired`` keys still open what they sealed.

    The blind index always uses ``key``: after a change of key, indexes are rebuilt (``wenjin db check`` tells).
    """
    global _cipher
    _cipher = Cipher(key, *retired)


def _get_cipher() -> Cipher:
    if _cipher is None:
        raise CipherError("set_cipher(key) comes before the first record")
    return _cipher


def seal(plain: bytes, purpose: str) -> bytes:
    return _get_cipher().seal(plain, purpose)


def unseal(sealed: bytes, purpose: str) -> bytes:
    return _get_cipher().unseal(sealed, purpose)


def blind(value: str, purpose: str) -> str:
    return _get_cipher().blind(value, purpose)
