/**
 * Reads `weights.json` for the director each second, and answers each new object with `weights.result.json`. An object is judged once, over
 * evictions too: what became of it stands beside its tag in the director's storage. One that is gone is none that is empty: what the last one
 * said stays in force until another says otherwise.
 */
import { endpointId, poolId, releaseId } from '../config/ids.ts'
import { tooLong } from '../config/operator-files/read-json.ts'
import { parseWeightsFile, WEIGHTS_BYTES_MAX, WEIGHTS_FILE, type WeightsFile } from '../config/operator-files/weights-file.ts'
import { defectLines, RESULT_FILE, type WeightsResult } from '../config/operator-files/weights-result.ts'
import { isRecord } from '../config/parse-snapshot.ts'
import { type Instant, ms } from '../config/units.ts'
import { withinTime } from './bounded.ts'
import type { Bucket } from './bucket-port.ts'
import type { DirectorHands, DirectorPart, FileLayer } from './director-part.ts'
import type { BucketAnswer } from './policy/bucket-answer.ts'
import { checkNames, checkWeightsFile, conflictDefects, overruledBy, type WeightsDefect } from './policy/check-weights-file.ts'
import { foldFile } from './policy/fold-layers.ts'
import type { ControlPlatform } from './ports.ts'
import { isoTime } from './revision-book.ts'

const READ_TIMEOUT = ms(3000)
const WRITE_TIMEOUT = ms(3000)

/** Under this name the director keeps what was seen last. */
const SEEN = WEIGHTS_FILE

interface SeenWeights {
  readonly etag: string
  /** Another for each put, whatever was put. */
  readonly version: string
  readonly result: WeightsResult
  /** Whether the result has been written into the bucket. */
  readonly told: boolean
}

export interface WeightsPorts {
  readonly platform: Pick<ControlPlatform, 'sleep'>
  readonly bucket: Bucket
}

type Found = Extract<BucketAnswer, { kind: 'object' | 'too-long' }>

interface Judged {
  readonly defects: readonly WeightsDefect[]
  readonly overruled: readonly string[]
}

export class WeightsReader implements DirectorPart {
  readonly #hands: DirectorHands
  readonly #ports: WeightsPorts
  #seen: SeenWeights | undefined
  #busy = false
  #gone = false

  constructor(hands: DirectorHands, ports: WeightsPorts) {
    this.#hands = hands
    this.#ports = ports
    this.#seen = readSeen(hands)
  }

