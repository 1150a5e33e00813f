/** What a redirect and a reply must not contradict in themselves. */
import type { Path } from '../defect.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { type Findings, isGiven, lost, refuse } from './findings.ts'

type RedirectFile = NonNullable<RouteFile['redirect']>
type ReplyFile = NonNullable<RouteFile['reply']>

export function refuseRedirect(redirect: RedirectFile, route: RouteFile, at: Path, findings: Findings): void {
  const { scheme, host, port, prefix } = redirect
  // The Gateway API permits it, and another route may take what comes back: a 303 makes a GET of a POST.
  if ([scheme, host, port, prefix, redirect.path].every((each) => each === undefined) && !lost(at, findings))
    findings.notes.push({
      code: 'REDIRECT_TO_ITSELF',
      path: at,
      text: 'leads back to where the request came from: one of scheme, host, port, path, prefix is missing',
    })
  refusePathChange(redirect, route, at, findings)
}

interface PathChangeFile {
  readonly path?: string | undefined
  readonly prefix?: string | undefined
}

/** A change of the path: one way of it, and a prefix only where prefixes are matched. */
export function refusePathChange(change: PathChangeFile, route: RouteFile, path: Path, findings: Findings): void {
  if (change.prefix === undefined) return
  if (change.path !== undefined)
    refuse(findings, { code: 'FIELDS_EXCLUSIVE', path: [...path, 'prefix'], expected: 'nothing beside "path", which replaces the whole' })
  const other = route.paths.find(({ kind }) => kind !== 'prefix')
  if (other !== undefined)
    refuse(findings, {
      code: 'PREFIX_NOT_MATCHED',
      path: [...path, 'prefix'],
      expected: `only prefixes in the paths of the route: ${other.value} is matched as ${other.kind}`,
    })
}

/** RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5: these have no content. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

export function refuseReply(reply: ReplyFile, path: Path, findings: Findings): void {
  refuseForwarding('reply', path, findings)
  refuseBody(reply, [...path, 'reply'], findings)
}

export function refuseBody(reply: ReplyFile, at: Path, findings: Findings): void {
  if (reply.body !== undefined && WITHOUT_BODY.has(reply.status))
    refuse(findings, { code: 'BODY_IMPOSSIBLE', path: [...at, 'body'], expected: `no body beside status ${reply.status}` })
}

/** What only a route that asks an endpoint can use. */
const OF_FORWARDING = [
  'rewrite',
  'requestHeaders',
  'mirrors',
  'faults',
  'writes',
  'home',
  'idempotencyKey',
  'timeouts',
  'retry',
  'replayMax',
  'bufferUpTo',
] as const

/** Refuses what says how an endpoint is asked, beside an action that asks none. */
export function refuseForwarding(kind: string, path: Path, findings: Findings): void {
  for (const field of OF_FORWARDING) {
    if (isGiven([...path, field], findings))
      refuse(findings, {
        code: 'FIELD_WITHOUT_EFFECT',
        path: [...path, field],
        expected: `nothing beside "${kind}", which asks no endpoint`,
        atKey: true,
      })
  }
}
