"""The forms of a term: how a few words stand for all the ways in which people say the same.

    (hit|hits|hitting) him        one of these; `(was|)`: or nothing
    locked in <his> room          a class of words that take each other's place
"""

import re
from functools import lru_cache
from itertools import product

from policy.reader.phrases import PhraseError

_GROUP = re.compile(r"\(([^()]*)\)|<([a-z]+)>")
_CLASSES = {
    "his": "his|her|their|my",
    "him": "him|her|them|me",
    "he": "he|she|they",
    "hes": "he is|he's|she is|she's|they are|they're|he was|she was|they were",
    "self": "himself|herself|themselves|themself|myself",
    "is": "is|was|are|were|been|being",
    "has": "has|had|have",
    "mum": "mum|mother|mam|mummy|mom",
    "dad": "dad|father|daddy",
    "parent": "mum|mother|mam|mummy|dad|father|daddy|stepdad|stepfather|stepmum|parents|parent|carer",
    "kids": "kids|children|kiddies|little ones",
    "man": "man|male|bloke|guy|fella",
}
# More would be a slip of whoever wrote the term.
_MOST = 600


@lru_cache(maxsize=50_000)
def forms(term: str) -> tuple[str, ...]:
    """Every form of a term. Raises PhraseError for an unknown class or too many forms."""
    if "(" not in term and "<" not in term:
        return (term,)
    pieces: list[tuple[str, ...]] = []
    end = 0
    count = 1
    for found in _GROUP.finditer(term):
        pieces.append((term[end : found.start()],))
        words = _CLASSES.get(found[2]) if found[2] else found[1]
        if words is None:
            message = f"there are no words like {found[0]}"
            raise PhraseError(message)
        pieces.append(tuple(words.split("|")))
        count *= len(pieces[-1])
        end = found.end()
    pieces.append((term[end:],))
    if count > _MOST:
        message = f"stands for {count} forms, more than {_MOST}"
        raise PhraseError(message)
    return tuple(dict.fromkeys(" ".join("".join(each).split()) for each in product(*pieces)))
