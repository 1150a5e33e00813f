/** An endpoint of the world, as its base has it: probed once a second, down after two failures. */
import type { ProbeTarget } from '../../../config/base.ts'
import { endpointId, endpointKey, poolId } from '../../../config/ids.ts'
import { ms } from '../../../config/units.ts'

export function targetOf(name: string): ProbeTarget {
  return {
    key: endpointKey(name),
    id: endpointId(name),
    pool: poolId('shop'),
    cloud: 'aws',
    region: name,
    monitor: {
      url: `https://${name}/ready`,
      method: 'GET',
      headers: [],
      interval: ms(1000),
      timeout: ms(800),
      consecutiveUp: 2,
      consecutiveDown: 2,
      statuses: [[200, 299]],
    },
  }
}
