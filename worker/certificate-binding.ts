/** The bindings that present client certificates to endpoints (`[[mtls_certificates]]` of wrangler.toml), found by their names. */

/** Undefined where there is none of the name, or it is something else. */
export function certificateBinding(bindings: object, name: string): Pick<Fetcher, 'fetch'> | undefined {
  const binding = (bindings as Readonly<Record<string, unknown>>)[name]
  return isFetcher(binding) ? binding : undefined
}

const isFetcher = (binding: unknown): binding is Pick<Fetcher, 'fetch'> =>
  typeof binding === 'object' && binding !== null && 'fetch' in binding && typeof binding.fetch === 'function'
