"""Learns the WordPiece vocabulary from the training reviews and writes the tokenizer's files."""
import json

from tokenizers import BertWordPieceTokenizer
from transformers import DistilBertTokenizerFast

LONGEST = 512
# Characters that a vocabulary must have so that any European word can be spelled out of pieces.
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789æøßœđłþð!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~’‘“”–—…€£¥°"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def learn_vocabulary(texts, size, folder):
    """A tokenizer of at most size pieces, and its five files in the folder."""
    learner = BertWordPieceTokenizer(lowercase=True)
    learner.train_from_iterator(texts, vocab_size=size, min_frequency=3, limit_alphabet=200, initial_alphabet=list(ALPHABET), special_tokens=SPECIAL, show_progress=False)
    words = sorted(learner.get_vocab(), key=learner.get_vocab().get)
    words += [piece for piece in (f"##{letter}" for letter in ALPHABET if letter.isalnum()) if piece not in words]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    tokenizer = DistilBertTokenizerFast(vocab={word: i for i, word in enumerate(words)}, do_lower_case=True, model_max_length=LONGEST)
    tokenizer.save_pretrained(folder)
    special = {f"{name}_token": getattr(tokenizer, f"{name}_token") for name in ("cls", "mask", "pad", "sep", "unk")}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    return tokenizer
