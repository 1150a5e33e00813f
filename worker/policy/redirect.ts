/**
 * Where a redirect leads (Gateway API, HTTPRequestRedirectFilter). Always an absolute URL, so that nothing of the path can be read as a
 * host. Its host is the configuration's or one that the gateway serves.
 */
import type { RedirectAction } from '../../config/action.ts'
import type { PathMatch } from '../../config/match.ts'
import { changePath } from './change-path.ts'
import { isSafe } from './replay-rule.ts'

export interface RequestTarget {
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** As the client wrote it, with a port or without. */
  readonly authority: string
  /** Lower case, without port. */
  readonly host: string
  readonly path: string
  /** With its `?`, or empty. */
  readonly query: string
}

export type Redirect = { readonly kind: 'to'; readonly location: string } | { readonly kind: 'loop' }

const LOOP: Redirect = { kind: 'loop' }

export function redirect(action: RedirectAction, target: RequestTarget, paths: readonly PathMatch[]): Redirect {
  const scheme = action.scheme ?? target.scheme
  const path = action.path === undefined ? target.path : changePath(action.path, target.path, paths)
  const from = urlOf(target.scheme, target.host, portOf(target.authority), target.path)
  // A scheme brings its own port; without one the port is that at which the request came in.
  const port = action.port ?? (action.scheme === undefined ? portOf(target.authority) : undefined)
  const to = urlOf(scheme, action.host ?? target.host, port, path)
  return to === from && keepsMethod(action, target.method) ? LOOP : { kind: 'to', location: to + target.query }
}

/** A 303 makes a GET of a write, and so do browsers with 301 and 302: another route may take that. */
const keepsMethod = ({ status }: RedirectAction, method: string): boolean => isSafe(method) || status === 307 || status === 308

function urlOf(scheme: 'http' | 'https', host: string, port: number | undefined, path: string): string {
  const shown = port === undefined || port === DEFAULT_PORTS[scheme] ? '' : `:${port}`
  return `${scheme}://${host}${shown}${path}`
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const

function portOf(authority: string): number | undefined {
  const colon = authority.lastIndexOf(':')
  return colon > authority.lastIndexOf(']') ? Number(authority.slice(colon + 1)) : undefined
}
