/** Names of a small gateway, for the files of operators. */
import { endpointId, poolId, releaseId } from '../../../config/ids.ts'
import type { KnownNames } from '../../../config/operator-files/weights-names.ts'

const endpoint = (id: string, cloud: string, region: string, weight = 1) => ({ id: endpointId(id), cloud, region, weight, drain: false })

export const knownNames = (): KnownNames => ({
  pools: [
    { id: poolId('shop'), endpoints: [endpoint('aws-use1', 'aws', 'us-east-1'), endpoint('gcp-euw1', 'gcp', 'europe-west1')] },
    { id: poolId('images'), endpoints: [endpoint('images-use1', 'aws', 'us-east-1', 3), endpoint('images-spare', 'aws', 'us-east-1', 0)] },
  ],
  releases: [{ id: releaseId('checkout') }],
})
