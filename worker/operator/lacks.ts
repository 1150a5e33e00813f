/** What this gateway lacks of the secrets and bindings that its configuration counts on, for operators: the same for every isolate of a version. */
import type { Base } from '../../config/base.ts'
import { keySetSources } from '../../config/compile-key-source.ts'
import { issuersOf } from '../../config/operators.ts'
import { rateLimitsOf } from '../../config/rate-limit.ts'
import { certificateBinding } from '../certificate-binding.ts'
import type { EdgeSigner } from '../identity/edge-signer.ts'
import { missingCounters } from './missing-counters.ts'
import { missingReleaseKey } from './missing-release-key.ts'

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
  const counters = missingCounters(base, bindings)
  return [...keys, ...certificates, ...unshared, ...uncounted, ...counters, ...undirected, ...missingReleaseKey(base, bindings.RELEASE_KEY)]
}
