"""Every way in which evidence is refused, as one tree of exceptions.

::

    VerifyError
    ├── MalformedError    the bytes are not what SPEC says: JSON, canonical form, the form of a row
    ├── ChainError        rows are well-formed, but do not link up
    ├── PredicateError    the predicate is not what the rows say
    ├── StatementError    envelope, Statement or subjects are not what SPEC says
    ├── SignatureError    a key cannot be used, or a signature is not by it
    ├── NoteError         a signed note or the checkpoint in it is refused
    ├── MerkleError       an inclusion, consistency or multi-proof is refused
    ├── TrustError        the trust file is not what SPEC says
    └── BundleError       the members of a bundle do not fit together
        └── NotABundleError   the file is something else, or a bundle of another version

Knows no rule of the format: each rule lives where it is checked and names its own code.
"""


class VerifyError(Exception):
    """A refusal: a stable kebab-case `code` for machines, and a one-line `detail` for people.

    Both are positional arguments of the exception, so a refusal survives the way back from a worker process.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class MalformedError(VerifyError):
    """The bytes are not strict JSON, not canonical, or not of the form that SPEC gives them."""


class ChainError(VerifyError):
    """A row does not follow from the row before it, in the log or in its run."""


class PredicateError(VerifyError):
    """The predicate says something other than what the rows give when it is computed again."""


class StatementError(VerifyError):
    """The envelope, the Statement in it or its subjects are not what SPEC says."""


class SignatureError(VerifyError):
    """A key is not one that can be used here, or a signature was not made by it over these bytes."""


class NoteError(VerifyError):
    """A signed note or a checkpoint is not well-formed, or a known key's signature on it is wrong."""


class MerkleError(VerifyError):
    """A proof does not show what it claims to about a Merkle tree."""


class BundleError(VerifyError):
    """The members of a bundle are missing, unknown, or contradict one another."""


class NotABundleError(BundleError):
    """The file is not a bundle, or one of a version that this verifier does not know."""


class TrustError(VerifyError):
    """The trust file is not what SPEC section 14 says."""
