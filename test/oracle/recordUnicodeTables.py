"""Records which characters the Python library `tokenizers` counts as marks, punctuation and control characters: its tables are of older versions of Unicode than any JavaScript engine's.

    python test/oracle/recordUnicodeTables.py > src/engine/text/unicodeTables.ts
"""
import tokenizers
from tokenizers import normalizers, pre_tokenizers

characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
digits = "0123456789abcdefghijklmnopqrstuvwxyz"


def removed_by(normalizer):
    return [character for character in characters if normalizer.normalize_str(character) == ""]


def base36(number):
    return digits[number] if number < 36 else base36(number // 36) + digits[number % 36]


def ranges(members):
    """Gap and length of each stretch, in base 36."""
    stretches = []
    for code in map(ord, members):
        if stretches and stretches[-1][1] == code:
            stretches[-1][1] = code + 1
        else:
            stretches.append([code, code + 1])
    end = 0
    numbers = []
    for start, stop in stretches:
        numbers += [start - end, stop - start]
        end = stop
    return " ".join(map(base36, numbers))


def bert(**options):
    return normalizers.BertNormalizer(**{"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False, **options})


punctuation = pre_tokenizers.Punctuation("isolated")
tables = {
    "marks": ("What `StripAccents` removes, and the only characters that Unicode normalisation reorders.", removed_by(normalizers.StripAccents())),
    "nonspacingMarks": ("What `BertNormalizer` removes to strip accents.", removed_by(bert(strip_accents=True))),
    "controls": ("What `BertNormalizer` removes to clean text.", removed_by(bert(clean_text=True))),
    "punctuation": ("What `BertPreTokenizer` and `Punctuation` split at.", [c for c in characters if len(punctuation.pre_tokenize_str(f"a{c}a")) == 3]),
}

print(f"""/** @file Character classes as the Python library `tokenizers` {tokenizers.__version__} has them, written by test/oracle/recordUnicodeTables.py. */

/** A set of code points: the gap before each stretch and its length, in base 36. */
function stretches(text: string): (code: number) => boolean {{
  const bounds: number[] = [];
  let end = 0;
  for (const number of text.split(" ")) bounds.push((end += parseInt(number, 36)));
  return (code) => {{
    let low = 0;
    let high = bounds.length;
    while (low < high) {{
      const middle = (low + high) >> 1;
      if (bounds[middle]! <= code) low = middle + 1;
      else high = middle;
    }}
    return low % 2 === 1;
  }};
}}""")
for name, (comment, members) in tables.items():
    print(f"\n/** {comment} */\nexport const is{name[0].upper()}{name[1:].removesuffix('s')} = stretches(\"{ranges(members)}\");")
