/** @file A trie over UTF-16 code units, flat in typed arrays so that vocabularies of hundreds of thousands of tokens stay small and quick. */

export interface CharTrie {
  /** How many texts it holds. */
  readonly size: number;
  /** Adds a text with a value from 0 on; a later value of the same text counts. Empty texts are left out. */
  add(text: string, value: number): void;
  /** The longest text of the trie that begins at a code unit. */
  longestAt(text: string, at: number): { readonly value: number; readonly end: number } | undefined;
  /** Every text of the trie that begins at a code unit, shortest first. */
  eachAt(text: string, at: number, found: (value: number, end: number) => void): void;
}

/** An empty trie. */
export function charTrie(): CharTrie {
  // An open-addressed hash table of edges: parent node and code unit name a child node. Node 0 is the root.
  let parents = new Int32Array(1024).fill(-1);
  let units = new Uint16Array(1024);
  let children = new Int32Array(1024);
  let values = new Int32Array(512).fill(-1);
  let nodes = 1;
  let size = 0;

  function slotOf(node: number, unit: number): number {
    const mask = parents.length - 1;
    let slot = (Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)) & mask;
    while (parents[slot] !== -1 && (parents[slot] !== node || units[slot] !== unit)) slot = (slot + 1) & mask;
    return slot;
  }

  function grow(): void {
    const [oldParents, oldUnits, oldChildren] = [parents, units, children];
    parents = new Int32Array(oldParents.length * 2).fill(-1);
    units = new Uint16Array(parents.length);
    children = new Int32Array(parents.length);
    for (let i = 0; i < oldParents.length; i++) {
      if (oldParents[i] === -1) continue;
      const slot = slotOf(oldParents[i]!, oldUnits[i]!);
      parents[slot] = oldParents[i]!;
      units[slot] = oldUnits[i]!;
      children[slot] = oldChildren[i]!;
    }
    const wider = new Int32Array(parents.length / 2).fill(-1);
    wider.set(values);
    values = wider;
  }

  function childOf(node: number, unit: number): number {
    const slot = slotOf(node, unit);
    return parents[slot] === -1 ? -1 : children[slot]!;
  }

  function addChild(node: number, unit: number): number {
    const known = childOf(node, unit);
    if (known >= 0) return known;
    if (nodes * 2 >= parents.length) grow();
    const slot = slotOf(node, unit);
    parents[slot] = node;
    units[slot] = unit;
    children[slot] = nodes;
    return nodes++;
  }

  function eachAt(text: string, at: number, found: (value: number, end: number) => void): void {
    let node = 0;
    for (let i = at; i < text.length; i++) {
      node = childOf(node, text.charCodeAt(i));
      if (node < 0) return;
      if (values[node]! >= 0) found(values[node]!, i + 1);
    }
  }

  return {
    get size() {
      return size;
    },
    add: (text, value) => {
      if (text === "") return;
      let node = 0;
      for (let i = 0; i < text.length; i++) node = addChild(node, text.charCodeAt(i));
      if (values[node] === -1) size++;
      values[node] = value;
    },
    longestAt: (text, at) => {
      let longest: { value: number; end: number } | undefined;
      eachAt(text, at, (value, end) => {
        longest = { value, end };
      });
      return longest;
    },
    eachAt,
  };
}
