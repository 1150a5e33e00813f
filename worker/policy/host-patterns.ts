/** Looks up what belongs to a host: under its own name, then under the longest wildcard that takes it, then under `*`. */
import { ANY_HOST } from '../../config/hosts.ts'

export interface HostPatterns<Entry> {
  readonly exactHosts: ReadonlyMap<string, Entry>
  /** By what follows `*.`. */
  readonly wildcardHosts: ReadonlyMap<string, Entry>
}

export function hostPatterns<Entry>(entries: ReadonlyMap<string, Entry>): HostPatterns<Entry> {
  const exactHosts = new Map<string, Entry>()
  const wildcardHosts = new Map<string, Entry>()
  for (const [pattern, entry] of entries) {
    if (pattern.startsWith('*.')) wildcardHosts.set(pattern.slice(2), entry)
    else exactHosts.set(pattern, entry)
  }
  return { exactHosts, wildcardHosts }
}

/** `host` in lower case, without port; undefined when no pattern takes it. */
export function ofMostSpecific<Entry>({ exactHosts, wildcardHosts }: HostPatterns<Entry>, host: string): Entry | undefined {
  const exact = exactHosts.get(host)
  if (exact !== undefined) return exact
  for (let dot = wildcardHosts.size === 0 ? -1 : host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
    const wildcard = wildcardHosts.get(host.slice(dot + 1))
    if (wildcard !== undefined) return wildcard
  }
  return exactHosts.get(ANY_HOST)
}
