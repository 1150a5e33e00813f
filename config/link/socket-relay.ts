/** What a relay of WebSockets must not contradict: itself, its route's methods, its pool. */
import type { Path } from '../defect.ts'
import type { LinkedAction } from '../link-gateway.ts'
import type { RouteFile } from '../parse-gateway.ts'
import { type Findings, isSure, lost, mostEndpoints, refuse } from './findings.ts'

export function refuseVainRelay({ relayWebSockets, methods }: RouteFile, path: Path, findings: Findings): void {
  if (relayWebSockets === undefined) return
  const at = [...path, 'relayWebSockets']
  if (
    relayWebSockets.messageMax > relayWebSockets.renewAfter &&
    isSure([...at, 'renewAfter'], findings) &&
    isSure([...at, 'messageMax'], findings)
  ) {
    refuse(findings, {
      code: 'BOUNDS_REVERSED',
      path: [...at, 'messageMax'],
      expected: 'a size that is not above "renewAfter": such a message could never pass',
    })
  }
  if (methods.length === 0 || methods.includes('GET') || lost([...path, 'methods'], findings)) return
  refuse(findings, {
    code: 'METHOD_NOT_TAKEN',
    path: at,
    expected: 'GET among the methods: a WebSocket begins with one',
    found: methods.join(', '),
  })
}

/** A relay costs CPU for the sake of moving clients to another endpoint; in a pool of one there is none. */
export function refuseLoneRelay({ relayWebSockets }: RouteFile, action: LinkedAction, path: Path, findings: Findings): void {
  if (relayWebSockets === undefined) return
  const endpoints = mostEndpoints(action, findings)
  if (endpoints > 1) return
  const expected = 'a pool of at least two endpoints: clients are told to reconnect so that another one takes them'
  refuse(findings, {
    code: endpoints === 0 ? 'FIELD_WITHOUT_EFFECT' : 'POOL_TOO_SMALL',
    path: [...path, 'relayWebSockets'],
    expected,
    found: endpoints === 0 ? 'no pool' : '1 endpoint',
  })
}
