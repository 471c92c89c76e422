"""
Draws reviews whose label follows from how they are built: plain opinions, negated ones, and ones that weigh an opinion against its opposite.

A word in a template is a combination; one combination in ten, and every template in a HELD_ list, is kept out of training. A held-out text has at least one of them.
"""
import re
import zlib
from dataclasses import dataclass

import templates as t
from lexicon import COMPARED, CROWDS, DAYS, DOMAINS, EFFECT, EXTREME, FEEL, GENERAL, INTENSIFIERS, LIKE, MANNER, MONTHS, NOUN, PEOPLE, PLACES, STRONG

# Gaps for words of the wanted and of the opposite opinion.
PAIRED = {"happy": ("unhappy", FEEL), "best": ("worst", EXTREME), "better": ("worse", COMPARED), "well": ("ill", MANNER), "praise": ("blame", NOUN)}
GAPS = {name: (table, wanted) for same, (other, table) in PAIRED.items() for name, wanted in ((same, True), (other, False))}
PHENOMENA = ("plain", "negation", "contrast")
KEPT_OUT = 10
NEGATORS = re.compile(r"\b(not|never|no one|nobody|nothing|no|neither|nor|without|hardly|far from|anything but|by no means|less|(?:do|did|was|were|is|are|ca|would)n't|cannot)\b")


# While a text is made, its words of opinion stand between marks: of praise, of blame (after any negation), and words that turn an opinion round.
MARKED = re.compile("«([^»]*)»|‹([^›]*)›|⟦([^⟧]*)⟧")


@dataclass(frozen=True)
class Review:
    text: str
    label: int  # 1 praises, 0 blames
    phenomenon: str
    # The words that carry an opinion and those that turn it round: (start, end, what is meant there: 1, 0, or None for the latter).
    spans: tuple
    held_out: str  # "template", "combination" or, where nothing in it is held out, ""

    @property
    def keys(self):
        return tuple(dict.fromkeys(word for a, b, _ in self.spans for word in self.text[a:b].split()))


class Draw:
    """One text in the making: its domain, the words it has used, and whether anything in it is kept out of training."""

    def __init__(self, rng, allow_held):
        self.rng, self.allow_held = rng, allow_held
        self.domain = DOMAINS[self.pick(sorted(DOMAINS))]
        self.careless = self.chance(0.06)
        self.held = ""
        self.used = set()

    def pick(self, options):
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share):
        return self.rng.random() < share

    def template(self, ordinary, held):
        """One of the ordinary templates or, where held-out ones are wanted, now and then one of those."""
        if self.allow_held == "template" and self.chance(0.6):
            self.held = "template"
            return self.pick(held)
        return self.pick(ordinary)

    def part(self):
        """A part other than those already named, with its adjectives: words, plural, group."""
        while True:
            parts, adjectives = self.pick(self.domain["groups"])
            name = self.invent() if self.chance(0.06) and not self.allow_held else self.pick(parts)
            if name not in self.used or len(self.used) > 6:
                self.used.add(name)
                return name.rstrip("+"), name.endswith("+"), adjectives

    def invent(self):
        """A word of no language. Such words teach that pieces of unknown words say nothing."""
        syllable = lambda: self.pick("b c d f g h j k l m n p r s t v w z br cl dr gr pl sh st th tr".split()) + self.pick("a e i o u ai ea ee oo ou".split()) + self.pick(["", "", "n", "r", "l", "s", "ck", "m"])
        return "".join(syllable() for _ in range(int(self.rng.integers(1, 4))))

    def one_part(self):
        while True:
            name, plural, adjectives = self.part()
            if not plural:
                return name, adjectives

    def word(self, options, template):
        """A word that was not used before in this text, and whose combination with the template may be used."""
        for _ in range(50):
            word = self.pick(options)
            shown = word if isinstance(word, str) else word[0]
            kept_out = zlib.crc32(f"{template}|{shown}".encode()) % KEPT_OUT == 0
            if shown in self.used or (kept_out and not self.allow_held):
                continue
            if kept_out and not self.held:
                self.held = "combination"
            self.used.add(shown)
            return word
        raise Again

    def is_not(self, plural, past):
        be = ("were" if plural else "was") if past else ("are" if plural else "is")
        return self.pick([f"{be}n't", f"{be}n't", f"{be} not", f"{be} not", f"{be} never", f"{be} hardly", f"{be} far from", f"{be} anything but", f"{be} by no means"])


