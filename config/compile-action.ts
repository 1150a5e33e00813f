/** Writes out what a linked route does. */
import type { ForwardAction, PathChange, RouteAction } from './action.ts'
import { poolId } from './ids.ts'
import type { LinkedAction, LinkedRoute } from './link-gateway.ts'

export function compileAction({ action, home }: LinkedRoute): RouteAction {
  switch (action.kind) {
    case 'forward':
      return compileForward(action, home?.name)
    case 'redirect': {
      const { path, prefix, ...rest } = action.file
      const change = compilePathChange({ path, prefix })
      return { kind: 'redirect', ...given(rest), ...(change === undefined ? {} : { path: change }) }
    }
    case 'reply':
      return { kind: 'reply', ...given(action.file) }
    default:
      return action satisfies never
  }
}

function compileForward({ pools }: Extract<LinkedAction, { kind: 'forward' }>, home: string | undefined): ForwardAction {
  const ofHome = pools.length === 1 ? undefined : pools.find(({ pool }) => pool.endpoints.some(({ name }) => name === home))
  return {
    kind: 'forward',
    pools: pools.map(({ pool, weight }) => ({ pool: poolId(pool.name), weight })),
    ...(ofHome === undefined ? {} : { homePool: poolId(ofHome.pool.name) }),
  }
}

type Given<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> }

/** Without the fields that hold nothing, which a parsed file may have. */
const given = <Fields extends object>(fields: Fields): Given<Fields> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>

interface PathChangeFile {
  readonly path?: string | undefined
  readonly prefix?: string | undefined
}

function compilePathChange({ path, prefix }: PathChangeFile): PathChange | undefined {
  if (path !== undefined) return { kind: 'full', value: path }
  return prefix === undefined ? undefined : { kind: 'prefix', value: prefix.replace(/\/$/, '') }
}
