/** Documents for tests of the configuration: the smallest good one, and ways to spoil it. */
import { loadText } from '../../../cli/load-gateway.ts'
import { PLAIN, showDefect } from '../../../cli/show-defects.ts'
import { type LocatedDefect, showPath } from '../../../config/defect.ts'

const AWS = '{ url: https://ingress.use1.example.com, cloud: aws, region: us-east-1, mesh: istio }'
const GCP = '{ url: https://ingress.euw1.example.com, cloud: gcp, region: europe-west1, mesh: linkerd }'

export interface Parts {
  /** Of the endpoints `aws-use1` and `gcp-euw1`, in place of the usual. */
  readonly aws?: string
  readonly gcp?: string
  /** Lines of the pool beside its endpoints, without indentation. */
  readonly pool?: string
  /** Fields of the one route, after hosts and pool. */
  readonly route?: string
  /** In place of all routes. */
  readonly routes?: string
  /** At the end of the file. */
  readonly rest?: string
}

/**
 * Line 1 `pools:`, 2 the pool, 3 and on lines of the pool, then `endpoints:`, aws-use1, gcp-euw1, `routes:`, the route, the rest.
 */
export function document({ aws = AWS, gcp = GCP, pool, route, routes, rest }: Parts = {}): string {
  return [
    'pools:',
    '  shop:',
    ...(pool === undefined ? [] : pool.split('\n').map((line) => `    ${line}`)),
    '    endpoints:',
    `      aws-use1: ${aws}`,
    `      gcp-euw1: ${gcp}`,
    'routes:',
    routes ?? `  - { hosts: [shop.example.com], pool: shop${route === undefined ? '' : `, ${route}`} }`,
    ...(rest === undefined ? [] : [rest]),
    '',
  ].join('\n')
}

/** What `check` prints of a defect, without its code: tests of what is said name none. */
export const told = (defect: LocatedDefect): string => showDefect(defect, PLAIN).replace(/ {2}\[[A-Z_]+\]$/, '')

/** What `check` would print of a text, a defect a line, without the file's name and the code. */
export function defectsOf(text: string, local = false): string[] {
  const loaded = loadText(text, 'f', { local })
  return loaded.ok ? [] : loaded.defects.map((defect) => told(defect).slice('f:'.length))
}

/** The notes of a text: `line:column path: text`. */
export function notesOf(text: string, local = false): string[] {
  return loadText(text, 'f', { local }).notes.map(({ line, column, path, text: note }) => `${line}:${column} ${showPath(path)}: ${note}`)
}

/** The base of a text that must be good. */
export function baseOf(text: string, local = false) {
  const loaded = loadText(text, 'f', { local })
  if (!loaded.ok) throw new Error(defectsOf(text, local).join('\n'))
  return loaded.base
}

/** A document and what is wrong with it. */
export interface Case {
  readonly why: string
  readonly parts: Parts
  readonly says: readonly string[]
}

/** An endpoint with further fields. */
export const endpoint = (fields: string): string =>
  `{ url: https://ingress.use1.example.com, cloud: aws, region: us-east-1${fields === '' ? '' : `, ${fields}`} }`

/** An endpoint at a URL, as YAML would write it. */
export const at = (url: string): string => `{ url: ${url}, cloud: aws, region: us-east-1 }`
