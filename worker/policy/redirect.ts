/**
 * Where a redirect leads (Gateway API, HTTPRequestRedirectFilter). Always an absolute URL, so that nothing of the path can be read as a
 * host. Its host is the configuration's or one that the gateway serves.
 */
import type { RedirectAction } from '../../config/action.ts'
import type { PathMatch } from '../../config/match.ts'
import { changePath } from './change-path.ts'

export interface RequestTarget {
  readonly scheme: 'http' | 'https'
  /** As the client wrote it, with a port or without. */
  readonly authority: string
  /** Lower case, without port. */
  readonly host: string
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
}

/** What `Location` says. */
export function redirectLocation(action: RedirectAction, target: RequestTarget, paths: readonly PathMatch[]): string {
  const scheme = action.scheme ?? target.scheme
  const path = action.path === undefined ? target.path : changePath(action.path, target.path, paths)
  // A scheme brings its own port; without one the port is that at which the request came in.
  const port = action.port ?? (action.scheme === undefined ? portOf(target.authority) : undefined)
  const shown = port === undefined || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`
  return `${scheme}://${action.host ?? target.host}${shown}${path}${target.query}`
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const

function portOf(authority: string): number | undefined {
  const colon = authority.lastIndexOf(':')
  return colon > authority.lastIndexOf(']') ? Number(authority.slice(colon + 1)) : undefined
}
