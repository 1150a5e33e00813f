/** The sample configuration for ingresses on other ports than it names. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ISSUER_PORTS } from './issuer.ts'
import { PROJECT } from './run-file.ts'
import { SAMPLE_REGIONS, type SampleRegion } from './sample-regions.ts'

export const SAMPLE_CONFIG = join(PROJECT, 'config/local.yaml')

/** What is not as the sample configuration says it. */
export interface SampleSettings {
  readonly regions: readonly Pick<SampleRegion, 'id' | 'ports' | 'ready' | 'mesh'>[]
  readonly issuerPort?: number
  /** Whether its lines that begin with `#mtls` count. */
  readonly mtls?: boolean
}

/**
 * Writes a copy of `source` to `file` in which every address names the ports of `regions` and of the issuer. Monitors that leave the port to
 * the mesh preset are told it.
 */
export function writeSampleConfig(source: string, file: string, { regions, issuerPort, mtls }: SampleSettings): void {
  let text = readFileSync(source, 'utf8')
  if (mtls === true) text = text.replace(/^( *)#mtls (.*)$/gm, '$1$2')
  if (issuerPort !== undefined) text = text.replaceAll(`127.0.0.1:${ISSUER_PORTS.traffic}`, `127.0.0.1:${issuerPort}`)
  for (const { id, ports, ready, mesh } of regions) {
    const sample = SAMPLE_REGIONS.find((known) => known.id === id)
    if (sample === undefined) throw new Error(`no sample region is called ${id}`)
    text = text.replaceAll(`127.0.0.1:${sample.ports.traffic}`, `127.0.0.1:${ports.traffic}`)
    text = text.replaceAll(`port: ${sample.ports.ready},`, `port: ${ports.ready},`)
    // The preset of Istio knows port and path by itself.
    if (mesh === 'istio' && ports.ready !== sample.ports.ready)
      text = text.replace(/^( *)mesh: istio\b.*$/m, `$1mesh: istio\n$1monitor: { port: ${ports.ready}, path: ${ready.path} }`)
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