  readonly beat = async (now: Instant): Promise<void> => {
    // Names can be looked up in nothing as yet: the file waits, unread.
    if (this.#busy || !this.#hands.isReady() || this.#hands.bases().length === 0) return
    this.#busy = true
    try {
      await this.#take(await this.#read(this.#seen?.etag), now)
      await this.#tell()
    } finally {
      this.#busy = false
    }
  }

  readonly says = (): readonly string[] => {
    const { defects, accepted } = this.#seen?.result ?? { defects: [], accepted: true }
    const [first] = defects
    const more = defects.length > 1 ? ` (and ${defects.length - 1} more, see ${RESULT_FILE})` : ''
    const refused = `weights.json is refused, what was in force stays: ${first?.path}: expected ${first?.expected}, found ${first?.found}${more}`
    return [...(accepted ? [] : [refused]), ...(this.#gone && this.#saysSomething() ? [GONE] : [])]
  }

  async #take(answer: BucketAnswer, now: Instant): Promise<void> {
    this.#gone = answer.kind === 'missing'
    switch (answer.kind) {
      case 'failed':
        this.#hands.problem(`weights.json cannot be read, what it said last stays in force: ${answer.detail}`)
        return
      case 'missing':
        return
      case 'unchanged':
        // Put again, the same as before: whoever did wants an answer.
        if (answer.version !== this.#seen?.version) await this.#take(await this.#read(undefined), now)
        return
      case 'object':
      case 'too-long':
        this.#judge(answer, now)
        return
      default:
        answer satisfies never
    }
  }

  #saysSomething(): boolean {
    const { weights, shares } = this.#hands.state()
    return shares.length > 0 || weights.some(({ owner }) => owner === 'weights.json')
  }

  /** Without a wait between what is put in force and what is written down of it: the platform keeps both or neither. */
  #judge(found: Found, now: Instant): void {
    const before = this.#hands.order().revision
    const judged = this.#apply(found, now)
    // Of the director, not of the file: it is as new to the next beat.
    if (judged === undefined) return
    const { defects, overruled } = judged
    const { revision } = this.#hands.order()
    const result: WeightsResult = {
      version: 1,
      etag: found.etag,
      accepted: defects.length === 0,
      revision,
      changed: revision !== before,
      ...(overruled.length === 0 ? {} : { overruled }),
      defects: defectLines(defects),
      at: isoTime(now),
    }
    this.#keep({ etag: found.etag, version: found.version, result, told: false })
  }

  /** Undefined: the director could not take it now, which says nothing of the file. */
  #apply(found: Found, now: Instant): Judged | undefined {
    const hands = this.#hands
    if (found.kind === 'too-long') return { defects: [tooLong(found.length, WEIGHTS_BYTES_MAX)], overruled: [] }
    const { file, defects, document } = parseWeightsFile(found.text)
    const bases = hands.bases()
    if (file === undefined) return { defects: [...defects, ...checkNames(document, { bases })], overruled: [] }
    const layer = { ...layerOf(file), id: `${WEIGHTS_FILE} ${found.version}` }
    const state = hands.state()
    const after = foldFile(state, layer, { by: file.by, reason: file.reason, door: 'weights.json', at: now })
    // What holds already needs no revision, and can be late for none.
    if (after === state) return { defects: [], overruled: overruledBy(state, file) }
    const wrong = checkWeightsFile(file, { after, names: hands.names(), bases, frozen: hands.frozen() })
    if (wrong.length > 0) return { defects: wrong, overruled: [] }
    const reply = hands.applyFile(layer)
    if (reply.kind === 'refused') {
      const [why] = reply.defects
      hands.problem(`weights.json waits, what was in force stays: expected ${why?.expected}, found ${why?.found}`)
      return undefined
    }
    if (reply.kind === 'done') return { defects: [], overruled: overruledBy(hands.state(), file) }
    return { defects: conflictDefects(file.base ?? 0, reply.revision, reply.differences), overruled: [] }
  }

  #keep(seen: SeenWeights): void {
    this.#seen = seen
    try {
      this.#hands.remember(SEEN, seen)
    } catch (error) {
      this.#hands.problem(`What became of weights.json could not be written down: ${String(error)}`)
    }
  }

  /** Tried again each second until it is written. */
  async #tell(): Promise<void> {
    const seen = this.#seen
    if (seen === undefined || seen.told) return
    try {
      const text = `${JSON.stringify(seen.result, null, 2)}\n`
      await withinTime(this.#ports.bucket.put(RESULT_FILE, text), WRITE_TIMEOUT, this.#ports.platform)
      this.#keep({ ...seen, told: true })
    } catch (error) {
      this.#hands.problem(`${RESULT_FILE} could not be written: ${(error as Error).message}`)
    }
  }

  async #read(etag: string | undefined): Promise<BucketAnswer> {
    const question = { etag, bytesMax: WEIGHTS_BYTES_MAX }
    try {
      return await withinTime(this.#ports.bucket.get(WEIGHTS_FILE, question), READ_TIMEOUT, this.#ports.platform)
    } catch (error) {
      return { kind: 'failed', detail: (error as Error).message }
    }
  }
}

const GONE = 'weights.json is gone, and what it said last stays in force: to end that, put one whose "pools" is {}'

function layerOf({ by, reason, base, pools, releases = {} }: WeightsFile): Omit<FileLayer, 'id'> {
  return {
    by,
    reason,
    ...(base === undefined ? {} : { ifMatch: base }),
    weights: Object.entries(pools).flatMap(([pool, endpoints]) =>
      Object.entries(endpoints).map(([endpoint, weight]) => ({ pool: poolId(pool), endpoint: endpointId(endpoint), weight })),
    ),
    shares: Object.entries(releases).map(([release, { weight }]) => ({ release: releaseId(release), weight })),
  }
}

/** What cannot be read is forgotten: the file is read again, and says what holds already. */
function readSeen(hands: DirectorHands): SeenWeights | undefined {
  try {
    const raw = hands.recall(SEEN)
    const isSeen = isRecord(raw) && ['etag', 'version'].every((name) => typeof raw[name] === 'string') && isRecord(raw['result'])
    return isSeen && Array.isArray((raw['result'] as Record<string, unknown>)['defects']) ? (raw as unknown as SeenWeights) : undefined
  } catch {
    return undefined
  }
}
