/** What all rotation rows share: an issuer on a socket, ingresses that demand a client certificate and tokens of the edge, and both bundles. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Base } from '../../config/base.ts'
import { KEYS_PATH } from '../../config/forwarded-identity.ts'
import { newEdgeKey } from '../edge-key.ts'
import { type LocalCertificates, localCertificates } from '../local/certificates.ts'
import { writeBase, writeGatewayFiles } from '../local/gateway-files.ts'
import { type LocalIssuer, startIssuer } from '../local/issuer.ts'
import type { Issued } from '../local/make-certificate.ts'
import { freePorts } from '../local/ports.ts'
import { PROJECT } from '../local/run-file.ts'
import { writeSampleConfig } from '../local/sample-config.ts'
import { type SampleIngress, startIngress, stopIngress } from '../local/sample-ingress.ts'
import { SAMPLE_REGIONS } from '../local/sample-regions.ts'
import { KEYS_HELD_MS, type Version } from './rotation-rows.ts'
import type { RunningVersion, VersionRuntime } from './version-runtime.ts'
import { bundle, compile, readBundle } from './world.ts'

const CONFIG = join(PROJECT, 'cli/failover/rotation.yaml')
/** As the configuration names it. */
const BINDING = 'EDGE_CERTIFICATE'

export interface RotationWorld {
  /** Where the issuer keeps its keys. */
  readonly folder: string
  readonly issuer: LocalIssuer
  /** A new gateway in these versions, of which the first serves. */
  readonly start: (versions: readonly Version[]) => Promise<VersionRuntime>
  readonly end: () => Promise<void>
}

export async function startRotationWorld(): Promise<RotationWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-rotation-'))
  const certificates = await localCertificates(join(folder, 'certificates'))
  const [port = 0] = await freePorts(1)
  const ingresses: SampleIngress[] = []
  const issuer = await startIssuer(folder, { traffic: 0, control: 0 })
  const end = async (): Promise<void> => {
    await Promise.all([issuer.stop(), ...ingresses.map(stopIngress)])
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const demands = {
      mtls: true,
      edgeToken: { keysUrl: `http://127.0.0.1:${port}${KEYS_PATH}`, paths: ['/sealed'], keysHeldMs: KEYS_HELD_MS },
    }
    const starting = SAMPLE_REGIONS.map((region) =>
      startIngress({ ...region, ports: { traffic: 0, ready: 0, control: 0 } }, join(folder, 'certificates'), demands),
    )
    for (const started of await Promise.allSettled(starting)) if (started.status === 'fulfilled') ingresses.push(started.value)
    if (ingresses.length < starting.length) await Promise.all(starting)
    const config = join(folder, 'gateway.yaml')
    writeSampleConfig(CONFIG, config, { regions: ingresses, issuerPort: issuer.ports.traffic })
    const { configs, bundles } = await build(folder, compile(config))
    return {
      folder,
      issuer,
      end,
      // As with `startGateway`: the runtime is loaded when the worlds before this one have said whom it is to trust.
      start: async (versions) => {
        const { startVersions } = await import('./version-runtime.ts')
        return startVersions({
          configs,
          bundles,
          port,
          versions: running(versions, certificates),
          authority: certificates.authority,
          binding: BINDING,
          probes: certificateOf('first', certificates),
        })
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

async function build(folder: string, base: Base) {
  const settings = { vars: {}, snapshotKey: 'of one run', certificates: join(folder, 'certificates') }
  const files = writeGatewayFiles(join(folder, 'gateway'), settings, { ...base, pools: [] })
  writeBase(files.base, base)
  const [gateway, control] = [join(folder, 'gateway-bundle'), join(folder, 'control-bundle')]
  await Promise.all([bundle(files.configs[0], gateway), bundle(files.configs[1], control)])
  return { configs: files.configs, bundles: { gateway: readBundle(gateway), control: readBundle(control) } }
}

function running(versions: readonly Version[], certificates: LocalCertificates): readonly RunningVersion[] {
  const keys = new Map<string, string>()
  const keyNamed = (name: string): string => {
    const key = keys.get(name) ?? newEdgeKey().secret
    keys.set(name, key)
    return key
  }
  return versions.map(({ signs = 'old', next, certificate }) => ({
    secrets: { EDGE_SIGNING_KEY: keyNamed(signs), ...(next === undefined ? {} : { EDGE_SIGNING_KEY_NEXT: keyNamed(next) }) },
    certificate: certificateOf(certificate, certificates),
  }))
}

function certificateOf(which: Version['certificate'], of: LocalCertificates): Issued {
  switch (which) {
    case 'first':
      return { key: of.gatewayKey, certificate: of.gatewayCertificate }
    case 'second':
      return of.nextGateway
    case 'expired':
      return of.expiredGateway
    default:
      return which satisfies never
  }
}
