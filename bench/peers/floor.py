"""How fast PyTorch multiplies float32 matrices here: a case "ROWS-INNER-COLUMNS" is one product. Arguments: threads. Asked as serve.py says."""
import functools
import sys

import torch
from serve import serve


class Products(dict):
    def __missing__(self, name):
        rows, inner, columns = map(int, name.split("-"))
        left, right, out = torch.randn(rows, inner), torch.randn(inner, columns), torch.empty(rows, columns)
        self[name] = functools.partial(torch.mm, left, right, out=out)
        return self[name]


def main():
    torch.set_num_threads(int(sys.argv[1]))
    with torch.inference_mode():
        serve(Products())


main()
