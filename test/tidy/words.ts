/** Words that this project does not say, and places that it does not name. The vocabulary has one word for each thing. */
import { type Finding, finding } from './source-file.ts'

interface BannedWord {
  readonly pattern: RegExp
  readonly instead: string
}

const WORDS: readonly BannedWord[] = [
  { pattern: /circuit[- ]?breaker/gi, instead: 'eject and restore for endpoints, limit and shed for concurrency' },
  { pattern: /half-open\b|\b(circuit|breaker|endpoint) (is |has |was )?(opened|open|closed)\b/gi, instead: 'eject and restore' },
  { pattern: /\b(the|an|each|every|this) upstream(?=[.,;:)]|$| (is|was|has|that|which|fails|answers)\b)/gim, instead: 'endpoint' },
  { pattern: /\bthe downstream(?=[.,;:)]|$| (is|was|has|that|which|sends)\b)/gim, instead: 'client' },
  { pattern: /sticky[- ]session/gi, instead: 'affinity' },
  { pattern: /\bdegraded mode\b/gi, instead: 'panic, or the name of what is missing' },
  { pattern: /\b(error|sorry) page\b/gi, instead: 'local reply' },
  { pattern: /\b(backup|fallback) (pool|endpoint|server)s?\b/gi, instead: 'failover order' },
  { pattern: /\b(backend|origin|upstream) servers?\b/gi, instead: 'endpoint' },
  { pattern: /\bhealth[- ]?check jobs?\b/gi, instead: 'monitor (what is configured) or probe (one request)' },
  { pattern: /\b(black|white)list(ed|s)?\b/gi, instead: 'what the list permits or refuses' },
]

/** `texts`: the file's whole text for prose, its comments and strings for code would miss names, so code is read whole too. */
export function checkWords(file: { path: string; text: string }): Finding[] {
  return WORDS.flatMap(({ pattern, instead }) =>
    [...file.text.matchAll(pattern)].map((match) => finding(file, match.index, `"${match[0]}" is not our word: ${instead}`)),
  )
}

/** Paths of somebody's machine and hosts of package registries: the project is the same everywhere. */
const PLACES: readonly RegExp[] = [
  /(?<![\w./-])\/(?:home|Users|root|work|mnt|tmp)\/[\w.-]+/g,
  /\b[A-Z]:\\\\?Users\\/g,
  /\bhttps?:\/\/[\w.-]*(?:registry|artifactory|nexus|verdaccio|jfrog)[\w.-]*/gi,
  /"resolved": "(?!file:)/g,
]

export function checkPlaces(file: { path: string; text: string }): Finding[] {
  return PLACES.flatMap((pattern) =>
    [...file.text.matchAll(pattern)].map((match) => finding(file, match.index, `${match[0]} is a place of one machine`)),
  )
}
