/**
 * Finds, of many texts, those that a path begins with: the nearest text in order is one of them or leads to them, so that a search takes
 * as long as the logarithm of their number.
 */

export interface TextIndex<Value> {
  /** Sorted. */
  readonly texts: readonly string[]
  readonly values: readonly Value[]
  /** For each text the longest other one that it begins with; negative when there is none. */
  readonly within: Int32Array
}

export function makeTextIndex<Value>(entries: ReadonlyMap<string, Value>): TextIndex<Value> {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
  const within = new Int32Array(sorted.length).fill(-1)
  const open: number[] = []
  for (const [index, [text]] of sorted.entries()) {
    while (open.length > 0 && !text.startsWith(sorted[open.at(-1) ?? 0]?.[0] ?? '')) open.pop()
    within[index] = open.at(-1) ?? -1
    open.push(index)
  }
  return { texts: sorted.map(([text]) => text), values: sorted.map(([, value]) => value), within }
}

/**
 * The values of all texts that `path` begins with, longest first. A text between one of them and the path, in order, begins with it too:
 * so the last text that is not after the path has them all among those that it begins with.
 */
export function beginningsOf<Value>({ texts, values, within }: TextIndex<Value>, path: string): readonly Value[] {
  let low = 0
  let high = texts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((texts[middle] ?? '') <= path) low = middle + 1
    else high = middle
  }
  const found: Value[] = []
  for (let index = low - 1; index >= 0; index = within[index] ?? -1) {
    const value = values[index]
    if (value !== undefined && path.startsWith(texts[index] ?? '')) found.push(value)
  }
  return found
}
