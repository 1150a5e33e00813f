/** Whether an expression takes any text of a kind. Assertions of places are passed over: what they alone make impossible is not found. */
import type { RegexProgram } from './program.ts'

interface Kind {
  readonly first?: string
  readonly within: readonly (readonly [from: number, to: number])[]
}

/** True when some text of the kind is taken, or might be. */
export function texts({ bounds, classes, nodes, start }: RegexProgram, { first, within }: Kind): boolean {
  const possible = new Set(classesWithin(bounds, classes, within))
  const code = first?.codePointAt(0)
  const atFirst = code === undefined ? possible : new Set(classesWithin(bounds, classes, [[code, code]]))
  // A node is visited once before and once behind the first character.
  const seen = [new Set<number>(), new Set<number>()] as const
  const waiting: [index: number, behind: 0 | 1][] = [[start, code === undefined ? 1 : 0]]
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const [index, behind] = step
    const node = nodes[index]
    if (node === undefined || seen[behind].has(index)) continue
    seen[behind].add(index)
    if (node.op === 'match') {
      if (behind === 1) return true
    } else if (node.op === 'take') {
      const allowed = behind === 1 ? possible : atFirst
      if (node.on.some((taken) => allowed.has(taken))) waiting.push([node.next, 1])
    } else if (node.op === 'split') waiting.push([node.next, behind], [node.other, behind])
    else if (node.op !== 'fail') waiting.push([node.next, behind])
  }
  return false
}

function classesWithin(bounds: readonly number[], classes: readonly number[], within: Kind['within']): readonly number[] {
  return classes.filter((_, index) => {
    const [from, before] = [bounds[index] ?? 0, bounds[index + 1] ?? Number.POSITIVE_INFINITY]
    return within.some(([least, most]) => from <= most && before > least)
  })
}
