/** Reads a peer's message. One of another version or of the wrong shape is refused whole; a vote with an odd field is left out. */
import { isIncarnation, isRecord } from '../../config/parse-snapshot.ts'
import { isVantage } from '../../config/vantages.ts'
import type { PeerMessage, Vote } from './vote.ts'

/** Votes of one message: a vantage probes fewer. */
const VOTES_MAX = 512

export function parseMessage(raw: unknown): PeerMessage | undefined {
  if (!isRecord(raw) || raw['format'] !== 1 || typeof raw['from'] !== 'string' || !isVantage(raw['from'])) return undefined
  if (!isIncarnation(raw['incarnation']) || typeof raw['seq'] !== 'number' || typeof raw['abstains'] !== 'boolean') return undefined
  const lists = ['votes', 'knows', 'bases', 'needs', 'documents'] as const
  if (!lists.every((name) => Array.isArray(raw[name])) || !isCounts(raw['load'], 'requests', 'attempts')) return undefined
  const message = raw as unknown as PeerMessage
  return { ...message, votes: message.votes.slice(0, VOTES_MAX).filter(isVote) }
}

function isVote(raw: unknown): raw is Vote {
  if (!isRecord(raw) || typeof raw['endpoint'] !== 'string') return false
  return (
    isFacet(raw['probe']) &&
    isFacet(raw['traffic']) &&
    Array.isArray(raw['routesDown']) &&
    Array.isArray(raw['routesUp']) &&
    Array.isArray(raw['reasons']) &&
    isCounts(raw['proof'], 'succeeded', 'failed')
  )
}

const isFacet = (raw: unknown): boolean => raw === 'up' || raw === 'down' || raw === 'unknown'
const isCounts = (raw: unknown, ...names: string[]): boolean => isRecord(raw) && names.every((name) => typeof raw[name] === 'number')
