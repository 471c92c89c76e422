/** @file Groups of nearly the same pictures against a comparison of all pairs. */
import { describe, expect, it } from "vitest";
import { duplicateGroups, type HashWords } from "../../../../src/engine/audit/duplicates.js";
import { nearlySameBits } from "../../../../src/engine/debug/hash.js";
import { randomFrom } from "./random.js";

const differing = (a: HashWords, b: HashWords) => [a[0] ^ b[0], a[1] ^ b[1]].map((word) => (word >>> 0).toString(2).replaceAll("0", "").length).reduce((sum, count) => sum + count, 0);

/** Groups by comparing every pair, again and again until nothing joins any more. */
function byAllPairs(hashes: readonly HashWords[]): number[][] {
  const group = hashes.map((_, i) => i);
  const pairs = hashes.flatMap((hash, i) => hashes.slice(0, i).flatMap((other, j) => (differing(hash, other) <= nearlySameBits ? [[i, j] as const] : [])));
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    for (const [i, j] of pairs) {
      if (group[i] === group[j]) continue;
      group[i] = group[j] = Math.min(group[i]!, group[j]!);
      isChanged = true;
    }
  }
  const members = new Map<number, number[]>();
  group.forEach((name, i) => members.set(name, [...(members.get(name) ?? []), i]));
  return [...members.values()].filter(({ length }) => length > 1);
}

const sorted = (groups: readonly (readonly number[])[]) => groups.map((group) => group.toSorted((a, b) => a - b)).toSorted((a, b) => a[0]! - b[0]!);

describe("duplicates", () => {
  it("finds what comparing all pairs finds", () => {
    const random = randomFrom(4);
    const word = () => Math.floor(random() * 2 ** 32);
    const hashes: HashWords[] = Array.from({ length: 150 }, () => [word(), word()]);
    // Variants of the first ones with up to six bits turned: some near enough, some just not.
    for (let i = 0; i < 150; i++) {
      let [high, low] = hashes[i % 40]!;
      for (let turned = i % 7; turned > 0; turned--) {
        const bit = Math.floor(random() * 64);
        if (bit < 32) high = (high ^ (1 << bit)) >>> 0;
        else low = (low ^ (1 << (bit - 32))) >>> 0;
      }
      hashes.push([high, low]);
    }
    const expected = sorted(byAllPairs(hashes));
    expect(expected.length).toBeGreaterThan(30);
    expect(sorted(duplicateGroups(hashes))).toEqual(expected);
  });

  it("finds pairs wherever their differing bits lie", () => {
    const random = randomFrom(5);
    for (let i = 0; i < 2000; i++) {
      const hash: HashWords = [Math.floor(random() * 2 ** 32), Math.floor(random() * 2 ** 32)];
      const bits = new Set<number>();
      while (bits.size < nearlySameBits) bits.add(Math.floor(random() * 64));
      const other = [0, 1].map((half) => [...bits].filter((bit) => bit >> 5 === half).reduce((word, bit) => (word ^ (1 << (bit & 31))) >>> 0, hash[half as 0 | 1])) as [number, number];
      expect(duplicateGroups([hash, other])).toEqual([[0, 1]]);
    }
  });

  it("does not take all blank pictures for one", () => {
    expect(duplicateGroups([[0, 0], [0, 0], [0, 1], [0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff]])).toEqual([]);
  });

  it("does not take different things before an even ground for one, whose hashes have few bits to differ in", () => {
    expect(duplicateGroups([[0x00f00000, 0x00003c00], [0x00f00000, 0x00003800], [0x00700000, 0x00003c00]])).toEqual([]);
  });

  it("takes copies of one picture for one, however many", () => {
    const copies: HashWords[] = Array.from({ length: 20_000 }, () => [0x12345678, 0x9abcdef0]);
    expect(duplicateGroups(copies).map(({ length }) => length)).toEqual([20_000]);
  });
});
