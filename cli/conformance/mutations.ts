/** Ways to break what a run configures, each of which must turn rows red: a suite that passes whatever is done proves nothing. */
import type { FilterEntries, GatewayDocument, PathEntry, RouteEntry, ValueMatch } from '../import/document.ts'
import type { Mutation } from './prepare.ts'

export interface NamedMutation {
  readonly what: string
  readonly mutate: Mutation
}

const eachRoute =
  (change: (route: RouteEntry) => RouteEntry): Mutation =>
  (document: GatewayDocument) => ({ ...document, routes: document.routes.map(change) })

/** Filters of a route or of one of its pools, left out. */
function unfiltered<Entry extends FilterEntries>(entry: Entry): Omit<Entry, 'requestHeaders' | 'responseHeaders' | 'rewrite'> {
  const { requestHeaders: _requestHeaders, responseHeaders: _responseHeaders, rewrite: _rewrite, ...rest } = entry
  return rest
}

/** Another text that is valid wherever the first is. */
const other = (text: string): string => `${text === '/' ? '' : text.replace(/\/$/, '')}x`

const otherPath = (path: PathEntry): PathEntry => {
  if (typeof path === 'string') return path === '/' ? '/x' : other(path)
  return 'exact' in path ? { exact: other(path.exact) } : { regex: other(path.regex) }
}

const otherValues = (values: Readonly<Record<string, ValueMatch>>): Readonly<Record<string, ValueMatch>> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? other(value) : { regex: other(value.regex) }]),
  )

const otherHost = (host: string): string => (host === '*' ? host : host.startsWith('*.') ? `*.x${host.slice(2)}` : `x${host}`)

export const MUTATIONS = {
  'wrong-conditions': {
    what: 'paths, headers and parameters are matched with another value, methods with another method',
    mutate: eachRoute(({ paths, methods, headers, query, ...rest }) => ({
      ...rest,
      ...(paths === undefined ? {} : { paths: paths.map(otherPath) }),
      ...(methods === undefined ? {} : { methods: methods.map((method) => (method === 'LOCK' ? 'PUT' : 'LOCK')) }),
      ...(headers === undefined ? {} : { headers: otherValues(headers) }),
      ...(query === undefined ? {} : { query: otherValues(query) }),
    })),
  },
  'wrong-hosts': {
    what: 'hosts are matched with another name, schemes and ports with others',
    mutate: eachRoute(({ hosts, schemes, ports, ...rest }) => ({
      ...rest,
      hosts: hosts.map(otherHost),
      ...(schemes === undefined ? {} : { schemes: schemes.map((scheme) => (scheme === 'http' ? 'https' : 'http')) }),
      ...(ports === undefined ? {} : { ports: ports.map((port) => port + 1) }),
    })),
  },
  unfiltered: {
    what: 'headers and paths are not changed, nothing is mirrored, CORS is not answered',
    mutate: eachRoute((route) => {
      const { cors: _cors, mirrors: _mirrors, pools, ...rest } = unfiltered(route)
      return { ...rest, ...(pools === undefined ? {} : { pools: pools.map(unfiltered) }) }
    }),
  },
  unredirected: {
    what: 'redirects are answered 404',
    mutate: eachRoute(({ redirect, pools, ...rest }) => {
      if (redirect !== undefined) return { ...rest, reply: { status: 404 } }
      return pools === undefined ? rest : { ...rest, pools: pools.map(({ redirect: _redirect, ...pool }) => pool) }
    }),
  },
  'even-weights': {
    what: 'all pools of a route have the same weight',
    mutate: eachRoute(({ pools, ...rest }) =>
      pools === undefined ? rest : { ...rest, pools: pools.map((pool) => ({ ...pool, weight: 1 })) },
    ),
  },
  impatient: {
    what: 'one attempt, and no timeout of the route',
    mutate: eachRoute(({ retry: _retry, timeouts: _timeouts, ...rest }) => ({ ...rest, retry: { attemptsMax: 1 } })),
  },
  shuffled: {
    what: 'each pool has the endpoints of the next, and what is answered 404 or 500 is answered 418',
    mutate: ({ pools, routes }) => {
      const names = Object.keys(pools)
      const moved = Object.entries(pools).map(([, pool], index) => [names[(index + 1) % names.length] ?? '', pool] as const)
      return {
        pools: Object.fromEntries(moved),
        routes: routes.map((route) => (route.reply === undefined ? route : { ...route, reply: { status: 418 } })),
      }
    },
  },
} as const satisfies Record<string, NamedMutation>

export type MutationName = keyof typeof MUTATIONS

export const isMutation = (name: string): name is MutationName => Object.hasOwn(MUTATIONS, name)
