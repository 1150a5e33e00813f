import { describe, expect, test } from 'vitest'
import { ERRORS, type GatewayErrorCode } from '../../../config/errors.ts'
import { classifyGrpc, type GrpcHead } from '../../../worker/policy/classify-grpc.ts'
import { grpcContentType, grpcStatusOf, httpStatusOf, parseGrpcTimeout, readGrpcStatus } from '../../../worker/policy/grpc.ts'
import { grpcStatusFor } from '../../../worker/reply/grpc-reply.ts'

describe('a call says what it is', () => {
  test.each([
    ['application/grpc', 'application/grpc'],
    ['application/grpc+proto', 'application/grpc+proto'],
    ['application/grpc-web', 'application/grpc-web'],
    ['application/grpc-web+proto; charset=utf-8', 'application/grpc-web+proto'],
    ['application/grpc-web-text', 'application/grpc-web-text'],
    ['application/grpc-web-text+json', 'application/grpc-web-text+json'],
    ['application/grpcx', undefined],
    ['application/grpc-web+', undefined],
    ['application/grpc+<script>', undefined],
    ['application/grpc, text/html', undefined],
    [`application/grpc+${'a'.repeat(40)}`, undefined],
    ['application/json', undefined],
  ])('%s: %s', (written, read) => expect(grpcContentType(written)).toBe(read))
})

describe('a call says how long it may take', () => {
  test.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['250m', 250],
    ['1500u', 2],
    ['1n', 1],
    ['0m', 0],
    ['99999999H', 99_999_999 * 3_600_000],
    ['999999999S', undefined],
    ['1.5S', undefined],
    ['-1S', undefined],
    ['5', undefined],
    ['S', undefined],
    ['5s', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s: %s ms', (written, length) => expect(parseGrpcTimeout(written)).toBe(length))
})

describe('the two tables', () => {
  // gRPC, "HTTP to gRPC Status Code Mapping".
  test.each([
    [400, 13],
    [401, 16],
    [403, 7],
    [404, 12],
    [429, 14],
    [502, 14],
    [503, 14],
    [504, 14],
    [200, 2],
    [418, 2],
    [421, 2],
    [500, 2],
    [501, 2],
  ])('HTTP %i is gRPC %i', (http, grpc) => expect(grpcStatusOf(http)).toBe(grpc))

  // google.rpc.Code
  test.each([200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401].map((http, grpc) => [grpc, http]))(
    'gRPC %i is HTTP %i',
    (grpc, http) => expect(httpStatusOf(grpc)).toBe(http),
  )
  test('what gRPC does not know is UNKNOWN', () => {
    expect([httpStatusOf(17), httpStatusOf(99), readGrpcStatus('abc'), readGrpcStatus('-1'), readGrpcStatus('014')]).toEqual([
      500, 500, 2, 2, 2,
    ])
  })

  test('every code of ours has a status that is an error', () => {
    for (const code of Object.keys(ERRORS) as GatewayErrorCode[]) expect(grpcStatusFor(code)).toBeGreaterThan(0)
    expect([grpcStatusFor('ERR_REQUEST_TIMEOUT'), grpcStatusFor('ERR_NO_HEALTHY_ENDPOINT'), grpcStatusFor('ERR_NO_ROUTE')]).toEqual([
      4, 14, 12,
    ])
  })
})

describe('an answer whose status is in its head', () => {
  const head = (status: string, rest: Partial<GrpcHead> = {}): GrpcHead => ({
    status,
    pushback: null,
    retryAfter: null,
    rateLimitedByQuota: false,
    ...rest,
  })
  const NOW = 1_800_000_000_000
  test.each([
    [head('0'), { kind: 'answered', status: 200, grpcStatus: 0 }],
    [head('5'), { kind: 'answered', status: 404, grpcStatus: 5 }],
    [head('13'), { kind: 'answered', status: 500, grpcStatus: 13 }],
    [head('14'), { kind: 'failed-status', status: 503, grpcStatus: 14, phase: 'status', originSaw: 'unknown' }],
    [
      head('14', { pushback: '250' }),
      { kind: 'failed-status', status: 503, grpcStatus: 14, phase: 'status', originSaw: 'unknown', retryAfter: 250 },
    ],
    [
      head('14', { retryAfter: '3' }),
      { kind: 'failed-status', status: 503, grpcStatus: 14, phase: 'status', originSaw: 'unknown', retryAfter: 3000 },
    ],
    // gRFC A6: negative and unreadable mean that it must not be tried again.
    [head('14', { pushback: '-1' }), { kind: 'answered', status: 503, grpcStatus: 14 }],
    [head('14', { pushback: 'soon' }), { kind: 'answered', status: 503, grpcStatus: 14 }],
    [head('4'), { kind: 'failed-status', status: 504, grpcStatus: 4, phase: 'timeout', originSaw: 'unknown' }],
    [head('8'), { kind: 'answered', status: 429, grpcStatus: 8 }],
    [head('8', { pushback: '1000' }), { kind: 'overloaded', status: 429, grpcStatus: 8, retryAfter: 1000 }],
    [head('8', { pushback: '1000', rateLimitedByQuota: true }), { kind: 'answered', status: 429, grpcStatus: 8 }],
    [head('nonsense'), { kind: 'answered', status: 500, grpcStatus: 2 }],
  ])('%j', (given, outcome) => expect(classifyGrpc(given, [502, 503, 504], NOW)).toEqual(outcome))

  test('is tried again only where the route tries the status that means the same', () => {
    expect(classifyGrpc(head('14'), [502], NOW).kind).toBe('answered')
    expect(classifyGrpc(head('13'), [500], NOW).kind).toBe('failed-status')
    expect(classifyGrpc(head('8'), [429], NOW)).toMatchObject({ kind: 'failed-status', status: 429, grpcStatus: 8, phase: 'status' })
    expect(classifyGrpc(head('8', { pushback: '1000' }), [429], NOW).kind).toBe('overloaded')
    expect(classifyGrpc(head('8', { rateLimitedByQuota: true }), [429], NOW).kind).toBe('answered')
  })
})
