/**
 * Whether an answer is what a case expects, as the harness of the Gateway API judges it. Bodies are looked at only in an answer of 200 or
 * 204; header values are compared as one text joined with commas; any timeout status stands for the others.
 */
import type { ConformanceCase, Headers } from './case.ts'
import type { Echo } from './echo.ts'

export interface Answer {
  readonly status: number
  /** Names in lower case, values joined with `,`. */
  readonly headers: ReadonlyMap<string, string>
  /** What the endpoint saw; absent when the answer is none of an echo. */
  readonly echo?: Echo
}

/** What was sent, with the host in it. */
export interface Sent {
  readonly host: string
  readonly path: string
}

const TIMEOUTS: readonly number[] = [408, 504]

/** What is wrong, in words; undefined when nothing is. */
export function judge(one: ConformanceCase, sent: Sent, answer: Answer): string | undefined {
  const { statuses, redirect } = one.expect
  const isTimeout = TIMEOUTS.includes(answer.status) && statuses.some((status) => TIMEOUTS.includes(status))
  if (!statuses.includes(answer.status) && !isTimeout) return `status ${answer.status}, expected ${statuses.join(' or ')}`
  const problem = answer.status === 200 || answer.status === 204 ? judgeEcho(one, sent, answer) : undefined
  return problem ?? judgeResponse(one, answer) ?? (redirect === undefined ? undefined : judgeRedirect(one, sent, answer))
}

function judgeEcho({ request, expect }: ConformanceCase, sent: Sent, { echo }: Answer): string | undefined {
  const { seen, backend, namespace } = expect
  // What no echo answers is taken to have had the request's method and no path.
  const { path, method } = echo ?? { path: '', method: request.method }
  const wantedPath = seen.path ?? sent.path
  if (path !== wantedPath) return `the endpoint saw the path "${path}", expected "${wantedPath}"`
  const wantedMethod = seen.method ?? request.method
  if (method !== wantedMethod) return `the endpoint saw the method ${method}, expected ${wantedMethod}`
  if (seen.host !== undefined && echo?.host !== seen.host) return `the endpoint saw the host "${echo?.host}", expected "${seen.host}"`
  if (namespace !== undefined && echo !== undefined && echo.namespace !== namespace)
    return `answered from namespace ${echo.namespace}, expected ${namespace}`
  if (backend !== undefined && echo?.pod.startsWith(backend) !== true) return `answered by ${echo?.pod ?? 'nobody'}, expected ${backend}`
  const headers = new Map(Object.entries(echo?.headers ?? {}).map(([name, values]) => [name.toLowerCase(), values.join(',')]))
  return compareHeaders('the endpoint saw', headers, seen.headers, false) ?? compareAbsent('the endpoint saw', headers, seen.absent)
}

function judgeResponse({ expect }: ConformanceCase, { headers }: Answer): string | undefined {
  const { response } = expect
  const normal = (text: string | undefined) => (response.ignoreWhitespace ? text?.replaceAll(' ', '') : text)
  for (const [name, values] of Object.entries(response.oneOf)) {
    const actual = headers.get(name.toLowerCase())
    if (!values.some((value) => normal(value) === normal(actual)))
      return `answered ${name}: ${actual ?? 'none'}, expected ${values.join(' or ')}`
  }
  return (
    compareHeaders('answered', headers, response.headers, response.ignoreWhitespace) ?? compareAbsent('answered', headers, response.absent)
  )
}

function compareHeaders(what: string, actual: ReadonlyMap<string, string>, wanted: Headers, ignoreWhitespace: boolean): string | undefined {
  const normal = (text: string | undefined) => (ignoreWhitespace ? text?.replaceAll(' ', '') : text)
  for (const [name, value] of Object.entries(wanted)) {
    const held = actual.get(name.toLowerCase())
    if (normal(held) !== normal(value)) return `${what} ${name}: ${held ?? 'none'}, expected ${value}`
  }
  return undefined
}

function compareAbsent(what: string, actual: ReadonlyMap<string, string>, names: readonly string[]): string | undefined {
  const held = names.find((name) => actual.has(name.toLowerCase()))
  return held === undefined ? undefined : `${what} ${held}: ${actual.get(held.toLowerCase())}, expected none`
}

function judgeRedirect({ scheme, expect }: ConformanceCase, sent: Sent, { headers }: Answer): string | undefined {
  const written = headers.get('location') ?? ''
  const location = URL.parse(written)
  if (location === null) return `Location is "${written}", expected an absolute URL`
  const wanted = expect.redirect ?? {}
  const parts = [
    ['scheme', location.protocol.slice(0, -1), wanted.scheme ?? scheme],
    ['host', location.hostname, wanted.host ?? sent.host.replace(/:\d+$/, '')],
    ['path', location.pathname, wanted.path ?? sent.path.replace(/\?.*$/, '')],
    // A URL shows no port where it is that of its scheme.
    ['port', location.port, wanted.port ?? ''],
  ] as const
  const wrong = parts.find(([, actual, expected]) => actual !== expected)
  return wrong === undefined ? undefined : `Location is ${written}: ${wrong[0]} "${wrong[1]}", expected "${wrong[2]}"`
}
