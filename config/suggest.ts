/** Finds the word that was probably meant. */

/** The nearest of `known` when it is near enough: one begins with the other, or at most a third of the letters differ, and at most three. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  if (written.length > 64) return undefined
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const word of known) {
    const limit = Math.min(3, Math.max(1, Math.floor(Math.max(written.length, word.length) / 3)))
    const isBegun = begins(written, word)
    if (!isBegun && Math.abs(written.length - word.length) > limit) continue
    const distance = isBegun ? 1 : editDistance(written.toLowerCase(), word.toLowerCase())
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { word, distance }
  }
  return best?.word
}

/** Whether one word begins with the other: `attemptTimeout` and `attempt`, `prio` and `priority`. */
function begins(a: string, b: string): boolean {
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a]
  return shorter.length >= 4 && longer.toLowerCase().startsWith(shorter.toLowerCase())
}

/** `did you mean "pool"?`, or nothing when no word is near. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  const word = nearest(written, known)
  return word === undefined ? undefined : `did you mean "${word}"?`
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
