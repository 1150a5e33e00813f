/** Reads a peer's message. One of another version or of the wrong shape is refused whole; a vote, base or reason with an odd field is left out. */
import { parseKeySetNews } from '../../config/parse-key-sets.ts'
import { isIncarnation, isRecord } from '../../config/parse-snapshot.ts'
import { TARGETS_MAX } from '../../config/report.ts'
import { isVantage } from '../../config/vantages.ts'
import { BASES_MAX } from './fold-bases.ts'
import { isName, parseBase } from './parse-base.ts'
import { parseEmergencyNews } from './parse-emergency-news.ts'
import { parseKills } from './parse-kills.ts'
import { parseTracks } from './parse-tracks.ts'
import type { PeerMessage, Vote } from './vote.ts'

/** Routes of one vote: a vantage holds no more down, and says success of those only that some vantage holds down. */
const ROUTES_MAX = 512
/** Reasons of one vote. */
const REASONS_MAX = 5
/** Longest text of a reason. */
const DETAIL_MAX = 512

export function parseMessage(raw: unknown): PeerMessage | undefined {
  if (!isRecord(raw) || raw['format'] !== 1 || typeof raw['from'] !== 'string' || !isVantage(raw['from'])) return undefined
  if (!isIncarnation(raw['incarnation']) || !isCount(raw['seq']) || typeof raw['abstains'] !== 'boolean') return undefined
  const lists = ['votes', 'knows', 'bases', 'needs', 'documents'] as const
  if (!lists.every((name) => Array.isArray(raw[name])) || !isCounts(raw['load'], 'requests', 'attempts')) return undefined
  const { keySets, emergency: read, tracks, killed, ...message } = raw as unknown as PeerMessage
  const news = parseKeySetNews(keySets)
  const emergency = parseEmergencyNews(read)
  return {
    ...message,
    ...(news === undefined ? {} : { keySets: news }),
    ...(emergency === undefined ? {} : { emergency }),
    ...(tracks === undefined ? {} : { tracks: parseTracks(tracks) }),
    ...(killed === undefined ? {} : { killed: parseKills(killed) }),
    votes: message.votes.slice(0, TARGETS_MAX).filter(isVote).map(withoutOddReasons),
    knows: message.knows.filter(isKnown),
    bases: message.bases.slice(0, BASES_MAX).filter((base) => isCounts(base, 'seenAgo', 'learnedAgo') && isName(base.hash)),
    needs: message.needs.slice(0, BASES_MAX).filter(isName),
    documents: message.documents.slice(0, BASES_MAX).flatMap((document) => parseBase(document) ?? []),
  }
}

function isVote(raw: unknown): raw is Vote {
  if (!isRecord(raw) || !isName(raw['endpoint'])) return false
  return (
    isFacet(raw['probe']) &&
    isFacet(raw['traffic']) &&
    isRoutes(raw['routesDown']) &&
    isRoutes(raw['routesUp']) &&
    isCounts(raw, 'stood', 'hold') &&
    (raw['watched'] === undefined || isFacet(raw['watched'])) &&
    (raw['latency'] === undefined || isCount(raw['latency'])) &&
    Array.isArray(raw['reasons']) &&
    isCounts(raw['proof'], 'succeeded', 'failed')
  )
}

const withoutOddReasons = (vote: Vote): Vote => ({ ...vote, reasons: vote.reasons.slice(0, REASONS_MAX).filter(isReason) })

function isReason(raw: unknown): boolean {
  if (!isRecord(raw) || !isName(raw['vantage']) || !isName(raw['phase']) || !isCount(raw['age'])) return false
  const { facet, status, detail } = raw
  return (
    (facet === 'probe' || facet === 'traffic') &&
    (status === undefined || isCount(status)) &&
    typeof detail === 'string' &&
    detail.length <= DETAIL_MAX
  )
}

const isKnown = (raw: unknown): boolean => Array.isArray(raw) && isName(raw[0]) && isIncarnation(raw[1])
const isRoutes = (raw: unknown): boolean => Array.isArray(raw) && raw.length <= ROUTES_MAX && raw.every(isName)
const isFacet = (raw: unknown): boolean => raw === 'up' || raw === 'down' || raw === 'unknown'
const isCount = (raw: unknown): boolean => typeof raw === 'number' && Number.isFinite(raw) && raw >= 0
const isCounts = (raw: unknown, ...names: string[]): boolean => isRecord(raw) && names.every((name) => isCount(raw[name]))
