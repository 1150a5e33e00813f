/** Writes out what a linked route does. */
import type { ForwardAction, PathChange, RedirectAction, ReplyAction, Rewrite, RouteAction, RouteFilters, WeightedPool } from './action.ts'
import { poolId, releaseId } from './ids.ts'
import type { LinkedAction, LinkedRoute, LinkedWeightedPool, WeightedPoolFile } from './link-gateway.ts'
import type { Mirror } from './mirror.ts'
import type { RouteFile } from './parse-gateway.ts'
import type { RegexProgram } from './regex/program.ts'
import type { Replacement } from './regex/replacement.ts'

export function compileAction({ action, home }: LinkedRoute): RouteAction {
  switch (action.kind) {
    case 'forward':
      return compileForward(action, home?.name)
    case 'redirect':
      return compileRedirect(action.file)
    case 'reply':
      return compileReply(action.file)
    default:
      return action satisfies never
  }
}

function compileRedirect({ path, prefix, ...rest }: NonNullable<WeightedPoolFile['redirect']>): RedirectAction {
  return given({ kind: 'redirect' as const, ...rest, path: compilePathChange({ path, prefix }) })
}

const compileReply = (file: NonNullable<WeightedPoolFile['reply']>): ReplyAction => ({ kind: 'reply', ...given(file) })

function compileForward({ pools, replies, release }: Extract<LinkedAction, { kind: 'forward' }>, home: string | undefined): ForwardAction {
  const ofHome = pools.length === 1 ? undefined : pools.find(({ pool }) => pool.endpoints.some(({ name }) => name === home))
  return {
    kind: 'forward',
    pools: pools.map(compileWeighted),
    ...(replies.length === 0 ? {} : { replies: replies.map(({ weight, file }) => ({ weight, reply: compileReply(file) })) }),
    ...(release === undefined ? {} : { release: { id: releaseId(release.name), canary: compileWeighted(release.canary) } }),
    ...(ofHome === undefined ? {} : { homePool: poolId(ofHome.pool.name) }),
  }
}

const compileWeighted = ({ pool, weight, file }: LinkedWeightedPool): WeightedPool => ({
  pool: poolId(pool.name),
  weight,
  ...(file === undefined ? {} : compileOwn(file)),
})

function compileOwn({ redirect, reply: _reply, ...filters }: WeightedPoolFile): Partial<WeightedPool> {
  return { ...compileFilters(filters), ...(redirect === undefined ? {} : { redirect: compileRedirect(redirect) }) }
}

/** Of a route: what its pools may change too, and what is the route's alone. */
export function compileRouteFilters(file: RouteFile): RouteFilters {
  const { cors, mirrors, faults } = file
  return given({
    ...compileFilters(file),
    cors,
    mirrors: mirrors?.map(({ pool, ...mirror }): Mirror => ({ to: { pool: poolId(pool), weight: 1 }, ...mirror })),
    faults: faults === undefined ? undefined : given(faults),
  })
}

type FiltersFile = Pick<WeightedPoolFile, 'requestHeaders' | 'responseHeaders' | 'rewrite'>
type Filters = Pick<WeightedPool, 'requestHeaders' | 'responseHeaders' | 'rewrite'>

/** Of a route, or of one of its weighted pools. */
function compileFilters({ requestHeaders, responseHeaders, rewrite }: FiltersFile): Filters {
  return given({ requestHeaders, responseHeaders, rewrite: rewrite === undefined ? undefined : compileRewrite(rewrite) })
}

function compileRewrite({ host, ...change }: NonNullable<FiltersFile['rewrite']>): Rewrite {
  return given({ host, path: compilePathChange(change) })
}

type Given<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> }

/** Without the fields that hold nothing, which a parsed file may have. */
const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>

interface PathChangeFile {
  readonly path?: string | undefined
  readonly prefix?: string | undefined
  readonly regex?: { readonly match: RegexProgram; readonly replace: Replacement } | undefined
}

function compilePathChange({ path, prefix, regex }: PathChangeFile): PathChange | undefined {
  if (regex !== undefined) return { kind: 'regex', program: regex.match, replacement: regex.replace }
  if (path !== undefined) return { kind: 'full', value: path }
  return prefix === undefined ? undefined : { kind: 'prefix', value: prefix.replace(/\/$/, '') }
}
