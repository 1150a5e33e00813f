/** What the isolate that answered has in force beside the configuration: weights, drains, releases, and what emergency.json takes away. */
import { styleText } from 'node:util'
import type { Drain, Emergency, InForce, ReleaseOrder } from '../../config/overlay.ts'
import { percentOf } from '../operate/render-releases.ts'
import { showTarget } from '../plan/find-target.ts'
import { ignoredLines } from './in-force.ts'
import { showLength } from './show-length.ts'

/** None where all is as the configuration says. */
export function inForceLines(inForce: InForce | undefined): string[] {
  if (inForce === undefined) return []
  const { overlay, emergencies } = inForce
  const lines = [
    ...emergencies.flatMap(emergencyLines),
    ...Object.entries(overlay?.weights ?? {}).map(([pool, weights]) => `  weights of ${pool}: ${listed(weights)}`),
    ...(overlay?.drains ?? []).map(drainLine),
    ...Object.entries(overlay?.releases ?? {}).map(releaseLine),
    ...ignoredLines(inForce).map((line) => styleText('yellow', line)),
  ]
  if (lines.length === 0) return []
  const revision = overlay === undefined ? '' : ` · revision ${overlay.order.revision}`
  return ['', `${styleText('bold', 'in force beside the configuration')}${revision} (whose word it is: npx meridian drift)`, ...lines]
}

const listed = (weights: Readonly<Record<string, number>>): string =>
  Object.entries(weights)
    .map(([endpoint, weight]) => `${endpoint} ${weight}`)
    .join(', ')

function drainLine({ target, direction, over, begun }: Drain): string {
  const left = over - begun
  const going = left > 0 ? `, ${showLength(left)} to go` : ''
  return direction === 'out'
    ? styleText('yellow', `  drained: ${showTarget(target)}${going}`)
    : `  coming back: ${showTarget(target)}${going}`
}

function releaseLine([release, { weight, mirror, killed }]: readonly [string, ReleaseOrder]): string {
  const mirrored = mirror > 0 ? `, ${percentOf(mirror)} mirrored` : ''
  return `  release ${release}: ${killed ? styleText('red', 'killed') : `${percentOf(weight)} on the canary${mirrored}`}`
}

function emergencyLines({ drain, weightZero, freeze, killCanary }: Emergency): string[] {
  const said = (what: string, names: readonly string[]): string[] => (names.length === 0 ? [] : [`${what} ${names.join(', ')}`])
  const takes = [
    ...said('drained', drain),
    ...said('nothing new to', weightZero),
    ...said('frozen', freeze),
    ...said('canaries killed', killCanary),
  ]
  return [styleText('red', `  emergency.json: ${takes.join('; ') || 'takes nothing away'}`)]
}