class Again(Exception):
    """This text cannot be finished; draw another."""


def marked(word, opinion):
    return f"«{word}»" if opinion else f"‹{word}›"


def fill(draw, template, label, weighs=False):
    """A template with its gaps filled and its words of opinion marked. One that weighs two opinions means both as they are said, any other only the wanted one."""
    past = draw.chance(0.6)
    first, plural, adjectives = draw.part()
    parts = {"part": (first, plural, adjectives)}
    last = [adjectives, plural]
    verbs = {}

    def adjective(opinion):
        options = last[0][opinion] if draw.chance(0.6) and "{part" in template else GENERAL[opinion]
        return said(draw.word(options, template), opinion)

    def said(word, opinion):
        return marked(word, opinion if weighs else label)

    def gap(match):
        name = match.group(1)
        same, other = label, 1 - label
        if name in ("part", "part2"):
            if name not in parts:
                parts[name] = draw.part()
            last[:] = [parts[name][2], parts[name][1]]
            return parts[name][0]
        if name == "partone":
            one, last[0] = draw.one_part()
            return one
        if name in ("be", "be2"):
            many = parts.get("part2", parts["part"])[1] if name == "be2" else parts["part"][1]
            return ("were" if many else "was") if past else ("are" if many else "is")
        if name in ("for", "for2"):
            return clause(draw, label)
        if name == "against":
            return clause(draw, 1 - label)
        if name in ("same", "same2"):
            return adjective(same)
        if name in ("other", "other2"):
            return adjective(other)
        if name in ("like", "dislike", "dislike_"):
            opinion = same if name == "like" else other
            return said(draw.word(LIKE[opinion], template)[name.endswith("_")], opinion)
        if name in ("affect", "affect2", "disaffect", "disaffect_"):
            opinion = other if name.startswith("dis") else same
            return said(draw.word(EFFECT[opinion], template)[name.endswith("_")], opinion)
        if name in GAPS:
            table, wanted = GAPS[name]
            return said(draw.word(table[same if wanted else other], template), same if wanted else other)
        simple = {
            "thing": lambda: draw.invent() if draw.chance(0.04) and not draw.allow_held else draw.pick(draw.domain["things"]),
            "detail": lambda: draw.pick(["moment", "minute", "detail", "thing", "day"]),
            "was": lambda: "were" if "part" in parts and "{part} {was}" in template and parts["part"][1] else "was", "had": lambda: draw.pick(["had", "had", "seen", "owned", "read", "tried"]),
            "isnt": lambda: draw.is_not(parts["part"][1], past),
            "isntone": lambda: draw.is_not(False, past),
            "didnt": lambda: draw.pick(["didn't", "did not", "never did", "didn't"] if "find" not in template else ["didn't", "did not"]),
            "very": lambda: draw.pick(INTENSIFIERS) + " " if draw.chance(0.4) else "",
            "strong": lambda: said(draw.word(STRONG[same], template), same),
            "who": lambda: draw.pick(PEOPLE), "crowd": lambda: draw.pick(CROWDS), "day": lambda: draw.pick(DAYS), "month": lambda: draw.pick(MONTHS), "place": lambda: draw.pick(PLACES),
            "number": lambda: str(int(draw.rng.integers(20, 480))), "small": lambda: str(int(draw.rng.integers(2, 13))), "year": lambda: str(int(draw.rng.integers(1978, 2026))),
            "price": lambda: draw.pick(["{} euros", "£{}", "{}.50 dollars", "€{}", "{} CHF"]).format(int(draw.rng.integers(4, 900))),
        }
        return simple[name]()

    return re.sub(r"\{(\w+)\}", gap, template)


def clause(draw, label, kind=None, alone=False):
    """A clause of the opinion, plain or negated; alone, where it may do without a verb."""
    negated = draw.chance(0.3) if kind is None else kind == "negation"
    ordinary = (t.NEGATION + t.NEGATION_ALONE if alone else t.NEGATION) if negated else (t.PLAIN + t.PLAIN_ALONE if alone else t.PLAIN)
    template = draw.template(ordinary, t.HELD_NEGATION if negated else t.HELD_PLAIN)
    text = fill(draw, template, label)
    return NEGATORS.sub(r"⟦\1⟧", text) if negated else text


