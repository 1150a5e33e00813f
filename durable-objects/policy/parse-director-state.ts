/** Reads a state that the director has written down, whole or not at all: what is put in force again must be what it was. */
import { isRecord } from '../../config/parse-snapshot.ts'
import type { DirectorState } from './director-state.ts'

export function parseState(raw: unknown): DirectorState | undefined {
  if (!isRecord(raw)) return undefined
  const { weights, drains, releases, shares } = raw
  const lists = [weights, drains, releases, shares]
  if (!lists.every((list) => Array.isArray(list) && list.every(isSaid))) return undefined
  const isState =
    (weights as Fields[]).every((entry) => texts(entry, 'owner', 'pool', 'endpoint') && isNumber(entry['weight'])) &&
    (drains as Fields[]).every(
      (entry) => isRecord(entry['target']) && texts(entry, 'direction') && isNumber(entry['over']) && isNumber(entry['since']),
    ) &&
    (shares as Fields[]).every((entry) => texts(entry, 'release') && isNumber(entry['weight'])) &&
    (releases as Fields[]).every((entry) => texts(entry, 'release', 'phase') && isRecord(entry['order']) && isNumber(entry['step']))
  return isState ? (raw as unknown as DirectorState) : undefined
}

type Fields = Readonly<Record<string, unknown>>

const isSaid = (raw: unknown): boolean => isRecord(raw) && texts(raw, 'by', 'door', 'reason') && isNumber(raw['at'])
const texts = (raw: Fields, ...names: readonly string[]): boolean => names.every((name) => typeof raw[name] === 'string')
const isNumber = (raw: unknown): boolean => typeof raw === 'number' && Number.isFinite(raw)
