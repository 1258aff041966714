"""Sets of characters as Python's tokenizers 0.23 knows them, for packages/transformers/src/tokenizers/unicode/tables.ts.

tokenizers has Unicode from four places of four ages: regular expressions of Oniguruma, the crates unicode_categories (BERT's
punctuation, controls and marks) and unicode-normalization-alignments (normal forms), and Rust's own (letters in lower case,
digits). What JavaScript's engine knows is of a fifth age, and of another one in each engine, so that the sets are measured here
and written down: lengths of runs outside and inside, in base 36.
"""

import json
import subprocess
from pathlib import Path

from tokenizers import Regex, normalizers, pre_tokenizers

FILE = Path(__file__).parents[2] / "packages/transformers/src/tokenizers/unicode/tables.ts"
ALL = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()


def matched(normalizer) -> list:
    """The characters that a normalizer removes, each asked alone between two letters."""
    kept = normalizer.normalize_str("\n".join(chr(c) for c in ALL if c != 0x0A))
    rest = set(kept)
    return [c for c in ALL if c != 0x0A and chr(c) not in rest]


def by_regex(source: str) -> list:
    found = matched(normalizers.Replace(Regex(source), ""))
    newline = [0x0A] if normalizers.Replace(Regex(source), "").normalize_str("\n") == "" else []
    return sorted(found + newline)


def alone(removes) -> list:
    return [c for c in ALL if removes(chr(c))]


def runs(chars: list) -> str:
    lengths, inside, at = [], False, 0
    edges = []
    for c in chars:
        if edges and edges[-1] == c:
            edges[-1] = c + 1
        else:
            edges += [c, c + 1]
    for edge in edges:
        lengths.append(base36(edge - at))
        at = edge
    return ",".join(lengths)


def base36(value: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while value or not text:
        value, digit = divmod(value, 36)
        text = digits[digit] + text
    return text


def pretokens(pretokenizer, text: str) -> list:
    return [piece for piece, _ in pretokenizer.pre_tokenize_str(text)]


punctuation = pre_tokenizers.Punctuation("removed")
digits = pre_tokenizers.Digits(individual_digits=True)
clean = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False)
marks = normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False)
accents = normalizers.StripAccents()
nfd, nfkd = normalizers.NFD(), normalizers.NFKD()

# What JavaScript (Unicode 16 or 17) decomposes, orders as marks, or composes, by Node.
NODE = """
const found = {}
for (let c = 0; c < 0x110000; c++) {
  if (c >= 0xd800 && c <= 0xdfff) continue
  const one = String.fromCodePoint(c), nfd = one.normalize('NFD')
  found[one] = [nfd, one.normalize('NFKD'), ('a\\u0345' + one).normalize('NFD'), ('a' + one + '\\u0334').normalize('NFD')]
}
console.log(JSON.stringify(found))
"""
KNOWN = json.loads(subprocess.run(["node", "-e", NODE], capture_output=True, check=True, text=True).stdout)


def new_to_normal_forms() -> list:
    """Characters that the crate (Unicode 12) leaves as they are and newer tables don't, with what they would be composed of."""
    new = set()
    for one, (canonical, compatible, after, before) in KNOWN.items():
        asked = (nfkd.normalize_str(one), nfd.normalize_str("a\u0345" + one), nfd.normalize_str("a" + one + "\u0334"))
        if asked == (compatible, after, before):
            continue
        assert nfkd.normalize_str(one) == one, hex(ord(one))
        new.add(ord(one))
        # U+0307 is old and goes with many; what it would newly go with is new.
        if canonical != one:
            new.add(ord(canonical[0]))
    return sorted(new)


tables = {category: runs(by_regex(rf"\p{{{category}}}")) for category in CATEGORIES}
tables |= {
    # unicode_categories.
    "bertPunctuation": runs(alone(lambda c: pretokens(punctuation, "a" + c + "a") == ["a", "a"])),
    "bertControl": runs(alone(lambda c: clean.normalize_str("a" + c + "a") == "aa")),
    "bertMark": runs(alone(lambda c: marks.normalize_str(c) == "")),
    # Rust's own.
    "numeric": runs(alone(lambda c: len(pretokens(digits, "a" + c + "a")) == 3)),
    # unicode-normalization-alignments.
    "combiningMark": runs(alone(lambda c: accents.normalize_str(c) == "")),
    "newToNormalForms": runs(new_to_normal_forms()),
}

HEADER = """/**
 * Characters as Python's tokenizers 0.23 knows them: lengths of runs outside and inside of a set, in base 36. Made by
 * tools/golden/make_tokenizer_unicode.py, which says where each is from.
 */
export const runs = {
"""
lines = [f"  {name}: '{text}'," for name, text in tables.items()]
FILE.write_text(HEADER + "\n".join(lines) + "\n} as const\n")
