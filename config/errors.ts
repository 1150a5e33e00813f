/**
 * The one table of the gateway's own answers. A code is API: it fixes status, whose fault it was and the flag that
 * Envoy's access log would show (Envoy, "Response flags"), and never changes its meaning. `detail` is all that a client is told.
 */
export interface ErrorFacts {
  readonly status: number
  /** Whose fault: `downstream` the client's, `upstream` the endpoints', `gateway` ours. */
  readonly source: 'downstream' | 'upstream' | 'gateway'
  readonly envoyFlag: string
  readonly detail: string
}

export const ERRORS = {
  ERR_UNKNOWN_HOST: { status: 421, source: 'downstream', envoyFlag: 'NR', detail: 'This gateway does not serve this host.' },
  ERR_NO_ROUTE: { status: 404, source: 'downstream', envoyFlag: 'NR', detail: 'No route takes this request.' },
  ERR_BAD_REQUEST_PATH: { status: 400, source: 'downstream', envoyFlag: 'DPE', detail: 'The path is malformed or ambiguous.' },
  ERR_BAD_REQUEST: { status: 400, source: 'downstream', envoyFlag: 'DPE', detail: 'The request is malformed.' },
  ERR_HEADERS_TOO_LARGE: { status: 431, source: 'downstream', envoyFlag: 'DPE', detail: 'The request headers are too large.' },
  ERR_METHOD_REFUSED: { status: 405, source: 'downstream', envoyFlag: 'DPE', detail: 'This method is not allowed here.' },
  ERR_METHOD_UNKNOWN: { status: 501, source: 'downstream', envoyFlag: 'DPE', detail: 'This method is not implemented.' },
  ERR_LOOP_DETECTED: { status: 508, source: 'downstream', envoyFlag: 'LR', detail: 'The request has passed this gateway too often.' },
  ERR_TOKEN_REQUIRED: { status: 401, source: 'downstream', envoyFlag: 'UAEX', detail: 'A valid token is needed.' },
  ERR_TOKEN_KEY_UNKNOWN: { status: 401, source: 'downstream', envoyFlag: 'UAEX', detail: 'The key of the token is not known, or not yet.' },
  ERR_TOKEN_KEYS_UNAVAILABLE: { status: 503, source: 'gateway', envoyFlag: 'UAEX', detail: 'Tokens cannot be judged at the moment.' },
  ERR_CERTIFICATE_REQUIRED: { status: 403, source: 'downstream', envoyFlag: 'UAEX', detail: 'A valid client certificate is needed.' },
  ERR_TOO_EARLY: { status: 425, source: 'downstream', envoyFlag: 'UAEX', detail: 'Send this again when the handshake is complete.' },
  ERR_FORBIDDEN: { status: 403, source: 'downstream', envoyFlag: 'UAEX', detail: 'This is not allowed.' },
  ERR_RATE_LIMITED: { status: 429, source: 'downstream', envoyFlag: 'RL', detail: 'These requests come too often.' },
  ERR_LIMIT_UNAVAILABLE: { status: 503, source: 'gateway', envoyFlag: 'RLSE', detail: 'Requests cannot be counted at the moment.' },
  ERR_IDENTITY_UNSIGNED: {
    status: 503,
    source: 'gateway',
    envoyFlag: 'UAEX',
    detail: 'The gateway cannot vouch for requests at the moment.',
  },
  ERR_CLIENT_GONE: { status: 499, source: 'downstream', envoyFlag: 'DC', detail: 'The client went away.' },
  ERR_NO_HEALTHY_ENDPOINT: { status: 503, source: 'upstream', envoyFlag: 'UH', detail: 'No endpoint can take this request.' },
  ERR_NO_WEIGHT: { status: 500, source: 'gateway', envoyFlag: 'NC', detail: 'No pool takes requests of this route.' },
  ERR_OVER_LIMIT: { status: 503, source: 'upstream', envoyFlag: 'UO', detail: 'The endpoints have as many requests as they may have.' },
  ERR_SHED: { status: 503, source: 'gateway', envoyFlag: 'UO', detail: 'Requests of this priority are shed while the endpoints are full.' },
  ERR_FAULT_INJECTED: { status: 503, source: 'gateway', envoyFlag: 'FI', detail: 'Operators made this request fail on purpose.' },
  ERR_HOME_OUT: { status: 503, source: 'upstream', envoyFlag: 'UH', detail: 'The home of these writes is out.' },
  ERR_ATTEMPTS_FAILED: {
    status: 502,
    source: 'upstream',
    envoyFlag: 'URX',
    detail: 'Whoever was asked answered with a failure; the last answer is passed on.',
  },
  ERR_CONNECT_FAILED: { status: 502, source: 'upstream', envoyFlag: 'UF', detail: 'The endpoint could not be reached.' },
  ERR_CONNECTION_LOST: { status: 502, source: 'upstream', envoyFlag: 'UC', detail: 'The endpoint broke the connection.' },
  ERR_BAD_RESPONSE: { status: 502, source: 'upstream', envoyFlag: 'UPE', detail: 'The endpoint did not answer in HTTP.' },
  ERR_WRITE_NOT_REPLAYED: {
    status: 502,
    source: 'upstream',
    envoyFlag: 'UC',
    detail: 'The write failed and was not repeated: the endpoint may have seen it.',
  },
  ERR_BODY_NOT_REPLAYABLE: {
    status: 502,
    source: 'upstream',
    envoyFlag: 'UC',
    detail: 'The request failed and its body was too large to send again.',
  },
  ERR_ATTEMPT_TIMEOUT: { status: 504, source: 'upstream', envoyFlag: 'UT', detail: 'The endpoint did not answer in time.' },
  ERR_REQUEST_TIMEOUT: { status: 504, source: 'upstream', envoyFlag: 'UT', detail: 'No endpoint answered in time.' },
  ERR_INTERNAL: { status: 500, source: 'gateway', envoyFlag: '-', detail: 'The gateway failed.' },
} as const satisfies Record<`ERR_${string}`, ErrorFacts>

export type GatewayErrorCode = keyof typeof ERRORS