def sentence(draw, label, phenomenon):
    """One sentence, or two where the template has two, that show the phenomenon."""
    if phenomenon == "contrast":
        text = fill(draw, draw.template(t.CONTRAST, t.HELD_CONTRAST), label, weighs=True)
    elif draw.chance(0.1) and not draw.allow_held:
        text = fill(draw, draw.pick([said for opinion, said, negated in t.SAYINGS if opinion == label and negated == (phenomenon == "negation")]), label)
        text = text if label else text.replace("«", "‹").replace("»", "›")
    else:
        frame = draw.pick(t.FRAMES)
        text = frame.replace("{for}", clause(draw, label, phenomenon, frame == "{for}"))
        text = text.replace("{for2}", clause(draw, label, phenomenon)) if "{for2}" in text else text
    return finish(draw, text, "..." if draw.chance(0.04) else "!" if draw.chance(0.15) else ".")


def filler(draw):
    return finish(draw, fill(draw, draw.pick(t.FILLERS), 0), ".")


def finish(draw, text, end):
    """Capital, article, full stop; now and then without them, as people write."""
    text = re.sub(r"\b([Aa]) ([«‹]?)(?=[aeiou])", r"\1n \2", text)
    text = re.sub(r"([?!])([.!])", r"\1", text)
    text = re.sub(r"(^|[.?!] )([«‹⟦]?)(\w)", lambda m: m.group(1) + m.group(2) + m.group(3).upper(), text)
    return text.lower() + "." if draw.careless else text + end


def review(rng, label, phenomenon, held=None, sentences=None):
    """A review of one to a dozen sentences. held: None for training, "template" or "combination" for texts kept out of it."""
    while True:
        draw = Draw(rng, held)
        count = sentences or int(rng.choice([1, 2, 3, 4, 6, 9, 12], p=[0.74, 0.11, 0.06, 0.04, 0.03, 0.01, 0.01]))
        try:
            settled = phenomenon == "contrast" and count > 1 and draw.chance(0.4)
            said = disagreeing(draw, label, count) if settled else [sentence(draw, label, phenomenon)]
            for _ in range(count - len(said)):
                draw.used.clear()
                if draw.chance(0.55):
                    said.insert(int(rng.integers(len(said) + 1)), filler(draw))
                else:
                    kind = phenomenon if phenomenon == "plain" else PHENOMENA[int(rng.integers(PHENOMENA.index(phenomenon) + 1))]
                    said.append(sentence(draw, label, kind))
        except Again:
            continue
        if held and draw.held != held:
            continue
        whole = " ".join(said).removesuffix("." if draw.careless else " ")
        text, spans = unmark(whole.replace("'", "’") if draw.chance(0.1) else whole)
        return Review(text, label, phenomenon, spans, draw.held)


def disagreeing(draw, label, count):
    """Sentences of both opinions, and a last one that settles it."""
    said = [sentence(draw, int(draw.rng.integers(2)), draw.pick(PHENOMENA[:2])) if draw.chance(0.8) else filler(draw) for _ in range(count - 1)]
    draw.used.clear()
    summary = draw.pick(t.SUMMARIES)
    return [*said, finish(draw, summary.replace("{for}", clause(draw, label)), ".")]


def unmark(whole):
    """The text without its marks, and the spans that stood between them."""
    text, spans, at = "", [], 0
    for match in MARKED.finditer(whole):
        text += whole[at:match.start()]
        opinion = (1, 0, None)[match.lastindex - 1]
        spans.append((len(text), len(text) + len(match[match.lastindex]), opinion))
        text += match[match.lastindex]
        at = match.end()
    return text + whole[at:], tuple(spans)


def neutral(rng):
    """A text without an opinion: fillers, or a review with the words that carry its opinion taken out. There the right answer is neither."""
    draw = Draw(rng, None)
    while True:
        try:
            if draw.chance(0.5):
                return " ".join(filler(draw) for _ in range(int(rng.integers(1, 4))))
            text = sentence(draw, int(rng.integers(2)), draw.pick(PHENOMENA[:2]))
            return re.sub(r"\s+", " ", MARKED.sub("", text)).strip()
        except Again:
            draw = Draw(rng, None)


if __name__ == "__main__":
    import numpy as np

    for phenomenon in PHENOMENA:
        for held in (None, "combination", "template"):
            for label in (0, 1):
                for seed in range(3):
                    row = review(np.random.default_rng([seed, 9]), label, phenomenon, held)
                    print("+-"[1 - label], phenomenon, held, "|", row.text, "|", " ".join(row.keys))
