/**
 * Whether the wrangler.toml of both Workers binds the client certificates that endpoints name: without the gateway's the endpoint gets no request,
 * without the control Worker's its probes present none.
 */
import { parse, TomlError } from 'smol-toml'
import type { Base } from '../config/base.ts'
import type { LocatedDefect } from '../config/defect.ts'
import type { LoadedGateway } from './load-gateway.ts'

export interface WranglerText {
  readonly file: string
  readonly text: string
}

type Loaded = Extract<LoadedGateway, { ok: true }>

/** Each binding once for each file that lacks it, where it is first named. One that is no TOML is for `compareHosts` to refuse. */
export function compareCertificates(
  gateway: string,
  { base, locate }: Pick<Loaded, 'base' | 'locate'>,
  wranglers: readonly WranglerText[],
): readonly LocatedDefect[] {
  const wanted = bindingsOf(base)
  return wranglers.flatMap(({ file, text }) => {
    const bound = readBindings(text)
    if (bound === undefined) return []
    return [...wanted]
      .filter(([name]) => !bound.has(name))
      .map(([name, path]) => ({
        code: 'BINDING_MISSING' as const,
        file: gateway,
        path,
        ...locate(path),
        expected: `a binding of ${file}`,
        found: name,
        suggestion: `add { binding = "${name}", certificate_id = "…" } to its mtls_certificates`,
      }))
  })
}

/** With the place that names it first. */
function bindingsOf({ pools }: Pick<Base, 'pools'>): ReadonlyMap<string, readonly string[]> {
  const wanted = new Map<string, readonly string[]>()
  for (const pool of pools) {
    for (const { id, clientCertificate: name } of pool.endpoints)
      if (name !== undefined && !wanted.has(name)) wanted.set(name, ['pools', pool.id, 'endpoints', id, 'clientCertificate'])
  }
  return wanted
}

function readBindings(text: string): ReadonlySet<unknown> | undefined {
  try {
    const { mtls_certificates: entries } = parse(text)
    return new Set(Array.isArray(entries) ? entries.map((entry: unknown) => (entry as { binding?: unknown } | null)?.binding) : [])
  } catch (error) {
    if (error instanceof TomlError) return undefined
    throw error
  }
}
