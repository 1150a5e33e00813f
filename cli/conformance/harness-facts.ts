/** What the harness of the Gateway API does in code beside its cases, and which of them no Worker can pass. */
import type { ConformanceCase, Extra, Manifest } from './case.ts'

export interface HarnessFacts {
  readonly manifests?: readonly Manifest[]
  readonly extras?: (cases: readonly ConformanceCase[]) => readonly Extra[]
  readonly change?: (cases: readonly ConformanceCase[]) => readonly ConformanceCase[]
}

const INFRA = 'gateway-conformance-infra'

const GRANT = 'ReferenceGrant gateway-conformance-web-backend/reference-grant'

const first = (cases: readonly ConformanceCase[], make: (one: ConformanceCase) => Extra): readonly Extra[] => cases.slice(0, 1).map(make)

export const OF_THE_HARNESS: Readonly<Record<string, HarnessFacts>> = {
  // The second case runs after the grant is deleted.
  HTTPRouteReferenceGrant: {
    change: ([granted, ...deleted]) => [
      ...(granted === undefined ? [] : [granted]),
      ...deleted.map((one) => ({ ...one, name: `${one.name} without ${GRANT}`, without: [GRANT] })),
    ],
  },
  HTTPRouteWeight: {
    extras: (cases) =>
      first(cases, (request) => ({
        kind: 'shares',
        request,
        shares: { 'infra-backend-v1': 0.7, 'infra-backend-v2': 0.3, 'infra-backend-v3': 0 },
      })),
  },
  HTTPRouteRequestHeaderModifierBackendWeights: {
    extras: (cases) => first(cases, (request) => ({ kind: 'header-names-pod', request, header: 'backend' })),
  },
  HTTPRouteBackendProtocolWebSocket: {
    extras: () => [{ kind: 'websocket', gateway: `${INFRA}/same-namespace`, path: '/ws' }],
  },
}

/** Services without pods of their own: the harness gives them the addresses of these. */
export const PODS_OF: Readonly<Record<string, string>> = {
  [`${INFRA}/manual-endpointslices`]: 'infra-backend-v1',
  [`${INFRA}/headless-manual-endpointslices`]: 'infra-backend-v1',
}

/** Cases that need what the platform does not have, with the reason. */
export const IMPOSSIBLE: Readonly<Record<string, string>> = {
  HTTPRouteHTTPSListenerDetectMisdirectedRequests:
    'Cloudflare ends TLS before a Worker runs and does not tell it the server name of the handshake, so a Host that differs from it cannot be answered 421',
  HTTPRouteBackendProtocolH2C: 'fetch of a Worker speaks HTTP/1.1 or, over TLS, HTTP/2: never HTTP/2 with prior knowledge over plain text',
}

/** Tests of what a controller writes into the status of a resource: no request is sent. The reader must say this word. */
export const STATUS_ONLY: Readonly<Record<string, string>> = {
  HTTPRouteDisallowedKind: 'NotAllowedByListeners',
  HTTPRouteInvalidCrossNamespaceParentRef: 'NotAllowedByListeners',
  HTTPRouteInvalidParentRefNotMatchingListenerPort: 'NoMatchingParent',
  HTTPRouteInvalidParentRefNotMatchingSectionName: 'NoMatchingParent',
  HTTPRouteInvalidParentRefSectionNameNotMatchingPort: 'NoMatchingParent',
  HTTPRouteObservedGenerationBump: 'becomes observed-generation-bump',
}
