/**
 * Reads an unknown document as a gateway configuration: every value gets its meaning and every absent one its default, or all
 * defects come back, each with its path. What names refer to, and whether values go together, is left to `link-gateway.ts`.
 */
import type { z } from 'zod'
import type { Defect, Path } from './defect.ts'
import type { DefectCode } from './defects.ts'
import { at, defect, namesAt, show } from './document.ts'
import { readPhrase } from './fields.ts'
import { salvage } from './salvage.ts'
import { type GatewayFile, gatewaySchema } from './schema.ts'
import { didYouMean } from './suggest.ts'

export type { PathFile } from './schema/route/match.ts'
export type { EndpointFile, GatewayFile, MonitorFile, PoolFile, ReleaseFile, RouteFile } from './schema.ts'

/** What could be read of a document. */
export interface ParsedGateway {
  /** As it was given. */
  readonly document: unknown
  readonly defects: readonly Defect[]
  /** All of it, or what remains without the defects, so that the rest can be linked; undefined when too little remains. */
  readonly file?: GatewayFile
  /** Where something is missing from `file`. */
  readonly left: readonly Path[]
  /** Where something of `file` stands in the document. */
  readonly place: (path: Path) => Path
  /** Pools and their endpoints as the document names them, those with defects included. */
  readonly names: ReadonlyMap<string, readonly string[]>
}

/** Reads a document. It has no defects exactly when `defects` is empty. */
export function parseGateway(document: unknown): ParsedGateway {
  const names = new Map(namesAt(document, ['pools']).map((pool) => [pool, namesAt(document, ['pools', pool, 'endpoints'])]))
  const parsed = gatewaySchema.safeParse(document)
  if (parsed.success) return { document, defects: [], file: parsed.data, left: [], place: (path) => path, names }
  const defects = parsed.error.issues.flatMap((issue) => defectsOf(issue, document))
  const { value, left, place } = salvage(document, {
    attempt: (tried) => {
      const result = gatewaySchema.safeParse(tried)
      return result.success ? { value: result.data } : { issues: result.error.issues }
    },
    standIn,
  })
  return { document, defects, ...(value === undefined ? {} : { file: value }), left, place, names }
}

/** For the required fields of an endpoint and a route, which have many others. Nothing is said of what stands in: `lost` is true of it. */
function standIn([of, where, list, id, field]: Path): unknown {
  if (of === 'routes') return list === 'hosts' && id === undefined ? [] : undefined
  if (of !== 'pools' || list !== 'endpoints') return undefined
  if (field === 'url') return `https://${encodeURIComponent(`${where}-${id}`).toLowerCase()}.stand-in.example.com`
  return field === 'cloud' || field === 'region' ? 'none' : undefined
}

function defectsOf(issue: z.core.$ZodIssue, document: unknown): Defect[] {
  const path = issue.path as Path
  const { expected, suggestion } = readPhrase(issue.message)
  if (issue.code === 'unrecognized_keys') {
    const known = expected.replace(/^one of /, '').split(', ')
    return issue.keys.map((key) =>
      defect({ code: 'FIELD_UNKNOWN', path: [...path, key], expected, found: show(key), suggestion: didYouMean(key, known), atKey: true }),
    )
  }
  if (issue.code === 'invalid_union') {
    // Of the right shape, with something in it that is not: that is the defect, in its place.
    const within = issue.errors.find((issues) => issues.every((each) => each.code === 'custom' && each.path.length > 0))
    if (within !== undefined) return within.flatMap((each) => defectsOf({ ...each, path: [...path, ...each.path] }, document))
  }
  const found = at(document, path)
  const code = codeOf(issue, found)
  if (issue.code === 'custom' && issue.params?.['atKey'] === true)
    return [defect({ code, path, expected, suggestion, found: show(path.at(-1)), atKey: true })]
  const near = issue.code === 'invalid_value' && typeof found === 'string' ? didYouMean(found, issue.values.map(String)) : undefined
  return [defect({ code, path, expected, found: show(found), suggestion: suggestion ?? near })]
}

/** Refusals of our own say their code; those of zod are of a few kinds. */
function codeOf(issue: z.core.$ZodIssue, found: unknown): DefectCode {
  if (issue.code === 'custom') return (issue.params?.['code'] as DefectCode | undefined) ?? 'VALUE_MALFORMED'
  if (found === undefined || found === null) return 'FIELD_MISSING'
  switch (issue.code) {
    case 'invalid_value':
      return typeof found === 'string' ? 'VALUE_UNKNOWN' : 'VALUE_MALFORMED'
    case 'too_big':
    case 'too_small':
      return typeof found === 'object' ? 'COUNT_OUT_OF_RANGE' : 'VALUE_OUT_OF_RANGE'
    default:
      return 'VALUE_MALFORMED'
  }
}
