/** Which of a client's headers end here, for one gateway: `config/stripped-headers.ts` with a memory of the names that come again. */
import { isStripped } from '../../config/stripped-headers.ts'

/** Names that are remembered, and how long one is at most: clients send the same ones over and over, and whoever sends others fills no memory. */
const REMEMBERED_MAX = 256
const NAME_MAX = 64

/** `isStripped` for one gateway, which looks at each name once: to run expressions over every header costs more than to find it in a table. */
export function stripping(own?: ReadonlySet<string>): (name: string) => boolean {
  const known = new Map<string, boolean>()
  return (name) => {
    const remembered = known.get(name)
    if (remembered !== undefined) return remembered
    const stripped = isStripped(name, own)
    if (known.size < REMEMBERED_MAX && name.length <= NAME_MAX) known.set(name, stripped)
    return stripped
  }
}
