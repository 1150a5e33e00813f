/** What this gateway lacks of the secrets and bindings that its configuration counts on, for operators: the same for every isolate of a version. */
import type { Base } from '../../config/base.ts'
import { keySetSources } from '../../config/compile-key-source.ts'
import { issuersOf } from '../../config/operators.ts'
import { rateLimitsOf } from '../../config/rate-limit.ts'
import { RELEASE_KEY_MIN } from '../../config/release-token.ts'
import { certificateBinding } from '../certificate-binding.ts'
import type { EdgeSigner } from '../identity/edge-signer.ts'
import { releaseKey } from '../recognise-signed.ts'

export async function lacks(
  base: Base,
  bindings: { readonly SNAPSHOT_KEY?: string; readonly RELEASE_KEY?: string; readonly LIMITER?: unknown; readonly DIRECTOR?: unknown },
  signer: EdgeSigner | undefined,
): Promise<readonly string[]> {
  const { pools, routes } = base
  const signs = routes.some(({ admission }) => admission?.identity?.token !== undefined)
  const keys = signs && signer !== undefined ? await signer.problems() : []
  const certificates = pools.flatMap(({ endpoints }) =>
    endpoints.flatMap(({ id, clientCertificate: name }) =>
      name === undefined || certificateBinding(bindings, name) !== undefined
        ? []
        : [`endpoint ${id} cannot be asked: the gateway has no binding ${name} (mtls_certificates of wrangler.toml)`],
    ),
  )
  const unshared =
    (bindings.SNAPSHOT_KEY ?? '') !== '' || keySetSources(issuersOf(base)).length === 0
      ? []
      : ['the secret SNAPSHOT_KEY is missing: a cold isolate that no vantage answers has no keys of issuers']
  const uncounted =
    bindings.LIMITER !== undefined || rateLimitsOf(base).every(({ scope }) => scope !== 'global')
      ? []
      : ['limits for all colos are not counted: the gateway has no binding LIMITER (durable_objects of wrangler.toml)']
  const undirected =
    bindings.DIRECTOR === undefined
      ? ['nothing can be changed without a deploy: the gateway has no binding DIRECTOR (durable_objects of wrangler.toml)']
      : []
  return [...keys, ...certificates, ...unshared, ...uncounted, ...undirected, ...unsigned(base, bindings.RELEASE_KEY)]
}

/** Whoever is recognised by something signed is not, and stays on stable. */
function unsigned({ releases = [] }: Base, secret: string | undefined): readonly string[] {
  if (releaseKey(secret) !== undefined) return []
  return releases.flatMap(({ id, key, override }) => {
    const lost = [
      ...(key.kind === 'cookie' ? ['nobody is moved to its canary'] : []),
      ...(override?.header === undefined && override?.cookie === undefined ? [] : ['no override token counts']),
    ]
    return lost.length === 0
      ? []
      : [`release ${id}: the secret RELEASE_KEY is missing or shorter than ${RELEASE_KEY_MIN} characters: ${lost.join(', ')}`]
  })
}
