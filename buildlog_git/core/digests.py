"""The digests of git and of our own ids, without OpenSSL where Python has them itself.

Importing hashlib loads OpenSSL, at a third of a bare interpreter. Python's own modules give the
same digests (``random`` takes them so, too), but not under the same names in each version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["sha1", "sha256"]

if TYPE_CHECKING:
    from hashlib import sha1, sha256
else:
    try:
        from _sha1 import sha1

        try:
            from _sha2 import sha256  # from Python 3.12 on
        except ImportError:
            from _sha256 import sha256
    except ImportError:
        from hashlib import sha1, sha256
