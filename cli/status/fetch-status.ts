/** Asks a gateway for its status document. */
import type { Result } from '../../config/result.ts'
import type { StatusDocument } from '../../config/status.ts'
import { askGateway } from '../ask-gateway.ts'
import type { GatewayAddress } from '../find-gateway.ts'

export const fetchStatus = async (address: GatewayAddress): Promise<Result<StatusDocument, string>> =>
  (await askGateway(address, { noun: 'status' })) as Result<StatusDocument, string>
