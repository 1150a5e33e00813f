/** Reads which canaries a vantage has taken away. One of the wrong shape is left out. */
import type { TrackKill } from '../../config/director.ts'
import { isRecord } from '../../config/parse-snapshot.ts'
import { isName } from './parse-base.ts'

/** As many as there may be releases in an overlay. */
const KILLS_MAX = 256
/** Longest reason. */
const WHY_MAX = 400

export function parseKills(raw: unknown): readonly TrackKill[] {
  return Array.isArray(raw) ? raw.slice(0, KILLS_MAX).filter(isKill) : []
}

const isKill = (raw: unknown): raw is TrackKill =>
  isRecord(raw) &&
  isName(raw['release']) &&
  typeof raw['salt'] === 'string' &&
  typeof raw['why'] === 'string' &&
  raw['why'].length <= WHY_MAX
