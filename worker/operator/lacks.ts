/** What this gateway lacks of the secrets and bindings that its configuration counts on, for operators: the same for every isolate of a version. */
import type { Base } from '../../config/base.ts'
import { keySetSources } from '../../config/compile-key-source.ts'
import { certificateBinding } from '../certificate-binding.ts'
import type { EdgeSigner } from '../identity/edge-signer.ts'

export async function lacks(
  { pools, routes, admission }: Base,
  bindings: object,
  signer: EdgeSigner | undefined,
): Promise<readonly string[]> {
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
    'SNAPSHOT_KEY' in bindings || keySetSources(admission?.issuers ?? []).length === 0
      ? []
      : ['the secret SNAPSHOT_KEY is missing: a cold isolate that no vantage answers has no keys of issuers']
  return [...keys, ...certificates, ...unshared]
}
