/** What a probe asks, by the kind of its monitor; undefined where nothing is asked. */
import type { Monitor } from '../../config/base.ts'
import { askGrpcHealth } from './grpc-health.ts'

export interface ProbeQuestion {
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array<ArrayBuffer>
}

export function probeQuestion({ kind, method, headers, service = '' }: Monitor): ProbeQuestion | undefined {
  switch (kind) {
    case undefined:
      return { method, headers }
    case 'websocket':
      return { method: 'GET', headers: [...headers, ['upgrade', 'websocket']] }
    case 'grpc': {
      const type = 'application/grpc-web+proto'
      return {
        method: 'POST',
        headers: [...headers, ['content-type', type], ['accept', type], ['x-grpc-web', '1']],
        body: askGrpcHealth(service),
      }
    }
    case 'tls':
      return undefined
    default:
      return kind satisfies never
  }
}
