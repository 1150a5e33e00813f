/** From a file to a base, or to all of its defects with file, line and column. The one way in for every command. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Base } from '../config/base.ts'
import { compileGateway } from '../config/compile-gateway.ts'
import type { Defect, LocatedDefect } from '../config/defect.ts'
import { classLimits } from '../config/limits.ts'
import { type LinkedGateway, type LinkOptions, linkGateway, type Note } from '../config/link-gateway.ts'
import { type ParsedGateway, type PathFile, parseGateway } from '../config/parse-gateway.ts'
import type { CountedLimit } from '../config/rate-limit.ts'
import { certificateReader } from './read-certificates.ts'
import { type Place, readYaml, type YamlText } from './read-yaml.ts'

export interface LocatedNote extends Note, Place {
  readonly file: string
}

/** A host of a route, with the paths that the route takes there. */
export interface LocatedHost extends Place {
  readonly host: string
  readonly paths: readonly PathFile[]
  readonly path: Defect['path']
}

/** A limit of a host, a route or a pool, at the place of its rate. */
export interface LocatedLimit extends Place {
  readonly limit: Pick<CountedLimit, 'id' | 'limit' | 'window' | 'scope'>
  readonly path: Defect['path']
}

export type LoadedGateway =
  | {
      readonly ok: true
      readonly base: Base
      readonly gateway: LinkedGateway
      readonly hosts: readonly LocatedHost[]
      readonly limits: readonly LocatedLimit[]
      readonly notes: readonly LocatedNote[]
      /** Where something of the file stands. */
      readonly locate: (path: Defect['path']) => Place
    }
  | {
      readonly ok: false
      readonly defects: readonly LocatedDefect[]
      /** Of the routes that could be read. */
      readonly hosts: readonly LocatedHost[]
      readonly limits: readonly LocatedLimit[]
      readonly notes: readonly LocatedNote[]
    }

/** Without a moment, now: tests of what ends say when they are. */
export type LoadOptions = Pick<LinkOptions, 'local'> & Partial<Pick<LinkOptions, 'now' | 'certificates'>>

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Reads, parses, links and compiles a file; `shown` is what defects call it. Throws only when the file cannot be read. */
export function loadGateway(file: string, options: LoadOptions, shown: string = file): LoadedGateway {
  // A byte that is no UTF-8 becomes U+FFFD, which no field accepts.
  return loadText(readFileSync(file, 'utf8'), shown, { certificates: certificateReader(dirname(file)), ...options })
}

/** The same for a text that stands in no file yet. */
export function loadText(text: string, file: string, options: LoadOptions): LoadedGateway {
  const yaml = readYaml(text)
  if (yaml.ok) return judge(yaml, file, options)
  const here = yaml.defects.map((one) => ({ ...one, file }))
  if (yaml.rest === undefined) return { ok: false, defects: sorted(here), hosts: [], limits: [], notes: [] }
  const { hosts, limits, notes, ...rest } = judge(yaml.rest, file, options)
  const isElse = ({ path }: Pick<Defect, 'path'>): boolean => !here.some((one) => one.path.every((step, index) => step === path[index]))
  return {
    ok: false,
    defects: sorted([...here, ...(rest.ok ? [] : rest.defects.filter(isElse))]),
    hosts,
    limits,
    notes: notes.filter(isElse),
  }
}

function judge(yaml: YamlText, file: string, options: LoadOptions): LoadedGateway {
  const parsed = parseGateway(yaml.value)
  const { gateway, ...linked } = linkGateway(parsed, { now: Date.now(), certificates: certificateReader('.'), ...options })
  const notes = linked.notes.map((note) => ({ ...note, ...yaml.locate(note.path), file }))
  const hosts = hostsOf(parsed, yaml.locate)
  const limits = limitsOf(parsed, yaml.locate)
  if (gateway !== undefined) {
    const base = compileGateway(gateway, digest)
    const all = [...limits, ...poolLimitsOf(base, yaml.locate)]
    return { ok: true, base, gateway, hosts, limits: all, notes, locate: yaml.locate }
  }
  const defects = sorted(linked.defects.map((one) => ({ ...one, ...yaml.locate(one.path, one.atKey), file })))
  return { ok: false, defects, hosts, limits, notes }
}

/** What must reach the gateway on a host of operators. */
const OPERATORS_PATHS: LocatedHost['paths'] = [{ kind: 'prefix', value: '/.well-known/meridian' }]

function hostsOf({ file, place }: ParsedGateway, locate: (path: Defect['path']) => Place): readonly LocatedHost[] {
  const located = (host: string, paths: LocatedHost['paths'], at: Defect['path']): LocatedHost => {
    const path = place(at)
    return { host, paths, path, ...locate(path) }
  }
  return [
    ...(file?.routes ?? []).flatMap(({ hosts, paths }, route) =>
      hosts.map((host, index) => located(host, paths, ['routes', route, 'hosts', index])),
    ),
    ...(file?.operators.hosts ?? []).map((host, index) => located(host, OPERATORS_PATHS, ['operators', 'hosts', index])),
  ]
}

/** Of hosts, then of routes, with the places of their rates. */
function limitsOf({ file, place }: ParsedGateway, locate: (path: Defect['path']) => Place): readonly LocatedLimit[] {
  const all = [
    ...(file?.admission ?? []).map(({ rateLimits }, index) => ({ rateLimits, steps: ['admission', index] })),
    ...(file?.routes ?? []).map(({ admission }, index) => ({
      rateLimits: admission?.rateLimits ?? [],
      steps: ['routes', index, 'admission'],
    })),
  ]
  return all.flatMap(({ rateLimits, steps }) =>
    rateLimits.map(({ name, rate, scope }, index) => {
      const path = place([...steps, 'rateLimits', index, 'rate'])
      return { limit: { id: name, scope, ...rate }, path, ...locate(path) }
    }),
  )
}

/** Of pools, each class at the place of their rate; which classes there are, all routes together say. */
function poolLimitsOf({ pools }: Base, locate: (path: Defect['path']) => Place): readonly LocatedLimit[] {
  return pools.flatMap(({ id, limits }) => {
    const path = ['pools', id, 'limits', 'rate']
    return limits === undefined ? [] : classLimits(id, limits).map((limit) => ({ limit, path, ...locate(path) }))
  })
}

const sorted = (defects: readonly LocatedDefect[]): readonly LocatedDefect[] =>
  defects.toSorted((a, b) => a.line - b.line || a.column - b.column)
