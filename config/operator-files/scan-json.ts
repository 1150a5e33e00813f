/** Goes through a text that is known to be JSON and tells where everything stands, and which keys stand again in the same mapping. */
import type { Path } from '../defect.ts'

export interface Found {
  readonly path: Path
  /** Offset of the key, or of the element of a list. */
  readonly at: number
  readonly repeated: boolean
}

interface Holder {
  /** Of a mapping. */
  readonly keys?: Set<string>
  /** The key or the index that is being read. */
  step: string | number
  /** Whether the next text is a key. */
  expectsKey: boolean
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]|[-\w.+]+/g

/** Nothing that a shape has stands deeper; what does is not told of. */
const DEPTH_MAX = 16

export function* scanJson(written: string): Generator<Found> {
  const holders: Holder[] = []
  const here = (): Path => holders.map(({ step }) => step)
  for (const { 0: token, index: at } of written.matchAll(TOKEN)) {
    const top = holders.at(-1)
    if (token === '}' || token === ']') holders.pop()
    else if (token === ',') {
      if (typeof top?.step === 'number') top.step += 1
      else if (top !== undefined) top.expectsKey = true
    } else if (top?.expectsKey === true) {
      const key = JSON.parse(token) as string
      top.step = key
      top.expectsKey = false
      if (holders.length <= DEPTH_MAX) yield { path: here(), at, repeated: top.keys?.has(key) === true }
      top.keys?.add(key)
    } else {
      if (typeof top?.step === 'number' && holders.length <= DEPTH_MAX) yield { path: here(), at, repeated: false }
      if (token === '{') holders.push({ keys: new Set(), step: '', expectsKey: true })
      else if (token === '[') holders.push({ step: 0, expectsKey: false })
    }
  }
}
