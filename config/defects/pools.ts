/** Defects of pools and endpoints: names that nothing has, addresses, weights, priorities, steering, monitors. */
import type { DefectFacts } from './facts.ts'

export const POOL_DEFECTS = {
  POOL_UNKNOWN: {
    means: 'A pool is named that the file does not have.',
    instead: 'Name one of its pools, or add this one to "pools".',
  },
  ENDPOINT_UNKNOWN: {
    means: 'An endpoint is named that the pool at hand does not have.',
    instead: 'Name one of its endpoints, or add this one to the pool.',
  },
  CLOUD_MISSPELT: {
    means:
      'A cloud has nearly the name of a known one, and a region of it: misspelt, it would be a cloud of its own without known regions.',
    instead: 'Write the name of the known cloud.',
  },
  REGION_UNPLACED: {
    means: 'The pool steers to the nearest endpoint, and nobody knows where this one is.',
    instead: 'Name a known region of the cloud, or give "coordinates".',
  },
  ADDRESS_SHARED: {
    means: 'Two endpoints of a pool have one address: the one cannot rescue the requests of the other.',
    instead: 'Keep one of them, or give the second the address of another region.',
  },
  GATEWAY_LOOP: {
    means: 'An endpoint or a monitor has a host that this gateway serves, so that its requests come back to the gateway.',
    instead: 'Give the address of the ingress itself, under a name of its own.',
  },
  WEIGHTS_ALL_ZERO: {
    means: 'Every endpoint of a pool has weight 0, so that none of them takes a request.',
    instead: 'Give at least one a weight above 0.',
  },
  PRIORITIES_TOO_FEW: {
    means: 'The pool says when requests are passed on to the next priority, and has no next one.',
    instead: 'Give some endpoints another "priority", or remove the threshold.',
  },
  POOL_TOO_SMALL: {
    means: 'Something needs more endpoints than the pool has: a hedge, a relay that moves clients, a share for panic.',
    instead: 'Add endpoints to the pool, or remove what needs them.',
  },
  CAPACITY_INCOMPLETE: {
    means: 'Some endpoints of a pool have a capacity and some have none, so that their shares cannot be compared.',
    instead: 'Give each endpoint a capacity, or none.',
  },
  BODY_IMPOSSIBLE: {
    means: 'A body is given or expected where HTTP has none: in the answer to HEAD, beside status 204, 205 or 304.',
    instead: 'Remove the body, or change the method or the status.',
  },
  CERTIFICATE_WITHOUT_TLS: {
    means: 'An endpoint without TLS is to be shown a client certificate, which only TLS can show.',
    instead: 'Give it an https URL.',
  },
} as const satisfies Record<string, DefectFacts>
