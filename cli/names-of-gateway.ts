/** The names that files of operators may say, as a gateway configuration has them. */
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import type { KnownNames } from '../config/operator-files/weights-names.ts'
import { loadGateway } from './load-gateway.ts'

export interface NamesOfGateway {
  /** Empty when there is nothing to look names up in. */
  readonly bases: readonly KnownNames[]
  /** Why not, for people. */
  readonly notes: readonly string[]
}

export function knownNames(file: string, local: boolean): NamesOfGateway {
  const shown = relative(process.cwd(), file) || file
  if (!existsSync(file)) return { bases: [], notes: [`there is no ${shown}: its names were not looked up`] }
  const loaded = loadGateway(file, { local }, shown)
  if (!loaded.ok) return { bases: [], notes: [`${shown} has defects: its names were not looked up`] }
  return { bases: [{ pools: loaded.base.pools, releases: loaded.base.releases ?? [] }], notes: [] }
}
