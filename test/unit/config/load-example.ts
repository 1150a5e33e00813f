/** The committed configurations as bases, for tests of what they say. */
import { resolve } from 'node:path'
import { loadGateway } from '../../../cli/load-gateway.ts'
import { PLAIN, showDefect } from '../../../cli/show-defects.ts'
import type { Base } from '../../../config/base.ts'

export const ROOT = resolve(import.meta.dirname, '../../..')

export function load(file: string, local = false): Base {
  const loaded = loadGateway(resolve(ROOT, file), { local }, file)
  if (!loaded.ok) throw new Error(loaded.defects.map((defect) => showDefect(defect, PLAIN)).join('\n'))
  return loaded.base
}

export const routeOf = (base: Base, id: string) => base.routes.find((route) => route.id === id)
